package dev.upkeep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Files that their owner alone may read, from the first byte on. */
final class OwnersFile {
    private OwnersFile() {}

    /** Makes a directory that nobody else may enter below another one, where they are not there. */
    static void directory(Path parent, String name) throws IOException {
        Path directory = parent.resolve(name);
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(parent);
            Files.createDirectory(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Writes a file, all at once: who reads it meanwhile gets the old text or the new. */
    static void write(Path file, String text) throws IOException {
        Path draft = Files.createTempFile(
                Objects.requireNonNull(file.toAbsolutePath().getParent()),
                String.valueOf(file.getFileName()),
                ".new",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
