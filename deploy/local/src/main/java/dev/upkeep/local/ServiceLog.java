package dev.upkeep.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a service says of itself, for a person who has to know why it does not start. */
final class ServiceLog {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int END = 64_000;

    private ServiceLog() {}

    /** The last error in a log, with its innermost cause; empty if there is none, or no log. */
    static String complaint(Path log) {
        List<String> lines = new ArrayList<>(end(log).lines().toList());
        for (String line : lines.reversed()) {
            JsonNode record = read(line);
            String level = record.path("level").asText();
            if (level.equals("ERROR") || level.equals("FATAL")) {
                String cause = innermost(record.path("exception"));
                return record.path("message").asText().strip() + (cause.isEmpty() ? "" : ": " + cause);
            }
        }
        return "";
    }

    /** The checks of a health answer that are down, each with its reasons. */
    static String down(String health) {
        List<String> down = new ArrayList<>();
        for (JsonNode check : read(health).path("checks")) {
            if (!check.path("status").asText().equals("UP")) {
                JsonNode data = check.path("data");
                down.add(check.path("name").asText() + " is down" + (data.isEmpty() ? "" : " " + data));
            }
        }
        return down.isEmpty() ? health.strip() : String.join("; ", down);
    }

    private static String innermost(JsonNode exception) {
        JsonNode cause = exception;
        while (cause.path("causedBy").path("exception").isObject()) {
            cause = cause.path("causedBy").path("exception");
        }
        return cause.path("message").asText("").lines().findFirst().orElse("");
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException noJson) {
            return JSON.missingNode();
        }
    }

    private static String end(Path log) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(END, file.length())];
            file.seek(file.length() - bytes.length);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException noLog) {
            return "";
        }
    }
}
