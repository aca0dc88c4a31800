package dev.upkeep.sample.writer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The list of every write, in JSON lines.
 *
 * <p>Ordering: a write has a line before it is sent and another when its outcome is known; the last one counts.
 *
 * <p>Failure: lines reach the operating system one by one, without fsync, so that they outlive the writer's process
 * but not the machine. A line torn by a kill is dropped: its write was not sent, or the line before it says so.
 */
public final class Journal implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel channel;

    private Journal(FileChannel channel) {
        this.channel = channel;
    }

    static Journal append(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (Files.exists(file)) {
            dropTornLine(file);
        }
        return new Journal(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    private static void dropTornLine(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        if (end < bytes.length) {
            try (RandomAccessFile journal = new RandomAccessFile(file.toFile(), "rw")) {
                journal.setLength(end);
            }
        }
    }

    synchronized void add(Write write) throws IOException {
        ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(write) + "\n").getBytes(StandardCharsets.UTF_8));
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    /** Every write once, with what is known of it, in order. */
    public static List<Write> read(Path file) throws IOException {
        Map<Long, Write> writes = new TreeMap<>();
        String text = Files.readString(file);
        int whole = text.lastIndexOf('\n') + 1;
        int number = 0;
        for (String line : text.substring(0, whole).lines().toList()) {
            number++;
            try {
                Write write = JSON.readValue(line, Write.class);
                Write before = writes.put(write.seq(), write);
                if (before != null && !before.writeId().equals(write.writeId())) {
                    throw new IOException(
                            file + " line " + number + " speaks of another write under seq " + write.seq());
                }
            } catch (JsonProcessingException e) {
                throw new IOException(file + " line " + number + " is not a write: " + e.getOriginalMessage(), e);
            }
        }
        return new ArrayList<>(writes.values());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
