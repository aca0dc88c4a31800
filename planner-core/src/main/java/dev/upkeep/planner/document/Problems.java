package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Contradiction;
import dev.upkeep.planner.core.Range;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** Collects all that is wrong with one document. */
final class Problems {
    private static final Pattern SECRET =
            Pattern.compile("(password|passwd|secret|token|api-?key|private-?key|credential)");
    private static final Pattern REFERENCE = Pattern.compile("env:.+|file:.+|vault:[^/#]+(/[^/#]+)+#[^#]+");

    private final Set<Problem> found = new LinkedHashSet<>();

    Problems(List<Problem> first) {
        found.addAll(first);
    }

    void add(String pointer, String detail, String fix) {
        found.add(new Problem(pointer, detail, fix));
    }

    void contradictions(List<Contradiction> contradictions) {
        contradictions.forEach(c -> found.add(new Problem(c.pointer(), c.what(), c.fix(), c.rule())));
    }

    void refuseAny() throws Refused {
        if (!found.isEmpty()) {
            List<Problem> sorted = new ArrayList<>(found);
            sorted.sort(Comparator.comparing(Problem::pointer));
            throw new Refused(sorted);
        }
    }

    /** What the supplier builds; if the core refuses it, that is a problem of the document too. */
    <T> T built(String pointer, Supplier<T> supplier) throws Refused {
        try {
            return supplier.get();
        } catch (IllegalArgumentException | DateTimeException refusal) {
            String message = refusal.getMessage();
            add(pointer, message == null ? "it can't be taken" : message, "correct the value");
            refuseAny();
            throw new AssertionError("refuseAny throws when there is a problem");
        }
    }

    /** No two items of an array have the same text at a key. */
    void unique(JsonNode document, String array, String key) {
        Set<String> seen = new HashSet<>();
        Nodes.each(document.at(array), array, (pointer, item) -> {
            String value = item.path(key).asText();
            if (item.has(key) && !seen.add(value)) {
                add(pointer + "/" + key, "'" + value + "' is there twice", "give each its own " + key);
            }
        });
    }

    /** A text that is there is a range of versions. */
    void range(String pointer, JsonNode text) {
        if (text.isTextual()) {
            try {
                Range.of(text.asText());
            } catch (IllegalArgumentException e) {
                add(
                        pointer,
                        "'" + text.asText() + "' is no range of versions",
                        "write one like \">=15\", \"1.22 - 1.23\", \"0.x\" or \">=2.0 <3 || 4.1\"");
            }
        }
    }

    /** A text that is there is a zone. */
    void zone(String pointer, JsonNode text) {
        if (text.isTextual()) {
            try {
                ZoneId.of(text.asText());
            } catch (DateTimeException e) {
                add(
                        pointer,
                        "unknown zone '" + text.asText() + "'",
                        "use a zone of the tz database, such as Europe/Berlin");
            }
        }
    }

    /** A text that is there is an instant of the calendar. */
    void instant(String pointer, JsonNode text) {
        if (text.isTextual()) {
            try {
                Instant.parse(text.asText());
            } catch (DateTimeException e) {
                add(
                        pointer,
                        "'" + text.asText() + "' is no instant",
                        "give a UTC instant, such as 2026-12-24T00:00:00Z");
            }
        }
    }

    /** A span in which something may happen is longer than nothing. */
    void span(String pointer, JsonNode text) {
        try {
            if (text.isTextual() && Duration.parse(text.asText()).isZero()) {
                add(pointer, "a span of " + text.asText() + " leaves no time", "give a longer one");
            }
        } catch (DateTimeException e) {
            // The schema has complained of it.
        }
    }

    /** A secret in clear would travel with every event. */
    void noSecretsInClear(String pointer, JsonNode settings) {
        settings.properties().forEach(setting -> {
            String value = setting.getValue().asText();
            if (SECRET.matcher(setting.getKey().toLowerCase(Locale.ROOT)).find()
                    && !REFERENCE.matcher(value).matches()) {
                add(
                        pointer + "/" + Kind.escaped(setting.getKey()),
                        value.startsWith("vault:")
                                ? "'" + value + "' names no mount, path and field"
                                : "'" + setting.getKey() + "' looks like a secret in clear",
                        "put a reference in its place: env:NAME, file:/path or vault:MOUNT/PATH#FIELD");
            }
        });
    }
}
