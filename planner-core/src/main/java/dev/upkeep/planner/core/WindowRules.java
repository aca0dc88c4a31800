package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.StartRules.blocked;
import static dev.upkeep.planner.core.StartRules.until;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** When work may run: outside freezes, inside windows, and only what fits there with its way back. */
final class WindowRules {
    /** How far ahead a window is looked for that is long enough. */
    static final int OPENINGS_LOOKED_AT = 60;

    private WindowRules() {}

    /** Nothing starts in a freeze, nor so close before one that it would still be at work. */
    static Optional<Blocker> noFreeze(StartFacts facts, Instant now) {
        List<Tenant.Freeze> freezes = facts.freezes();
        Optional<Tenant.Freeze> frozen = covering(freezes, now);
        if (frozen.isPresent()) {
            return until("noFreeze", "frozen: " + frozen.get().reason(), thawed(freezes, now));
        }
        Instant done = now.plus(facts.estimate().map(Estimate::whole).orElse(Duration.ZERO));
        return freezes.stream()
                .filter(f -> f.from().isAfter(now) && f.from().isBefore(done))
                .min(Comparator.comparing(Tenant.Freeze::from))
                .flatMap(f -> until(
                        "noFreeze",
                        "frozen from " + f.from() + ", before it would be done: " + f.reason(),
                        thawed(freezes, f.from())));
    }

    private static Optional<Tenant.Freeze> covering(List<Tenant.Freeze> freezes, Instant at) {
        return freezes.stream()
                .filter(f -> !at.isBefore(f.from()) && at.isBefore(f.to()))
                .max(Comparator.comparing(Tenant.Freeze::to));
    }

    /** The first instant from another on that lies in no freeze. */
    static Instant thawed(List<Tenant.Freeze> freezes, Instant from) {
        Instant at = from;
        Optional<Tenant.Freeze> freeze = covering(freezes, at);
        while (freeze.isPresent()) {
            at = freeze.get().to();
            freeze = covering(freezes, at);
        }
        return at;
    }

    /** Where a window is asked for, there must be one: no windows would mean at any time. */
    static Optional<Blocker> windowIsAgreed(StartFacts facts, Instant now) {
        if (!facts.tenant().windows().isEmpty()) {
            return Optional.empty();
        }
        return switch (facts.meaning().window()) {
            case IF_SET -> Optional.empty();
            case IF_NOTED -> {
                List<String> asking = facts.stretch().releases().stream()
                        .filter(WindowRules::asksForWindow)
                        .map(r -> r.version().toString())
                        .toList();
                yield asking.isEmpty()
                        ? Optional.empty()
                        : blocked(
                                "windowIsAgreed",
                                "no maintenance window is agreed, and " + String.join(", ", asking) + " asks for one");
            }
            case ALWAYS ->
                blocked(
                        "windowIsAgreed",
                        "no maintenance window is agreed, and a "
                                + facts.bump().name().toLowerCase(java.util.Locale.ROOT) + " of "
                                + facts.product().name() + " always needs one");
        };
    }

    private static boolean asksForWindow(Release release) {
        return release.needsWindow()
                || release.migrations().stream()
                        .flatMap(m -> Stream.ofNullable(release.costs().get(m.id())))
                        .anyMatch(Release.Cost::needsWindow);
    }

    static Optional<Blocker> insideWindow(StartFacts facts, Instant now) {
        List<Window> windows = facts.tenant().windows();
        if (windows.isEmpty()) {
            return Optional.empty();
        }
        Optional<Opening> next =
                facts.openings().after(windows, now, 1).stream().findFirst();
        if (next.isEmpty()) {
            return blocked("insideWindow", "no maintenance window opens any more");
        }
        return next.get().contains(now)
                ? Optional.empty()
                : until(
                        "insideWindow",
                        "outside every maintenance window",
                        next.get().from());
    }

    /** What has started must be able to come back before the window closes. */
    static Optional<Blocker> estimateFits(StartFacts facts, Instant now) {
        List<Window> windows = facts.tenant().windows();
        Optional<Estimate> estimate = facts.estimate();
        if (windows.isEmpty() || estimate.isEmpty()) {
            return Optional.empty();
        }
        Optional<Opening> next =
                facts.openings().after(windows, now, 1).stream().findFirst();
        if (next.isEmpty() || fits(next.get(), estimate.get(), now)) {
            return Optional.empty();
        }
        String fact = "it takes about " + estimate.get().forward() + " and "
                + estimate.get().undo()
                + " to go back, and "
                + (next.get().contains(now)
                        ? next.get().left(now) + " of this window is left"
                        : "the next window is open for " + next.get().left(now));
        return facts.openings().after(windows, now, OPENINGS_LOOKED_AT).stream()
                .filter(opening -> opening.from().isAfter(now) && fits(opening, estimate.get(), now))
                .findFirst()
                .map(opening -> until("estimateFits", fact, opening.from()))
                .orElseGet(() -> blocked("estimateFits", fact + "; no window to come is longer"));
    }

    private static boolean fits(Opening opening, Estimate estimate, Instant now) {
        return opening.left(now).compareTo(estimate.whole()) >= 0;
    }
}
