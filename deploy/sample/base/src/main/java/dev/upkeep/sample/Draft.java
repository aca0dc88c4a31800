package dev.upkeep.sample;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A note as a caller sent it; each question it is asked names the field it fails on. */
public final class Draft {
    private final Map<String, Object> fields;

    Draft(Map<String, Object> fields) {
        this.fields = Map.copyOf(fields);
    }

    public String title() {
        return text("title").orElseThrow(() -> new Refusal("title", "is missing; give the note a title"));
    }

    public String body() {
        return text("body").orElseThrow(() -> new Refusal("body", "is missing; give the note a body"));
    }

    /** The name that the caller gave to this write; it is stored with the row. */
    public UUID writeId() {
        return uuid("writeId")
                .orElseThrow(() -> new Refusal("writeId", "is missing; give each write a UUID of its own"));
    }

    /** The identity that the caller chose for a new note. */
    Optional<UUID> id() {
        return uuid("id");
    }

    public @Nullable String colour() {
        return text("colour").orElse(null);
    }

    public boolean flag(String name) {
        return switch (fields.get(name)) {
            case null -> false;
            case Boolean value -> value;
            case Object other -> throw new Refusal(name, "is " + other + "; give true or false");
        };
    }

    public List<String> texts(String name) {
        return switch (fields.get(name)) {
            case null -> List.of();
            case List<?> values
            when values.stream().allMatch(String.class::isInstance) ->
                values.stream().map(String.class::cast).toList();
            case Object other -> throw new Refusal(name, "is " + other + "; give a list of texts");
        };
    }

    private Optional<String> text(String name) {
        return switch (fields.get(name)) {
            case null -> Optional.empty();
            // PostgreSQL cannot keep this one character in a text.
            case String value when value.indexOf('\0') >= 0 -> throw new Refusal(name, "holds a NUL; leave it out");
            case String value -> Optional.of(value);
            case Object other -> throw new Refusal(name, "is " + other + "; give a text");
        };
    }

    private Optional<UUID> uuid(String name) {
        return text(name).map(value -> Refusal.uuid(name, value));
    }
}
