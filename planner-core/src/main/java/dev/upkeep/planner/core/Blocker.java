package dev.upkeep.planner.core;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
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

    /**
     * When the last of them is gone, if each goes away by itself and it is known when; empty where one of them waits for
     * somebody.
     */
    public static Optional<Instant> earliest(List<Blocker> blockers) {
        return blockers.stream().allMatch(b -> b.until().isPresent())
                ? blockers.stream().flatMap(b -> b.until().stream()).max(Comparator.naturalOrder())
                : Optional.empty();
    }
}
