package dev.upkeep.planner.core;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Objects;

/**
 * When work on a tenant may run: it opens as a recurrence rule says, in the tenant's zone, and stays open for a span.
 *
 * @param rule an RRULE (RFC 5545) such as {@code FREQ=WEEKLY;BYDAY=SA,SU}, daily or rarer; it names local times
 * @param first from where the rule counts, and the time of day at which it opens; the window opens there only if the
 *     rule says so
 * @param length for how long it stays open, of elapsed time: a change of the clocks makes it no longer and no shorter
 */
public record Window(String rule, LocalDateTime first, Duration length, ZoneId zone) {
    private static final Duration LONGEST = Duration.ofDays(31);

    public Window {
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(length, "length");
        Objects.requireNonNull(zone, "zone");
        if (first.getNano() != 0) {
            throw new IllegalArgumentException("a window opens at a whole second, not at " + first);
        }
        if (!length.isPositive() || length.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "a window is open for some time and for no longer than " + LONGEST + ", not for " + length);
        }
    }
}
