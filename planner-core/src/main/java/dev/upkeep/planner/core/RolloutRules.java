package dev.upkeep.planner.core;

import static dev.upkeep.planner.core.StartRules.blocked;

import java.time.Instant;
import java.util.Optional;

/** What a rollout asks of a start: that it runs, that the ring's turn has come, and that nothing has gone too wrong. */
final class RolloutRules {
    private RolloutRules() {}

    static Optional<Blocker> rolloutIsRunning(StartFacts facts, Instant now) {
        Rollout rollout = facts.rollout();
        return rollout.phase() == Rollout.Phase.RUNNING
                ? Optional.empty()
                : blocked(
                        "rolloutIsRunning",
                        "rollout " + rollout.id() + " is " + rollout.phase().word()
                                + (rollout.reason().isEmpty() ? "" : ": " + rollout.reason()));
    }

    /** A release that was taken back goes to nobody, whoever asked for it before. */
    static Optional<Blocker> releaseIsNotRecalled(StartFacts facts, Instant now) {
        return facts.stretch().recalled().flatMap(recall -> blocked("releaseIsNotRecalled", recall.told()));
    }

    static Optional<Blocker> ringIsOpen(StartFacts facts, Instant now) {
        RingProgress ring = facts.ring();
        return ring.openedAt().isPresent()
                ? Optional.empty()
                : Optional.of(new Blocker(
                        "ringIsOpen",
                        "ring " + ring.ring().name() + " is not open: it opens when the ring before has soaked",
                        facts.rollout().soakedAt()));
    }

    /** Some rings are let in by a person, who must be another than who started the rollout. */
    static Optional<Blocker> ringIsApproved(StartFacts facts, Instant now) {
        Product.Ring ring = facts.ring().ring();
        return !ring.approval() || facts.said().isRingApproved(ring.name(), facts.to())
                ? Optional.empty()
                : blocked(
                        "ringIsApproved",
                        "nobody but who started rollout " + facts.rollout().id() + " has approved ring " + ring.name());
    }

    static Optional<Blocker> budgetIsLeft(StartFacts facts, Instant now) {
        RingProgress ring = facts.ring();
        return ring.isBudgetSpent()
                ? blocked(
                        "budgetIsLeft",
                        "ring " + ring.ring().name() + " had " + ring.failures() + " failures, its budget is "
                                + ring.ring().failureBudget())
                : Optional.empty();
    }

    static Optional<Blocker> slotIsFree(StartFacts facts, Instant now) {
        RingProgress ring = facts.ring();
        return ring.freeSlots() > 0
                ? Optional.empty()
                : blocked(
                        "slotIsFree",
                        ring.active() + " upgrades of ring " + ring.ring().name() + " are under way, and no more than "
                                + ring.ring().concurrency() + " may be");
    }
}
