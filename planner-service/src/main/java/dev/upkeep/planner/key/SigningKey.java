package dev.upkeep.planner.key;

import dev.upkeep.contract.signature.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/**
 * An Ed25519 key that the planner signs with, the audit's heads or its steps, kept in one file as two PEM blocks; the public one lies beside it in a file
 * of its own, to be handed to those who check.
 *
 * @param publicPem the public key as PEM
 */
public record SigningKey(PrivateKey key, PublicKey publicKey, String publicPem) {
    private static final Set<PosixFilePermission> OTHERS =
            Set.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.GROUP_WRITE);

    public SigningKey {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(publicKey, "publicKey");
        Objects.requireNonNull(publicPem, "publicPem");
    }

    /**
     * The key in a file; one is made if there is none, which only its owner may read.
     *
     * @throws IOException naming the file and the fix, if it can't be used: unreadable, no such key, open to others
     */
    public static SigningKey at(Path file) throws IOException {
        if (!Files.exists(file)) {
            make(file);
        }
        if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IOException(file + " may be read or written by others, so its signatures prove nothing: run"
                    + " `chmod 600 " + file + "`, and take a new key if it was exposed");
        }
        String text = Files.readString(file);
        try {
            KeyFactory factory = KeyFactory.getInstance(Pem.ALGORITHM);
            PublicKey publicKey = factory.generatePublic(new X509EncodedKeySpec(block(text, Pem.PUBLIC_KEY, file)));
            SigningKey read = new SigningKey(
                    factory.generatePrivate(new PKCS8EncodedKeySpec(block(text, Pem.PRIVATE_KEY, file))),
                    publicKey,
                    Pem.block(Pem.PUBLIC_KEY, publicKey.getEncoded()));
            read.handOut(file.resolveSibling(file.getFileName() + ".pub"));
            return read;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    file + " holds no " + Pem.ALGORITHM + " key: " + e.getMessage()
                            + "; restore it, or move it away to have one made",
                    e);
        }
    }

    private void handOut(Path file) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(publicPem)) {
            Files.writeString(file, publicPem);
        }
    }

    private static void make(Path file) throws IOException {
        KeyPair pair;
        try {
            pair = KeyPairGenerator.getInstance(Pem.ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
        Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
        Files.createDirectories(directory);
        Path draft = directory.resolve("." + UUID.randomUUID());
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(
                    draft,
                    Pem.block(Pem.PRIVATE_KEY, pair.getPrivate().getEncoded())
                            + Pem.block(Pem.PUBLIC_KEY, pair.getPublic().getEncoded()),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.SYNC);
            // A link appears whole and never replaces: of two that start at once, one makes the key.
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException another) {
            // That one is the key.
        } finally {
            Files.delete(draft);
        }
    }

    private static byte[] block(String text, String what, Path file) throws IOException {
        return Pem.read(what, text)
                .orElseThrow(() -> new IOException(
                        file + " has no " + what + " block: restore it, or move it away to have one made"));
    }
}
