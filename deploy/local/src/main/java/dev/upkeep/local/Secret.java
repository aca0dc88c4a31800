package dev.upkeep.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.Supplier;

/** A password or a key, in a file that only its owner may read. */
final class Secret {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    /** The random password in a file; made when it is first asked for. */
    static String at(Path file) {
        return at(file, Secret::password);
    }

    /**
     * The secret in a file; made when it is first asked for. It is written aside and renamed: a disk that is full leaves
     * no half of a secret behind.
     */
    static String at(Path file, Supplier<String> fresh) {
        try {
            if (!Files.exists(file)) {
                write(file, fresh.get());
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new LocalFailure("can't keep a secret in " + file + " (" + e + ")", "free some disk space", e);
        }
    }

    private static String password() {
        return HexFormat.of().formatHex(random(24));
    }

    /** A fresh key of backups, as {@code upkeep.executor.backup-keys} wants it: 32 bytes in base64. */
    static String sealKey() {
        return Base64.getEncoder().encodeToString(random(32));
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }

    private static void write(Path file, String secret) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, secret, StandardOpenOption.DSYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
