package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.OfUpgrade;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePlanned;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.calendar.RuleOpenings;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What must be true of a fleet after each event, reckoned from the upgrades alone and from what is really there. */
final class Account {
    private final Fleet fleet;
    private final Map<UpgradeId, Upgrade> upgrades;
    private final Map<RolloutId, Rollout> rollouts;
    private final Map<Version, Recall> recalled;
    private final Map<RolloutId, Map<String, Integer>> forgiven = new HashMap<>();
    private final Map<UpgradeId, Set<String>> proofs = new HashMap<>();
    private final Set<UpgradeId> adopted = new HashSet<>();
    private final Set<UpgradeId> barred = new HashSet<>();
    /** When each upgrade's hop must have begun to change something, for its window to hold the way back. */
    private final Map<UpgradeId, Instant> closes = new HashMap<>();

    private final Set<String> told = new HashSet<>();
    /** Upgrades that were promised to turn back, with the hop that must not be confirmed. */
    private final Map<UpgradeId, Integer> turningBack = new HashMap<>();
    /** Upgrades that were promised to begin no further hop, with the last one. */
    private final Map<UpgradeId, Integer> lastHops = new HashMap<>();

    Account(
            Fleet fleet,
            Map<UpgradeId, Upgrade> upgrades,
            Map<RolloutId, Rollout> rollouts,
            Map<Version, Recall> recalled) {
        this.fleet = fleet;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.recalled = recalled;
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new Wrong(otherwise);
        }
    }

    /** Something that should not have happened. */
    static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(String message) {
            super(message);
        }
    }

    Set<String> told() {
        return told;
    }

    // ---- what it is told

    void proven(UpgradeId id, StepId step) {
        proofs.computeIfAbsent(id, i -> new HashSet<>()).add(step.value());
    }

    void hopBegins(UpgradeId id, Optional<Instant> windowCloses, Duration undo) {
        closes.remove(id);
        windowCloses.ifPresent(at -> closes.put(id, at.minus(undo)));
    }

    /** The first change of a hop leaves the window in which it began open for as long as the way back takes. */
    void asked(UpgradeId id, StepRequested step, Upgrade upgrade, Instant now) {
        List<Step> forward = upgrade.plan().orElseThrow().forward();
        boolean isFirst = step.attempt() == 1
                && forward.stream()
                        .filter(s -> s.action() instanceof Action.Change || s.action() instanceof Action.Recover)
                        .filter(s -> !(s.action() instanceof Action.FetchArtifact))
                        .findFirst()
                        .filter(s -> s.id().equals(step.step()))
                        .isPresent();
        Instant close = closes.get(id);
        check(
                !isFirst || close == null || now.isBefore(close),
                "I4: the first change of " + id + " is made when its window does not hold the way back");
    }

    void adopted(UpgradeId id) {
        adopted.add(id);
    }

    void forgive(RolloutId id) {
        Map<String, Integer> rings = forgiven.computeIfAbsent(id, i -> new HashMap<>());
        fleet.product
                .rings()
                .forEach(r -> rings.put(r.name().value(), failures(id, r.name().value())));
    }

    /** An abort was answered with a promise; some can be checked at once, some only when the upgrade ends. */
    void promised(Upgrade before, Upgrade after, Aborting promise) {
        UpgradeId id = before.subject().upgrade();
        told.add("abort: " + promise.getClass().getSimpleName());
        switch (promise) {
            case Aborting.Ends p -> check(after.state() instanceof State.Aborted, id + " was to end, and goes on");
            case Aborting.TurnsAfterStep p -> {
                check(before.state().equals(after.state()), id + " was cut off in the middle of a step");
                turningBack.put(id, before.hops().begun());
            }
            case Aborting.TurnsNow p -> {
                check(!(after.state() instanceof State.Forward), id + " was to turn back, and does not");
                turningBack.put(id, before.hops().begun());
            }
            case Aborting.ResolvesByUndo p -> {
                check(!(after.state() instanceof State.Forward), id + " was to turn back, and does not");
                turningBack.put(id, before.hops().begun());
            }
            case Aborting.Finishes p -> {
                check(before.state().equals(after.state()), id + " is proven, and does not just finish");
                lastHops.put(id, before.hops().begun());
            }
            case Aborting.GoesOn p -> check(before.state().equals(after.state()), id + " did not just go on");
            case Aborting.Refused p -> check(before.state().equals(after.state()), id + " moved, though refused");
        }
    }

    // ---- starts

    void checkStart(UpgradeId id, Tenant tenant, Rollout rollout, Plan plan, Instant now) {
        String ring = tenant.ring().value();
        Product.Ring rule = fleet.product.rings().stream()
                .filter(r -> r.name().equals(tenant.ring()))
                .findFirst()
                .orElseThrow();
        check(
                upgrades.values().stream()
                        .noneMatch(u -> u.subject().tenant().equals(tenant.id())
                                && u.state().phase().isActive()),
                "I3: " + tenant.id() + " gets a second active upgrade");
        int pardoned = forgiven.getOrDefault(rollout.id(), Map.of()).getOrDefault(ring, 0);
        check(
                failures(rollout.id(), ring) - pardoned <= rule.failureBudget(),
                "I8: a start although the failure budget of " + ring + " is spent");
        check(moving(rollout.id(), ring) < rule.concurrency(), "a start beyond the concurrency of " + ring);
        for (Product.Ring earlier : fleet.product.rings()) {
            if (earlier.name().equals(tenant.ring())) {
                break;
            }
            // A person may let a barred one begin after the rings behind it have opened.
            boolean mayTrail = rollout.kind() == Rollout.Kind.RECALL;
            check(
                    inRing(rollout.id(), earlier.name())
                            .allMatch(u -> u.state().phase().isEnded()
                                    || (mayTrail && barred.contains(u.subject().upgrade()))),
                    "a start in " + ring + " although ring " + earlier.name() + " has not ended");
        }
        if (rollout.kind() == Rollout.Kind.RELEASE) {
            Product.Meaning meaning = fleet.product.meaning(Bump.between(tenant.version(), rollout.version()));
            check(!now.isBefore(Samples.START.plus(meaning.notice())), "I4: a start before the notice has run");
            check(!meaning.consent() || !fleet.said(tenant).consents().isEmpty(), "I4: a start without consent");
            fleet.paperwork.wrong(tenant, now).ifPresent(wrong -> check(false, "I4: " + wrong));
        } else {
            check(tenant.version().equals(rollout.version()), id + " goes back from what it does not run");
            check(plan.goesBack(), id + " is to go back, and goes on");
            fleet.paperwork.wrongWithWayBack(tenant, now).ifPresent(wrong -> check(false, "I4: " + wrong));
        }
        checkAnyHop(tenant, rollout, plan, now);
    }

    void checkHop(Upgrade upgrade, Tenant tenant, Rollout rollout, Plan plan, Instant now) {
        UpgradeId id = upgrade.subject().upgrade();
        check(upgrade.state().phase().isActive(), "I3: " + id + " let go of its tenant between two hops");
        check(upgrade.abort().isEmpty(), id + " begins a hop although it was aborted");
        check(plan.from().equals(fleet.world(tenant.id()).running), id + " plans a hop from what does not run");
        fleet.paperwork.wrongWithHop(tenant, now).ifPresent(wrong -> check(false, "I4: " + wrong));
        checkAnyHop(tenant, rollout, plan, now);
    }

    private void checkAnyHop(Tenant tenant, Rollout rollout, Plan plan, Instant now) {
        check(rollout.phase() == Rollout.Phase.RUNNING, "a start although the rollout is " + rollout.phase());
        check(!recalled.containsKey(plan.to()), "a start to " + plan.to() + ", which was recalled");
        check(
                tenant.freezes().stream().noneMatch(f -> !now.isBefore(f.from()) && now.isBefore(f.to())),
                "I4: a start inside a freeze");
        check(
                tenant.windows().isEmpty()
                        || new RuleOpenings()
                                .after(tenant.windows(), now, 1)
                                .getFirst()
                                .contains(now),
                "I4: a start outside the window");
        check(isOneHop(plan), "I5: a hop from " + plan.from() + " to " + plan.to() + " jumps over a stop");
    }

    private boolean isOneHop(Plan plan) {
        if (plan.goesBack()) {
            return true;
        }
        Policies.Versioning versioning = fleet.product.policies().versioning();
        boolean required = versioning.required().stream()
                .noneMatch(v -> v.compareTo(plan.from()) > 0 && v.compareTo(plan.to()) < 0);
        boolean minors = versioning.stops() != Policies.Stops.EVERY_MINOR
                || plan.to().minor() - plan.from().minor() <= 1;
        return required && minors;
    }

    private int failures(RolloutId rollout, String ring) {
        return (int) inRing(rollout, ring).stream()
                .filter(p -> p == State.Phase.ROLLED_BACK || p == State.Phase.HELD)
                .count();
    }

    private int moving(RolloutId rollout, String ring) {
        return (int) inRing(rollout, ring).stream()
                .filter(p -> p.isActive() && p != State.Phase.HELD)
                .count();
    }

    private List<State.Phase> inRing(RolloutId rollout, String ring) {
        return inRing(rollout, new RingName(ring)).map(u -> u.state().phase()).toList();
    }

    private Stream<Upgrade> inRing(RolloutId rollout, RingName ring) {
        return upgrades.values().stream()
                .filter(u -> u.subject().rollout().equals(rollout)
                        && fleet.tenant(u.subject().tenant()).ring().equals(ring));
    }

    // ---- what is said, and what it has come to

    /** Whatever is said names the version that is really there. */
    void said(OfUpgrade event, Upgrade before, Upgrade after) {
        Version from = event.subject().from();
        World world = fleet.world(event.subject().tenant());
        Version installed = after.hops().runs();
        switch (event) {
            case UpgradeUndoing e -> check(from.equals(installed), e + " does not name where it goes back to");
            case UpgradeRolledBack e ->
                check(from.equals(world.running), "rolled back to " + from + ", but " + world.running + " runs");
            case UpgradeAborted e -> check(from.equals(installed), e + " does not name what runs");
            case UpgradeHeld e -> check(from.equals(installed), e + " does not name what is installed");
            case HopConfirmed e ->
                check(
                        e.reached().equals(world.running),
                        "a hop to " + e.reached() + ", but " + world.running + " runs");
            case UpgradeConfirmed e ->
                check(e.subject().to().equals(world.running), "confirmed, but " + world.running + " runs");
            case UpgradeStarted e -> check(before.state() instanceof State.Waiting, "it started twice");
            case UpgradePlanned e -> throw new Wrong("an upgrade plans itself");
            case UpgradePostponed e -> {
                told.add("postponed: " + after.state().phase());
                check(from.equals(world.running), "postponed on " + from + ", but " + world.running + " runs");
            }
            case UpgradeOverrunning e -> throw new Wrong("an upgrade knows nothing of windows");
        }
    }

    void moved(Upgrade before, Upgrade after) {
        UpgradeId id = after.subject().upgrade();
        if (after.state().phase() == State.Phase.BARRED) {
            barred.add(id);
            told.add(rollout(after).kind() == Rollout.Kind.RECALL ? "recall: BARRED" : "upgrade: BARRED");
        }
        boolean hopEnded = after.state() instanceof State.BetweenHops && !isBetweenHops(before.state());
        boolean postponed = before.state() instanceof State.Moving
                && (isWaiting(after.state())
                        || (hopEnded && after.hops().runs().equals(before.hops().runs())));
        boolean ended = after.state() instanceof State.Ended && !(before.state() instanceof State.Ended);
        if (hopEnded || postponed || (ended && after.hops().begun() > 0)) {
            atRest(id, after);
        }
        if ((hopEnded && !postponed) || after.state() instanceof State.Confirmed) {
            isProven(id, after);
            Integer turned = turningBack.get(id);
            check(
                    turned == null || turned != after.hops().begun() || adopted.contains(id),
                    id + " was promised to turn back, and was confirmed");
        }
        if (after.state() instanceof State.RolledBack back) {
            isProvenBack(id, after, back.route());
        }
        if (after.state() instanceof State.Ended && !(before.state() instanceof State.Ended)) {
            tell(after);
        }
        Integer last = lastHops.get(id);
        check(last == null || after.hops().begun() <= last, id + " was promised to begin no further hop");
        check(after.hops().begun() <= before.hops().begun() + 1, id + " began more hops than one at once");
    }

    private void tell(Upgrade upgrade) {
        told.add(what(upgrade) + ": "
                + switch (upgrade.state()) {
                    case State.RolledBack s -> s.route().word();
                    case State s -> s.phase().name();
                });
    }

    private String what(Upgrade upgrade) {
        int hops = upgrade.hops().begun();
        if (upgrade.state() instanceof State.Aborted && hops > 0) {
            return "between hops";
        }
        if (rollout(upgrade).kind() == Rollout.Kind.RECALL) {
            return "recall" + (upgrade.plan().filter(Plan::changesSchema).isPresent() ? " that reverts" : "");
        }
        return hops > 1 ? "hop " + Math.min(hops, 3) : "upgrade";
    }

    private Rollout rollout(Upgrade upgrade) {
        Rollout rollout = rollouts.get(upgrade.subject().rollout());
        if (rollout == null) {
            throw new AssertionError("there is no rollout of " + upgrade.subject());
        }
        return rollout;
    }

    private static boolean isWaiting(State state) {
        return state instanceof State.Waiting
                || (state instanceof State.Held held && held.at() instanceof State.Waiting);
    }

    private static boolean isBetweenHops(State state) {
        return state instanceof State.BetweenHops
                || (state instanceof State.Held held && held.at() instanceof State.BetweenHops);
    }

    private void atRest(UpgradeId id, Upgrade upgrade) {
        World world = fleet.world(upgrade.subject().tenant());
        String where = id + " rests " + upgrade.state().phase();
        check(!world.parked, "I7: " + where + " with its traffic parked");
        check(!world.paused, "I7: " + where + " with its work paused");
        check(!world.capturing, where + " with its capture open");
        check(world.up, where + " with the service down");
        check(world.running.equals(upgrade.hops().runs()), where + ", but " + world.running + " runs");
        check(world.isWhole(), "I5: " + where + " on " + world.running + " with " + world.applied);
    }

    private void isProven(UpgradeId id, Upgrade upgrade) {
        check(
                adopted.contains(id)
                        || upgrade.plan().orElseThrow().forward().stream()
                                .filter(s -> s.action() instanceof Action.Prove)
                                .allMatch(s -> proofs.getOrDefault(id, Set.of()).contains(s.id().value())),
                "I11: confirmed without a verdict on each proof");
    }

    /** Traffic comes back, or work, on the way back. */
    void reopens(UpgradeId id, Upgrade upgrade) {
        if (upgrade.state() instanceof State.Backward back) {
            isProvenBack(id, upgrade, back.route());
        }
    }

    /** What was put back is let go only once it was judged, where the way forward is. */
    private void isProvenBack(UpgradeId id, Upgrade upgrade, Route route) {
        boolean puts =
                Set.of(Route.UNCHANGED, Route.REVERSIBLE, Route.IRREVERSIBLE).contains(route);
        boolean judges =
                upgrade.plan().orElseThrow().forward().stream().anyMatch(s -> s.action() instanceof Action.Prove);
        String hop = upgrade.hops().begun() == 1 ? "" : "hop" + upgrade.hops().begun() + "-";
        check(
                !puts
                        || !judges
                        || proofs.getOrDefault(id, Set.of()).stream()
                                .anyMatch(step -> step.startsWith(hop + route.word() + "-")),
                "I7: " + id + " is back by way of " + route.word() + " without a verdict on what runs");
    }

    void inspect(Collection<UpgradeId> open) {
        for (Rollout rollout : rollouts.values()) {
            for (RingProgress ring : rollout.rings()) {
                List<State.Phase> phases =
                        inRing(rollout.id(), ring.ring().name().value());
                String name = "ring " + ring.ring().name() + " of " + rollout.id();
                check(ring.failures() == count(phases, State.Phase.ROLLED_BACK, State.Phase.HELD), name + " failures");
                check(ring.waiting() == count(phases, State.Phase.WAITING), name + " waiting");
                check(ring.barred() == count(phases, State.Phase.BARRED), name + " barred");
                check(
                        ring.active()
                                == phases.stream()
                                        .filter(p -> p.isActive() && p != State.Phase.HELD)
                                        .count(),
                        name + " counts what is under way wrongly");
            }
        }
        upgrades.forEach((id, upgrade) -> check(
                !(upgrade.state() instanceof State.Moving m) || m.attempt() instanceof Try.Backoff || open.contains(id),
                "I6: " + id + " waits for nothing"));
        fleet.tenants
                .keySet()
                .forEach(tenant -> check(
                        upgrades.values().stream()
                                        .filter(u -> u.subject().tenant().equals(tenant)
                                                && u.state().phase().isActive())
                                        .count()
                                <= 1,
                        "I3: " + tenant + " has two active upgrades"));
    }

    private static long count(List<State.Phase> phases, State.Phase... of) {
        return phases.stream().filter(List.of(of)::contains).count();
    }
}
