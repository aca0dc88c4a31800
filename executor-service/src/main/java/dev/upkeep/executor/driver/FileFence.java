package dev.upkeep.executor.driver;

import dev.upkeep.contract.Token;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;

/**
 * The lock of a directory and the highest token it has seen: while it is held no other executor acts on what the
 * directory is of, and earlier attempts never do again.
 */
public final class FileFence implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(50);

    private final FileChannel channel;

    private FileFence(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits for the lock of {@code directory}, which is created if need be.
     *
     * @throws Refused {@link Failure#STALE_TOKEN} if a higher token has been here
     */
    public static FileFence hold(Path directory, Token token, Work work) throws InterruptedException {
        try {
            Files.createDirectories(directory);
            FileChannel channel = FileChannel.open(
                    directory.resolve("fence"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                lock(channel, work);
                long highest = read(channel);
                if (highest > token.value()) {
                    throw new Refused(Failed.forGood(
                            Failure.STALE_TOKEN,
                            "token " + token + " is lower than " + highest + ", the highest that " + directory
                                    + " has seen",
                            "Nothing to do: a later attempt has taken over"));
                }
                if (highest < token.value()) {
                    write(channel, token);
                }
                return new FileFence(channel);
            } catch (IOException | RuntimeException | InterruptedException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw Artifacts.trouble("can't fence " + directory, e);
        }
    }

    private static FileLock lock(FileChannel channel, Work work) throws IOException, InterruptedException {
        while (true) {
            try {
                FileLock lock = channel.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (OverlappingFileLockException heldInThisExecutor) {
                // The same as held by another: wait.
            }
            if (work.left().isZero()) {
                throw new Refused(Failed.retryable(
                        Failure.DEADLINE_PASSED,
                        "another attempt was still acting on the component at the deadline",
                        "Wait until it has ended"));
            }
            work.pause(INTERVAL);
        }
    }

    private static long read(FileChannel channel) throws IOException {
        String text =
                new String(Channels.newInputStream(channel.position(0)).readAllBytes(), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    private static void write(FileChannel channel, Token token) throws IOException {
        // Fixed width, written over in place: a crash leaves the old number or the new, never a shorter one.
        byte[] line = String.format(Locale.ROOT, "%019d%n", token.value()).getBytes(StandardCharsets.UTF_8);
        channel.write(ByteBuffer.wrap(line), 0);
        channel.force(true);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
