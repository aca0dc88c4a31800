package dev.upkeep.sample.writer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The changes to notes that a gap report itemises, whoever made the report. */
record GapReport(List<Item> items) {
    private static final ObjectMapper JSON = new ObjectMapper();

    GapReport {
        items = List.copyOf(items);
    }

    /** One change that the application made to one note; a deleted one has no row. */
    record Item(Operation operation, UUID noteId, Map<String, @Nullable String> row) {
        Item {
            row = Collections.unmodifiableMap(new HashMap<>(row));
        }

        boolean tellsOf(Write write) {
            return operation == write.operation()
                    && noteId.equals(write.noteId())
                    && (operation == Operation.DELETE
                            || write.writeId().toString().equalsIgnoreCase(row.get("write_id"))
                                    && NoteRow.of(row).keeps(write));
        }
    }

    /** Refuses a report that is not whole: a line that cannot be read, or fewer writes than its header counts. */
    static GapReport read(Path file) throws IOException {
        List<Item> items = new ArrayList<>();
        List<String> lines = Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank())
                .toList();
        if (lines.isEmpty()
                || !line(file, 1, lines.getFirst()).path("kind").asText().equals("header")) {
            throw new IOException(file + " does not begin with a header");
        }
        long promised = line(file, 1, lines.getFirst()).path("writes").asLong(0);
        long found = 0;
        for (int i = 1; i < lines.size(); i++) {
            JsonNode line = line(file, i + 1, lines.get(i));
            if (!line.path("kind").asText().equals("write")) {
                continue;
            }
            found++;
            if (ofTheApplication(line) && ofNotes(line)) {
                items.add(item(file, i + 1, line));
            }
        }
        if (found < promised) {
            throw new IOException(file + " counts " + promised + " writes in its header and has " + found);
        }
        return new GapReport(items);
    }

    private static JsonNode line(Path file, int number, String line) throws IOException {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " line " + number + " is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static boolean ofTheApplication(JsonNode line) {
        return line.path("by").asText("application").equals("application");
    }

    private static boolean ofNotes(JsonNode line) {
        String table = line.path("table").asText();
        return table.equals("note") || table.equals("public.note");
    }

    private static Item item(Path file, int number, JsonNode line) throws IOException {
        try {
            Operation operation = Operation.valueOf(line.path("op").asText().toUpperCase(Locale.ROOT));
            Map<String, @Nullable String> row = new HashMap<>();
            line.path("row")
                    .properties()
                    .forEach(column -> row.put(
                            column.getKey(),
                            column.getValue().isNull()
                                    ? null
                                    : column.getValue().asText()));
            return new Item(
                    operation, UUID.fromString(line.path("key").path("id").asText()), row);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " line " + number + " is not a change to a note: " + e.getMessage(), e);
        }
    }
}
