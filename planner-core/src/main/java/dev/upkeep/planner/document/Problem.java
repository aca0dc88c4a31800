package dev.upkeep.planner.document;

import java.util.Objects;

/**
 * One thing that is wrong with a document.
 *
 * @param pointer where, as a JSON pointer (RFC 6901); empty for the document itself
 * @param detail what is wrong
 * @param fix what would be right
 * @param rule the name of the rule that it breaks; empty where it is malformed
 */
public record Problem(String pointer, String detail, String fix, String rule) {
    public Problem {
        Objects.requireNonNull(pointer, "pointer");
        Objects.requireNonNull(detail, "detail");
        Objects.requireNonNull(fix, "fix");
        Objects.requireNonNull(rule, "rule");
    }

    /** One that breaks no rule by name. */
    public Problem(String pointer, String detail, String fix) {
        this(pointer, detail, fix, "");
    }
}
