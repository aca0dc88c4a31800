package dev.upkeep.planner.core;

import dev.upkeep.planner.core.SupportClock.Line;
import dev.upkeep.planner.core.SupportClock.Standing;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** What lies ahead of a tenant or of a product, in the order of time. */
public final class Agenda {
    /** How many openings of windows are told: the rule says the rest. */
    private static final int MOST_OPENINGS = 50;

    private final Instant now;
    private final Instant until;
    private final List<Item> items = new ArrayList<>();

    /** One that looks from an instant to a later one. */
    public Agenda(Instant now, Instant until) {
        this.now = now;
        this.until = until;
    }

    /** What kind of thing lies ahead. */
    public enum Kind {
        /** An upgrade may start from here on. */
        UPGRADE,
        /** A maintenance window is open. */
        WINDOW,
        /** Nothing may start. */
        FREEZE,
        /** The customer's postponement ends. */
        DELAY_ENDS,
        /** The first day without support. */
        SUPPORT_ENDS,
        /** A release is to be expected by the product's cadence. */
        RELEASE_EXPECTED;

        /** The word in answers, such as {@code support-ends}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One thing that lies ahead.
     *
     * @param at when it begins, or on a day: then at the day's beginning in UTC
     * @param to when it ends, if it lasts
     * @param isDay whether it is a day's matter, not an hour's
     */
    public record Item(Instant at, Optional<Instant> to, boolean isDay, Kind kind, String what) {
        public Item {
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(to, "to");
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(what, "what");
        }
    }

    /**
     * An upgrade that has not begun.
     *
     * @param blockers what keeps it from starting now
     */
    public Agenda upgrade(StartFacts facts, List<Blocker> blockers) {
        Instant told = facts.announced().latest().notBefore();
        Instant free = Blocker.earliest(blockers).filter(told::isBefore).orElse(told);
        Instant at = free.isBefore(now) ? now : free;
        List<String> endless = blockers.stream()
                .filter(b -> b.until().isEmpty())
                .map(Blocker::rule)
                .toList();
        add(
                at,
                facts.estimate().map(Estimate::forward).map(at::plus),
                Kind.UPGRADE,
                facts.tenant().version() + " → " + facts.to()
                        + (endless.isEmpty()
                                ? " may start at the earliest"
                                : " can't start as long as these stand in the way: " + String.join(", ", endless)));
        NoticeRules.delayEnds(facts).ifPresent(end -> add(end, Optional.empty(), Kind.DELAY_ENDS, "the delay ends"));
        return this;
    }

    /** When work may run. */
    public Agenda windows(List<Window> windows, Openings openings) {
        if (!windows.isEmpty()) {
            openings.after(windows, now, MOST_OPENINGS)
                    .forEach(opening ->
                            add(opening.from(), Optional.of(opening.to()), Kind.WINDOW, "maintenance window"));
        }
        return this;
    }

    /** When it must not. */
    public Agenda freezes(Collection<Tenant.Freeze> freezes) {
        freezes.forEach(freeze -> add(
                freeze.from(),
                Optional.of(freeze.to()),
                Kind.FREEZE,
                freeze.reason()
                        + (freeze.bumps().isEmpty()
                                ? ""
                                : " ("
                                        + freeze.bumps().stream()
                                                .sorted()
                                                .map(b -> b.name().toLowerCase(Locale.ROOT))
                                                .toList()
                                        + ")")));
        return this;
    }

    /** When the support of lines ends. */
    public Agenda support(Collection<Line> lines) {
        lines.stream()
                .filter(line -> line.standing() != Standing.ENDED)
                .forEach(line -> line.until()
                        .ifPresent(end -> day(
                                end,
                                Kind.SUPPORT_ENDS,
                                "the support of " + line.number() + " ends: " + line.because())));
        return this;
    }

    /** Which releases are to be expected; those that are overdue are told today. */
    public Agenda releases(Collection<ExpectedRelease> expected) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        expected.forEach(e -> day(
                e.due().isBefore(today) ? today : e.due(),
                Kind.RELEASE_EXPECTED,
                e.told() + (e.due().isBefore(today) ? "; it was due on " + e.due() : "")));
        return this;
    }

    private void day(LocalDate day, Kind kind, String what) {
        Instant begins = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        if (begins.plus(Duration.ofDays(1)).isAfter(now) && begins.isBefore(until)) {
            items.add(new Item(begins, Optional.empty(), true, kind, what));
        }
    }

    private void add(Instant at, Optional<Instant> to, Kind kind, String what) {
        if (at.isBefore(until) && to.orElse(at).compareTo(now) >= 0) {
            items.add(new Item(at, to, false, kind, what));
        }
    }

    /** All of it, in the order of time. */
    public List<Item> items() {
        return items.stream()
                .sorted(Comparator.comparing(Item::at).thenComparing(Item::kind).thenComparing(Item::what))
                .toList();
    }
}
