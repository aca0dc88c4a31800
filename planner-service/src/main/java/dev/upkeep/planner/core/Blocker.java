package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One reason why an upgrade may not start now.
 *
 * @param rule the rule's name, such as {@code insideWindow}
 * @param fact what stands in the way, for a person
 * @param until when it goes away by itself, if that is known
 */
public record Blocker(String rule, String fact, Optional<Instant> until) {
    public Blocker {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(fact, "fact");
        Objects.requireNonNull(until, "until");
    }
}
