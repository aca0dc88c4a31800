package dev.upkeep.planner.calendar;

import dev.upkeep.planner.core.Opening;
import dev.upkeep.planner.core.Openings;
import dev.upkeep.planner.core.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Openings by recurrence rules. It keeps nothing, so that anybody may share it. */
public final class RuleOpenings implements Openings {
    private static final Duration LONGEST = Duration.ofDays(62);

    @Override
    public List<Opening> after(List<Window> windows, Instant at, int most) {
        List<Starts> starts =
                windows.stream().map(window -> new Starts(window, at)).toList();
        List<Opening> openings = new ArrayList<>();
        Optional<Opening> open = earliest(starts);
        while (open.isPresent() && openings.size() < most) {
            Opening current = open.get();
            open = earliest(starts);
            while (open.isPresent() && joins(current, open.get())) {
                current = new Opening(
                        current.from(), later(current.to(), open.get().to()));
                open = earliest(starts);
            }
            openings.add(current);
            open = behind(current, open, starts);
        }
        return openings;
    }

    /** What was always open was cut: the next begins where it ends. */
    private static Optional<Opening> behind(Opening cut, Optional<Opening> next, List<Starts> starts) {
        Optional<Opening> open = next;
        while (open.isPresent() && !open.get().to().isAfter(cut.to())) {
            open = earliest(starts);
        }
        return open.map(o -> new Opening(later(o.from(), cut.to()), o.to()));
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    private static boolean joins(Opening one, Opening next) {
        return !next.from().isAfter(one.to())
                && Duration.between(one.from(), one.to()).compareTo(LONGEST) < 0;
    }

    private static Optional<Opening> earliest(List<Starts> starts) {
        Optional<Starts> first = Optional.empty();
        for (Starts candidate : starts) {
            Optional<Opening> head = candidate.peek();
            if (head.isPresent()
                    && first.flatMap(Starts::peek)
                            .filter(best -> !head.get().from().isBefore(best.from()))
                            .isEmpty()) {
                first = Optional.of(candidate);
            }
        }
        return first.flatMap(Starts::next);
    }
}
