package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * When a product's next release of a bump is to be expected, by the cadence that its descriptor states: so long after
 * the last one that was at least as great, because a major starts the minors' count anew.
 *
 * @param last the release that is counted from
 * @param due a day in UTC; one that lies behind says that the release is overdue
 */
public record ExpectedRelease(Bump bump, Version last, LocalDate due) {
    public ExpectedRelease {
        Objects.requireNonNull(bump, "bump");
        Objects.requireNonNull(last, "last");
        Objects.requireNonNull(due, "due");
    }

    /**
     * What is to be expected, the greatest bump first; nothing of bumps without a cadence, or before the first release.
     *
     * @param published when each release came out; pre-releases count for nothing
     */
    public static List<ExpectedRelease> of(Map<Bump, Period> cadence, Collection<Published> published) {
        List<Published> inOrder = published.stream()
                .filter(p -> p.version().preRelease().isEmpty())
                .sorted(Comparator.comparing(Published::version))
                .toList();
        List<ExpectedRelease> expected = new ArrayList<>();
        for (Bump bump : List.of(Bump.MAJOR, Bump.MINOR, Bump.PATCH)) {
            Period every = cadence.get(bump);
            if (every != null) {
                last(inOrder, bump)
                        .ifPresent(last -> expected.add(new ExpectedRelease(
                                bump, last.version(), day(last.at()).plus(every))));
            }
        }
        return expected;
    }

    private static Optional<Published> last(List<Published> inOrder, Bump bump) {
        Optional<Published> last = Optional.empty();
        for (int i = 0; i < inOrder.size(); i++) {
            Published one = inOrder.get(i);
            boolean counts = i == 0
                    || Bump.between(inOrder.get(i - 1).version(), one.version()).compareTo(bump) >= 0;
            // The same line may get patches long after a later line came out: it is the day that counts.
            if (counts && last.filter(l -> l.at().isAfter(one.at())).isEmpty()) {
                last = Optional.of(one);
            }
        }
        return last;
    }

    private static LocalDate day(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC);
    }

    /** In words, such as {@code a minor is expected; the last of its kind was 2.4.0}. */
    public String told() {
        return "a " + bump.name().toLowerCase(Locale.ROOT) + " is expected; the last of its kind was " + last;
    }
}
