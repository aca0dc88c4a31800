package dev.upkeep.planner.calendar;

import dev.upkeep.planner.core.Opening;
import dev.upkeep.planner.core.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * One window's openings in the order of time, each as its rule gives it.
 *
 * <p>Ordering: local times come in their own order. A skipped one moves on and may pass those after it, by a whole day
 * where a zone has crossed the date line; so an opening is given out only when no later local time can come before it.
 */
final class Starts {
    /** The widest step that a zone's clocks have ever made, and some. */
    private static final Duration WIDEST_STEP = Duration.ofHours(25);

    private final Window window;
    private final Recurrence recurrence;
    private final PriorityQueue<Start> ready = new PriorityQueue<>(Comparator.comparing(Start::at));
    private Optional<LocalDateTime> latest;

    private record Start(LocalDateTime local, Instant at) {}

    /** Those that end after an instant. */
    Starts(Window window, Instant after) {
        this.window = window;
        LocalDateTime from = after.minus(window.length())
                .atZone(window.zone())
                .toLocalDateTime()
                .minus(WIDEST_STEP);
        this.recurrence = new Recurrence(window, from.withNano(0));
        this.latest = recurrence.next();
        Optional<Opening> head = peek();
        while (head.isPresent() && !head.get().to().isAfter(after)) {
            ready.remove();
            head = peek();
        }
    }

    /** The next one; none if the rule has ended. */
    Optional<Opening> peek() {
        while (latest.isPresent() && mayComeFirst(latest.get())) {
            LocalDateTime local = latest.get();
            // Skipped: later by the length of the gap. Twice: the first.
            ready.add(new Start(local, ZonedDateTime.of(local, window.zone()).toInstant()));
            latest = recurrence.next();
        }
        return Optional.ofNullable(ready.peek())
                .map(start -> new Opening(start.at(), start.at().plus(window.length())));
    }

    Optional<Opening> next() {
        Optional<Opening> head = peek();
        ready.poll();
        return head;
    }

    private boolean mayComeFirst(LocalDateTime local) {
        Start head = ready.peek();
        return head == null || local.isBefore(head.local().plus(WIDEST_STEP));
    }
}
