package dev.upkeep.local;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** A random password in a file that only its owner may read. */
final class Secret {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secret() {}

    /** The password in a file; made when it is first asked for. */
    static String at(Path file) {
        try {
            byte[] bytes = new byte[24];
            RANDOM.nextBytes(bytes);
            try {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, HexFormat.of().formatHex(bytes));
            } catch (FileAlreadyExistsException kept) {
                // It is the one to use.
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new LocalFailure(
                    "can't keep a password in " + file + ": " + e.getMessage(), "free some disk space", e);
        }
    }
}
