package dev.upkeep.bundle;

import dev.upkeep.bundle.BundleRefused.Why;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Objects;
import java.util.Set;

/** One holder's Ed25519 key: a PEM file that only the holder may read, and the public half beside it, called {@code .pub}. */
public final class SigningKey {
    private static final Set<PosixFilePermission> OWNERS =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final String id;
    private final PrivateKey key;

    SigningKey(PublicKey open, PrivateKey key) {
        this.id = id(open);
        this.key = key;
    }

    /** Reads a key, and makes sure that what lies beside it is its public half. */
    public static SigningKey read(Path file) throws BundleRefused {
        Path beside = file.resolveSibling(file.getFileName() + ".pub");
        try {
            if (!OWNERS.containsAll(Files.getPosixFilePermissions(file))) {
                throw new BundleRefused(
                        Why.NO_KEY,
                        file + " may be read by others",
                        "chmod 600 it; if somebody may have read it, make a new one and have the sites trust that");
            }
            PrivateKey secret = Objects.requireNonNull(KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new PKCS8EncodedKeySpec(pem(Files.readString(file)))));
            SigningKey key = new SigningKey(publicKey(beside), secret);
            byte[] trial = {1};
            Envelope.Mark mark = new Envelope.Mark(key.id, Base64.getEncoder().encodeToString(key.sign(trial)));
            if (!mark.isBy(publicKey(beside), trial)) {
                throw new BundleRefused(
                        Why.NO_KEY,
                        beside + " is not the public half of " + file,
                        "write it anew: openssl pkey -in " + file + " -pubout -out " + beside);
            }
            return key;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            // Not with its cause: a parser may quote what it can't read.
            throw new BundleRefused(
                    Why.NO_KEY,
                    file + " can't be read as an Ed25519 key (" + e.getClass().getSimpleName() + ")",
                    "make one: openssl genpkey -algorithm ed25519 -out " + file);
        }
    }

    /** The public key in a PEM file. */
    static PublicKey publicKey(Path file) throws BundleRefused {
        try {
            return publicKey(pem(Files.readString(file)));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new BundleRefused(
                    Why.NO_KEY,
                    file + " can't be read as a public Ed25519 key: " + e.getMessage(),
                    "write it: openssl pkey -in PRIVATE-KEY -pubout -out " + file,
                    e);
        }
    }

    static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        return Objects.requireNonNull(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
    }

    /** A key's name: the SHA-256 of its public half, so that no two files can give one key two names. */
    static String id(PublicKey open) {
        return Entry.hex(Sha256.of(open.getEncoded()));
    }

    private static byte[] pem(String text) {
        return Base64.getDecoder()
                .decode(text.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", ""));
    }

    /** Its name in a signature and in a trust file. */
    public String id() {
        return id;
    }

    byte[] sign(byte[] bytes) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("key " + id + " can't sign", e);
        }
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "signing key " + id;
    }
}
