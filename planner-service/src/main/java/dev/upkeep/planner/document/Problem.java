package dev.upkeep.planner.document;

import java.util.Objects;

/**
 * One thing that is wrong with a document.
 *
 * @param pointer where, as a JSON pointer (RFC 6901); empty for the document itself
 * @param detail what is wrong
 * @param fix what would be right
 */
public record Problem(String pointer, String detail, String fix) {
    public Problem {
        Objects.requireNonNull(pointer, "pointer");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(fix, "fix");
    }
}
