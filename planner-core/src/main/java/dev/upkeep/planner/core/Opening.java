package dev.upkeep.planner.core;

import java.time.Duration;
import java.time.Instant;

/** A stretch of time in which work may run; its end is no longer in it. */
public record Opening(Instant from, Instant to) {
    public Opening {
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException("an opening ends after it begins: " + from + " to " + to);
        }
    }

    /** Whether it is open at an instant. */
    public boolean contains(Instant at) {
        return !at.isBefore(from) && at.isBefore(to);
    }

    /** How much of it is left at an instant, or all of it if it has not begun. */
    Duration left(Instant at) {
        return Duration.between(at.isAfter(from) ? at : from, to);
    }
}
