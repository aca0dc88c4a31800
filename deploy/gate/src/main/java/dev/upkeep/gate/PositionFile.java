package dev.upkeep.gate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the gate's position on disk, so that a killed gate comes back as it stood.
 *
 * <p>Ordering: written beside, synced, renamed, and the directory synced; only then is a position kept.
 *
 * <p>Failure: a file that cannot be read is an error and never an open gate.
 */
final class PositionFile {
    private final Path directory;
    private final Path file;

    PositionFile(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.file = directory.resolve("gate.json");
    }

    Optional<Position> load() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Map<String, Object> fields = Json.object(Files.readAllBytes(file));
            State state = State.of(String.valueOf(fields.get("state")))
                    .orElseThrow(() -> new IllegalArgumentException("state is " + fields.get("state")));
            if (fields.get("token") instanceof Long token && fields.get("retryAfter") instanceof Long retryAfter) {
                return Optional.of(new Position(
                        state, token, Math.toIntExact(retryAfter), Instant.parse(String.valueOf(fields.get("since")))));
            }
            throw new IllegalArgumentException("token or retryAfter is not a number");
        } catch (IllegalArgumentException | ArithmeticException | DateTimeParseException e) {
            throw new IOException(
                    file + " cannot be read (" + e.getMessage() + "); set the state by hand or remove the file", e);
        }
    }

    void save(Position position) throws IOException {
        Path beside = directory.resolve("gate.json.new");
        try (FileChannel channel = FileChannel.open(
                beside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(Json.bytes(Json.position(position)));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        try {
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(directory + " cannot rename files atomically; give STATE another directory", e);
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
