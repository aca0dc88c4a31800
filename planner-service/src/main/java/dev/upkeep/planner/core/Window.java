package dev.upkeep.planner.core;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Objects;
import java.util.Set;

/**
 * When work on a tenant may run, in its own zone, on some days of the week.
 *
 * @param days on which it opens
 * @param to when it closes; on the next day if it is not after {@code from}
 */
public record Window(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
    public Window {
        days = Set.copyOf(days);
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(zone, "zone");
        if (days.isEmpty()) {
            throw new IllegalArgumentException("a window opens on at least one day");
        }
    }

    /** Whether it is open at an instant; its end is no longer in it. */
    public boolean contains(Instant at) {
        LocalDate today = at.atZone(zone).toLocalDate();
        // One that opened yesterday may reach over midnight.
        return opening(today.minusDays(1), at) || opening(today, at);
    }

    private boolean opening(LocalDate day, Instant at) {
        return days.contains(day.getDayOfWeek()) && !at.isBefore(start(day)) && at.isBefore(end(day));
    }

    /** When it opens next, strictly after an instant. */
    public Instant nextOpening(Instant after) {
        LocalDate day = after.atZone(zone).toLocalDate();
        for (int i = 0; i <= 8; i++) {
            LocalDate candidate = day.plusDays(i);
            if (days.contains(candidate.getDayOfWeek()) && start(candidate).isAfter(after)) {
                return start(candidate);
            }
        }
        throw new AssertionError("a window that opens weekly opens within eight days");
    }

    // A local time that a clock change skips moves on by the length of the gap, and one that occurs twice is the first.
    private Instant start(LocalDate day) {
        return ZonedDateTime.of(day, from, zone).toInstant();
    }

    private Instant end(LocalDate day) {
        return ZonedDateTime.of(to.isAfter(from) ? day : day.plusDays(1), to, zone)
                .toInstant();
    }
}
