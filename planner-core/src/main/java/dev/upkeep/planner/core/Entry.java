package dev.upkeep.planner.core;

import java.util.Map;
import java.util.Objects;

/**
 * A line of the timeline and of the audit log.
 *
 * @param kind what sort of thing happened, such as {@code step-failed}
 * @param step the step it is about; empty if it is about none
 * @param text one sentence for a person
 * @param details figures and names, for a program
 */
public record Entry(String kind, String step, String text, Map<String, String> details) {
    public Entry {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(step, "step");
        Objects.requireNonNull(text, "text");
        details = Map.copyOf(details);
    }
}
