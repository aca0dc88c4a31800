package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The kinds of documents, each with its published JSON schema. */
enum Kind {
    PRODUCT,
    RELEASE,
    TENANT;

    private final JsonNode text;
    private final Schema schema;

    Kind() {
        String resource = "/schemas/" + name().toLowerCase(Locale.ROOT) + ".schema.json";
        try (InputStream in = Kind.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the schema " + resource + " is missing from the jar");
            }
            String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            text = new ObjectMapper().readTree(json);
            schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(json, InputFormat.JSON);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the schema finds wrong. */
    List<Problem> problems(JsonNode document) {
        List<Problem> problems = new ArrayList<>();
        for (Error error : schema.validate(document.toString(), InputFormat.JSON)) {
            problems.add(problem(document, error));
        }
        return problems;
    }

    private Problem problem(JsonNode document, Error error) {
        String pointer = error.getInstanceLocation().toString();
        String keyword = error.getKeyword();
        JsonNode rule = rule(error);
        String described = described(rule);
        String property = Optional.ofNullable(error.getProperty()).orElse("");
        return switch (keyword) {
            case "additionalProperties" ->
                new Problem(pointer + "/" + escaped(property), "unknown key '" + property + "'", known(rule, property));
            case "required" ->
                new Problem(
                        pointer + "/" + escaped(property),
                        "'" + property + "' is missing",
                        "add '" + property + "'" + meant(rule.path("properties").path(property)));
            case "enum" -> {
                List<String> words = new ArrayList<>();
                rule.path("enum").forEach(word -> words.add(word.asText()));
                String given =
                        document.at(error.getInstanceLocation().toString()).asText("");
                yield new Problem(
                        pointer,
                        "'" + shortened(given) + "' is none of the words known here",
                        closest(words, given)
                                        .map(word -> "did you mean '" + word + "'? ")
                                        .orElse("") + "use one of " + String.join(", ", words));
            }
            default ->
                new Problem(
                        pointer,
                        keyword.equals("pattern") && !described.isEmpty()
                                ? "'" + shortened(document.at(pointer).asText())
                                        + "' is not of the form that is read here"
                                : shortened(error.getMessage()),
                        described.isEmpty()
                                ? "follow the schema: " + keyword + " " + rule.path(keyword)
                                : "it must be " + described);
        };
    }

    /** The part of the schema that holds the keyword which failed. */
    private JsonNode rule(Error error) {
        String location = error.getSchemaLocation().getFragment().toString();
        int last = location.lastIndexOf('/');
        return last <= 0 ? text : text.at(location.substring(0, last));
    }

    private String meant(JsonNode property) {
        String own = property.path("description").asText("");
        String shape = property.has("$ref")
                ? text.at(property.get("$ref").asText().substring(1))
                        .path("description")
                        .asText("")
                : "";
        String meaning = own.isEmpty() || shape.isEmpty() ? own + shape : own + "; " + shape;
        return meaning.isEmpty() ? "" : ": " + meaning;
    }

    /** What the schema says of a value's shape; what it says of a key's meaning is no answer to a wrong type. */
    private static String described(JsonNode rule) {
        String type = rule.path("type").isTextual() ? rule.get("type").asText() : "";
        String description = rule.path("description").asText("");
        return switch (type) {
            case "boolean" -> "true or false: " + description;
            case "object" -> "a mapping: " + description;
            case "array" -> "a list: " + description;
            case "integer", "number" -> "a number: " + description;
            default -> description;
        };
    }

    private static String known(JsonNode rule, String property) {
        List<String> names = new ArrayList<>();
        rule.path("properties").fieldNames().forEachRemaining(names::add);
        return closest(names, property)
                .map(name -> "did you mean '" + name + "'?")
                .orElse("remove it; known here: " + String.join(", ", names));
    }

    static Optional<String> closest(List<String> names, String given) {
        return names.stream()
                .filter(name -> distance(name, given) <= Math.max(1, given.length() / 3))
                .min(Comparator.comparingInt(name -> distance(name, given)));
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j] + 1, row[j - 1] + 1), diagonal + cost);
                diagonal = above;
            }
        }
        return row[b.length()];
    }

    private static String shortened(String message) {
        return message.length() <= 300 ? message : message.substring(0, 300) + "…";
    }

    static String escaped(String property) {
        return property.replace("~", "~0").replace("/", "~1");
    }
}
