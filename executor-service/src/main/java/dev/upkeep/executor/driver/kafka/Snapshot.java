package dev.upkeep.executor.driver.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/**
 * What is kept of topics: JSON, one object a line, gzipped. First a line for each topic, with its partitions and settings; then one
 * for each record, with its partition, offset, time in ms, and its key, value and headers in base64; last how many of each
 * partition there are. A file without that last line is no snapshot.
 */
final class Snapshot {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Snapshot() {}

    /** What a snapshot holds: by partition, such as {@code alerts-0}, its records. */
    record Contents(Map<String, Long> records) {
        Contents {
            records = Map.copyOf(records);
        }

        long total() {
            return records.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** Writes one; what isn't ended by {@link #end} is none. */
    static final class Writer implements AutoCloseable {
        private final BufferedWriter lines;
        private final Map<String, Long> records = new TreeMap<>();

        Writer(OutputStream onto) throws IOException {
            lines = new BufferedWriter(new OutputStreamWriter(new GZIPOutputStream(onto), StandardCharsets.UTF_8));
        }

        void topic(String topic, List<TopicPartition> partitions, Map<String, String> settings) throws IOException {
            ObjectNode line = JSON.createObjectNode();
            line.put("topic", topic).put("partitions", partitions.size());
            ObjectNode set = line.putObject("settings");
            new TreeMap<>(settings).forEach(set::put);
            partitions.forEach(partition -> records.put(partition.toString(), 0L));
            write(line);
        }

        void record(ConsumerRecord<byte[], byte[]> record) throws IOException {
            String partition = new TopicPartition(record.topic(), record.partition()).toString();
            ObjectNode line = JSON.createObjectNode();
            line.put("of", partition).put("offset", record.offset()).put("at", record.timestamp());
            line.put("key", record.key()).put("value", record.value());
            ArrayNode headers = line.putArray("headers");
            for (Header header : record.headers()) {
                headers.addObject().put("name", header.key()).put("value", header.value());
            }
            records.merge(partition, 1L, Long::sum);
            write(line);
        }

        Contents end() throws IOException {
            ObjectNode line = JSON.createObjectNode();
            ObjectNode counts = line.putObject("records");
            records.forEach(counts::put);
            write(line);
            return new Contents(records);
        }

        private void write(ObjectNode line) throws IOException {
            lines.write(JSON.writeValueAsString(line));
            lines.newLine();
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /**
     * Reads one to its end, and counts.
     *
     * @return nothing if it was not ended, or holds other records than its end says
     * @throws IOException if it can't be read, or its bytes are not those that were written
     */
    static Optional<Contents> read(InputStream from) throws IOException {
        Map<String, Long> found = new HashMap<>();
        Map<String, Long> offsets = new HashMap<>();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(new GZIPInputStream(from), StandardCharsets.UTF_8))) {
            String text;
            while ((text = lines.readLine()) != null) {
                JsonNode line = JSON.readTree(text);
                if (line.has("topic")) {
                    for (int i = 0; i < line.path("partitions").asInt(); i++) {
                        found.put(line.path("topic").asText() + "-" + i, 0L);
                    }
                } else if (line.has("of")) {
                    String partition = line.path("of").asText();
                    found.merge(partition, 1L, Long::sum);
                    long offset = line.path("offset").asLong();
                    if (offset <= offsets.getOrDefault(partition, -1L)) {
                        return Optional.empty();
                    }
                    offsets.put(partition, offset);
                } else if (line.has("records")) {
                    Map<String, Long> said = new HashMap<>();
                    line.path("records")
                            .properties()
                            .forEach(e -> said.put(e.getKey(), e.getValue().asLong()));
                    return lines.readLine() == null && said.equals(found)
                            ? Optional.of(new Contents(found))
                            : Optional.empty();
                }
            }
            return Optional.empty();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /** The partitions of each topic, in their order. */
    static Map<String, List<TopicPartition>> byTopic(List<TopicPartition> partitions) {
        Map<String, List<TopicPartition>> byTopic = new TreeMap<>();
        partitions.forEach(
                p -> byTopic.computeIfAbsent(p.topic(), t -> new ArrayList<>()).add(p));
        return byTopic;
    }
}
