package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.Objects;

/**
 * A statement on record.
 *
 * @param id by which it can be withdrawn
 * @param by who made it
 * @param note why, in their words; may be empty
 */
public record Stated(String id, Statement what, String by, String note, Instant at) {
    public Stated {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(by, "by");
        Objects.requireNonNull(note, "note");
        Objects.requireNonNull(at, "at");
    }
}
