package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Documents that a person wrote, sent as they are so that the service's errors speak of the person's own text. */
final class Documents {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private Documents() {}

    /** A file's text and what it must at least have to be sent to the right place. */
    record Document(Path file, String text, JsonNode parsed, String contentType) {
        /** The value of a field that is part of the address. */
        String name(String field) {
            JsonNode value = parsed.path(field);
            if (!value.isValueNode() || value.asText().isBlank()) {
                throw new Trouble(
                        ExitCode.REFUSED,
                        file + ": /" + field + " is missing\n  → add `" + field + ": …` at the top of the document");
            }
            return URLEncoder.encode(value.asText(), StandardCharsets.UTF_8);
        }
    }

    static Document read(Path file) {
        try {
            String text = Files.readString(file);
            boolean json = file.toString().endsWith(".json");
            JsonNode parsed = YAML.readTree(text);
            return new Document(file, text, parsed, json ? "application/json" : "application/yaml");
        } catch (NoSuchFileException e) {
            throw new Trouble(ExitCode.USAGE, file + " does not exist\n  → give the path of a YAML or JSON document");
        } catch (JsonProcessingException e) {
            throw new Trouble(
                    ExitCode.REFUSED,
                    file + " is neither YAML nor JSON: line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr() + ": " + e.getOriginalMessage());
        } catch (MalformedInputException e) {
            throw new Trouble(
                    ExitCode.USAGE, file + " is no text in UTF-8\n  → give a YAML or JSON document, saved as UTF-8");
        } catch (IOException e) {
            throw new Trouble(
                    ExitCode.USAGE,
                    "can't read " + file + ": " + e.getMessage() + "\n  → give the path of a YAML or JSON document");
        }
    }

    /** An id as it stands in a path. */
    static String segment(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
