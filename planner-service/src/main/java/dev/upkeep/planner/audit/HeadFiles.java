package dev.upkeep.planner.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.audit.Head;
import dev.upkeep.contract.wire.Wire;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The published heads: a directory with a file for each month in UTC, a JSON line for each head, only ever added to.
 *
 * <p>Failure: lines are on the disk before they count as published. A line that a crash cut short stays, ends with the
 * next start, and is passed over; the head it should have been is published again under the same number.
 */
public final class HeadFiles {
    private static final ObjectMapper JSON = Wire.json();
    private static final int TAIL = 1 << 16;

    private final Path directory;

    /** Those in a directory, which is made when it is first added to. */
    public HeadFiles(Path directory) {
        this.directory = directory;
    }

    /** The right to add, which one process at a time has. */
    public final class Turn implements AutoCloseable {
        private final FileChannel channel;
        private final FileLock lock;

        private Turn(FileChannel channel, FileLock lock) {
            this.channel = channel;
            this.lock = lock;
        }

        /** The head that was published last. */
        public Optional<Head> last() throws IOException {
            return HeadFiles.this.last();
        }

        /** Adds heads, in their order; when it returns they are on the disk. */
        public void add(List<Head> heads) throws IOException {
            Map<YearMonth, StringBuilder> byMonth = new LinkedHashMap<>();
            for (Head head : heads) {
                byMonth.computeIfAbsent(YearMonth.from(head.at().atZone(ZoneOffset.UTC)), m -> new StringBuilder())
                        .append(line(head))
                        .append('\n');
            }
            for (Map.Entry<YearMonth, StringBuilder> month : byMonth.entrySet()) {
                append(directory.resolve("heads-" + month.getKey() + ".jsonl"), month.getValue());
            }
        }

        @Override
        public void close() throws IOException {
            lock.release();
            channel.close();
        }
    }

    /** Waits until no other process adds. */
    public Turn turn() throws IOException {
        Files.createDirectories(directory);
        FileChannel channel =
                FileChannel.open(directory.resolve(".turn"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            return new Turn(channel, channel.lock());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** The heads after a number, at most {@code limit} of them. */
    public List<Head> after(long number, int limit) throws IOException {
        List<Head> found = new ArrayList<>();
        List<Path> files = files();
        for (int i = 0; i < files.size() && found.size() < limit; i++) {
            Optional<Head> firstOfNext = i + 1 < files.size() ? first(files.get(i + 1)) : Optional.empty();
            if (firstOfNext.isPresent() && firstOfNext.get().number() <= number + 1) {
                continue;
            }
            try (Stream<String> lines = Files.lines(files.get(i))) {
                lines.flatMap(line -> head(line).stream())
                        .filter(head -> head.number() > number)
                        .limit(limit - found.size())
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static Optional<Head> first(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.flatMap(line -> head(line).stream()).findFirst();
        }
    }

    private Optional<Head> last() throws IOException {
        for (Path file : files().reversed()) {
            try (RandomAccessFile reading = new RandomAccessFile(file.toFile(), "r")) {
                long from = Math.max(0, reading.length() - TAIL);
                byte[] tail = new byte[(int) (reading.length() - from)];
                reading.seek(from);
                reading.readFully(tail);
                Optional<Head> last = new String(tail, StandardCharsets.UTF_8)
                        .lines()
                        .flatMap(line -> head(line).stream())
                        .reduce((a, b) -> b);
                if (last.isPresent()) {
                    return last;
                }
            }
        }
        return Optional.empty();
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(f -> f.getFileName().toString().matches("heads-\\d{4}-\\d{2}\\.jsonl"))
                    .sorted()
                    .toList();
        }
    }

    private static void append(Path file, StringBuilder lines) throws IOException {
        boolean cutShort = endsWithoutBreak(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(cutShort ? "\n" + lines : lines.toString());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
    }

    private static boolean endsWithoutBreak(Path file) throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return false;
        }
        try (RandomAccessFile reading = new RandomAccessFile(file.toFile(), "r")) {
            reading.seek(reading.length() - 1);
            return reading.read() != '\n';
        }
    }

    private static String line(Head head) {
        try {
            return JSON.writeValueAsString(head);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private static Optional<Head> head(String line) {
        try {
            return Optional.ofNullable(JSON.readValue(line, Head.class));
        } catch (JsonProcessingException cutShort) {
            return Optional.empty();
        }
    }
}
