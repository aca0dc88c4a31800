package dev.upkeep.planner.calendar;

import dev.upkeep.planner.core.Opening;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The oracle: it looks at the clock of a zone minute by minute, knows no rule of recurrence but a question about a date,
 * and no rule of clock changes but what it sees the clock do.
 */
final class Minutes {
    private final Instant from;
    private final List<LocalDateTime> clock = new ArrayList<>();

    Minutes(ZoneId zone, Instant from, int days) {
        this.from = from;
        for (int i = 0; i < days * 1440; i++) {
            clock.add(from.plusSeconds(60L * i).atZone(zone).toLocalDateTime());
        }
    }

    /** Marks each minute in which a window is open that opens at a time on the dates that a question is true of. */
    BitSet open(Predicate<LocalDate> opensOn, LocalTime time, Duration length) {
        BitSet open = new BitSet();
        TreeSet<LocalDate> dates = new TreeSet<>();
        LocalDate last = clock.getLast().toLocalDate();
        for (LocalDate date = clock.getFirst().toLocalDate(); !date.isAfter(last); date = date.plusDays(1)) {
            dates.add(date);
        }
        dates.stream().filter(opensOn).forEach(date -> {
            int start = minute(date.atTime(time));
            if (start >= 0) {
                open.set(start, start + (int) length.toMinutes());
            }
        });
        return open;
    }

    /** The first minute in which the clock shows a time, or as far behind the minute before the jump over it. */
    private int minute(LocalDateTime wanted) {
        for (int i = 0; i < clock.size(); i++) {
            if (clock.get(i).equals(wanted)) {
                return i;
            }
        }
        for (int i = 1; i < clock.size(); i++) {
            if (clock.get(i - 1).isBefore(wanted) && clock.get(i).isAfter(wanted)) {
                return i - 1 + (int) Duration.between(clock.get(i - 1), wanted).toMinutes();
            }
        }
        return -1;
    }

    BitSet marked(List<Opening> openings) {
        BitSet marked = new BitSet();
        for (Opening opening : openings) {
            long start = Math.max(0, Duration.between(from, opening.from()).toMinutes());
            long end = Math.max(0, Duration.between(from, opening.to()).toMinutes());
            marked.set((int) Math.min(start, clock.size()), (int) Math.min(end, clock.size()));
        }
        return marked;
    }

    int size() {
        return clock.size();
    }

    Instant at(int minute) {
        return from.plusSeconds(60L * minute);
    }
}
