package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What must hold before an upgrade may begin; all rules are asked, so that all blockers are known at once. */
public final class StartRules {
    static final List<Rule> ALL = List.of(
            StartRules::rolloutIsRunning,
            StartRules::ringIsOpen,
            StartRules::budgetIsLeft,
            StartRules::slotIsFree,
            StartRules::pathExists,
            StartRules::noOtherUpgradeActive,
            StartRules::keyIsNotParked,
            StartRules::noFreeze,
            StartRules::insideWindow,
            StartRules::noticeHasRun,
            StartRules::majorIsConsented);

    /** Their names, as blockers give them and checklists refer to them. */
    static final Set<String> NAMES = Set.of(
            "rolloutIsRunning",
            "ringIsOpen",
            "budgetIsLeft",
            "slotIsFree",
            "pathExists",
            "noOtherUpgradeActive",
            "keyIsNotParked",
            "noFreeze",
            "insideWindow",
            "noticeHasRun",
            "majorIsConsented");

    private StartRules() {}

    /** One of them: a blocker, or nothing. */
    @FunctionalInterface
    interface Rule {
        Optional<Blocker> blocker(StartFacts facts, Instant now);
    }

    /** Every reason why not now; none means it may begin. */
    public static List<Blocker> blockers(StartFacts facts, Instant now) {
        return blockers(ALL, facts, now);
    }

    static List<Blocker> blockers(List<Rule> rules, StartFacts facts, Instant now) {
        return rules.stream().flatMap(r -> r.blocker(facts, now).stream()).toList();
    }

    static Optional<Blocker> rolloutIsRunning(StartFacts facts, Instant now) {
        Rollout rollout = facts.rollout();
        return rollout.phase() == Rollout.Phase.RUNNING
                ? Optional.empty()
                : blocked(
                        "rolloutIsRunning",
                        "rollout " + rollout.id() + " is " + rollout.phase().word()
                                + (rollout.reason().isEmpty() ? "" : ": " + rollout.reason()));
    }

    static Optional<Blocker> ringIsOpen(StartFacts facts, Instant now) {
        RingProgress ring = facts.rollout().ring(facts.tenant().ring());
        return ring.openedAt().isPresent()
                ? Optional.empty()
                : Optional.of(new Blocker(
                        "ringIsOpen",
                        "ring " + ring.ring().name() + " is not open: it opens when the ring before has soaked",
                        facts.rollout().soakedAt()));
    }

    static Optional<Blocker> budgetIsLeft(StartFacts facts, Instant now) {
        RingProgress ring = facts.rollout().ring(facts.tenant().ring());
        return ring.isBudgetSpent()
                ? blocked(
                        "budgetIsLeft",
                        "ring " + ring.ring().name() + " had " + ring.failures() + " failures, its budget is "
                                + ring.ring().failureBudget())
                : Optional.empty();
    }

    static Optional<Blocker> slotIsFree(StartFacts facts, Instant now) {
        RingProgress ring = facts.rollout().ring(facts.tenant().ring());
        return ring.freeSlots() > 0
                ? Optional.empty()
                : blocked(
                        "slotIsFree",
                        ring.active() + " upgrades of ring " + ring.ring().name() + " are under way, and no more than "
                                + ring.ring().concurrency() + " may be");
    }

    static Optional<Blocker> pathExists(StartFacts facts, Instant now) {
        return switch (facts.planned()) {
            case Planning.Planned.Way w -> Optional.empty();
            case Planning.Planned.NoWay w -> blocked("pathExists", String.join("; ", w.reasons()));
        };
    }

    static Optional<Blocker> noOtherUpgradeActive(StartFacts facts, Instant now) {
        return facts.otherActive()
                .flatMap(other -> blocked("noOtherUpgradeActive", "upgrade " + other + " has not ended"));
    }

    static Optional<Blocker> keyIsNotParked(StartFacts facts, Instant now) {
        return facts.parkedBecause()
                .flatMap(reason -> blocked("keyIsNotParked", "the tenant's records are parked: " + reason));
    }

    static Optional<Blocker> noFreeze(StartFacts facts, Instant now) {
        return facts.tenant().freezes().stream()
                .filter(f -> !now.isBefore(f.from()) && now.isBefore(f.to()))
                .max(Comparator.comparing(Tenant.Freeze::to))
                .map(f -> new Blocker("noFreeze", "frozen: " + f.reason(), Optional.of(f.to())));
    }

    static Optional<Blocker> insideWindow(StartFacts facts, Instant now) {
        List<Window> windows = facts.tenant().windows();
        if (windows.isEmpty() || windows.stream().anyMatch(w -> w.contains(now))) {
            return Optional.empty();
        }
        return windows.stream()
                .map(w -> w.nextOpening(now))
                .min(Comparator.naturalOrder())
                .map(opens -> new Blocker("insideWindow", "outside every maintenance window", Optional.of(opens)));
    }

    static Optional<Blocker> noticeHasRun(StartFacts facts, Instant now) {
        Instant over = facts.announcedAt().plus(meaning(facts).notice());
        return now.isBefore(over)
                ? Optional.of(new Blocker(
                        "noticeHasRun",
                        "announced at " + facts.announcedAt() + ", to be announced "
                                + meaning(facts).notice() + " ahead",
                        Optional.of(over)))
                : Optional.empty();
    }

    static Optional<Blocker> majorIsConsented(StartFacts facts, Instant now) {
        return meaning(facts).consent() && !facts.said().consents().contains(facts.to())
                ? blocked("majorIsConsented", "the customer has not consented to " + facts.to())
                : Optional.empty();
    }

    private static Product.Meaning meaning(StartFacts facts) {
        return facts.product().meaning(Bump.between(facts.tenant().version(), facts.to()));
    }

    private static Optional<Blocker> blocked(String rule, String fact) {
        return Optional.of(new Blocker(rule, fact, Optional.empty()));
    }
}
