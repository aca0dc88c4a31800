package dev.upkeep.planner.core;

import java.util.Objects;

/**
 * A place where a descriptor or a release contradicts itself, its number, or what was promised before.
 *
 * @param pointer where in its document, as a JSON pointer; an artifact is named by its component in place of its index
 * @param rule the rule's name, such as {@code breakingOnlyInAMajor}
 * @param what is contradictory, for a person
 * @param fix what would be right
 */
public record Contradiction(String pointer, String rule, String what, String fix) {
    public Contradiction {
        Objects.requireNonNull(pointer, "pointer");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(what, "what");
        Objects.requireNonNull(fix, "fix");
    }
}
