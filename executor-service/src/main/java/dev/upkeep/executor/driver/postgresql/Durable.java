package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.Digest;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Puts files where a crash of the machine leaves them whole or not there, and knows them again by their digest. */
final class Durable {
    private static final int BUFFER = 1 << 20;

    private Durable() {}

    /** The directory, made if it is not there; what is in it is for its owner alone. */
    static Path directory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return directory;
    }

    /** Flushes a finished part and gives it its name. */
    static void publish(Path part, Path name) throws IOException {
        try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
            file.force(true);
        }
        Files.move(part, name, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(parent(name), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /** The digest of a file's bytes. */
    static Digest digest(Path path) throws IOException, InterruptedException {
        MessageDigest sha256 = sha256();
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            while (file.read(buffer) >= 0) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("cancelled while reading " + path);
                }
                sha256.update(buffer.flip());
                buffer.clear();
            }
        }
        return new Digest("sha256:" + HexFormat.of().formatHex(sha256.digest()));
    }

    /** A short name for a longer one: the first digits of its digest. */
    static String shortName(String text, int digits) {
        byte[] digest = sha256().digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest).substring(0, digits);
    }

    /** What an error of the executor's own file system means for a step. */
    static Refused refused(Path path, IOException e) throws InterruptedException {
        if (e instanceof java.nio.channels.ClosedByInterruptException) {
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("cancelled at " + path).initCause(e);
        }
        String message = String.valueOf(e.getMessage());
        if (message.contains("No space left") || message.contains("Disk quota exceeded")) {
            return new Refused(
                    Outcome.Failed.retryable(
                            Failure.DISK_FULL,
                            "the volume of " + path + " is full",
                            "Make room on the executor's volume, or move upkeep.executor.backups to a larger one"),
                    e);
        }
        return new Refused(
                Outcome.Failed.retryable(
                        Failure.FILE_TROUBLE,
                        path + ": " + e.getClass().getSimpleName() + ": " + message,
                        "See that the executor may read and write there"),
                e);
    }

    private static Path parent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no directory");
        }
        return parent;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
