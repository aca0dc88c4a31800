package dev.upkeep.planner.desk;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Estimate;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.StartRules;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.WhatChanges;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Readings;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.hibernate.reactive.mutiny.Mutiny;

/** Answers what people ask, and changes nothing. */
@ApplicationScoped
public class Enquiries {
    private static final int MOST_UPGRADES = 5000;
    private static final int MOST_ENTRIES = 10_000;

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Readings readings;
    private final Rollouts rollouts;
    private final Products products;
    private final Timeline timeline;
    private final Circumstances circumstances;

    Enquiries(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Readings readings,
            Rollouts rollouts,
            Products products,
            Timeline timeline,
            Circumstances circumstances) {
        this.sessions = sessions;
        this.clock = clock;
        this.readings = readings;
        this.rollouts = rollouts;
        this.products = products;
        this.timeline = timeline;
        this.circumstances = circumstances;
    }

    /** A rollout with its upgrades. */
    public record OneRollout(Rollout rollout, List<Readings.Listed> upgrades) {}

    /** An upgrade with what is written down about it. */
    public record OneUpgrade(Readings.Shown upgrade, List<Timeline.Shown> entries) {}

    /**
     * Why a tenant's upgrade does not start now; nothing stands in the way if there are no blockers.
     *
     * @param warnings what nobody must do anything about before, but should know
     * @param estimate how long it will take, where there is a plan
     * @param announced what people were told of it, before it has begun
     */
    public record Why(
            String tenant,
            String state,
            List<Blocker> blockers,
            List<String> warnings,
            Optional<Estimate> estimate,
            Optional<Announcement> announced) {
        private static Why only(String tenant, String state, Blocker blocker) {
            return new Why(tenant, state, List.of(blocker), List.of(), Optional.empty(), Optional.empty());
        }

        private Why first(Blocker blocker) {
            List<Blocker> all =
                    Stream.concat(Stream.of(blocker), blockers.stream()).toList();
            return new Why(tenant, state, all, warnings, estimate, announced);
        }
    }

    /** One rollout. */
    public Uni<OneRollout> rollout(String id) {
        RolloutId wanted = Registry.name("rollout", id, RolloutId::new);
        return sessions.withTransaction((session, tx) -> rollouts.find(session, wanted)
                .map(found -> found.orElseThrow(() -> Declined.unknown("rollout", id, "see GET /v1/rollouts")))
                .chain(found -> readings.ofRollout(session, wanted, MOST_UPGRADES)
                        .map(upgrades -> new OneRollout(found.rollout(), upgrades))));
    }

    /** A page of a rollout's upgrades, by id, after one. */
    public Uni<List<Readings.Listed>> upgrades(String id, String after, int limit) {
        RolloutId wanted = Registry.name("rollout", id, RolloutId::new);
        return sessions.withTransaction((session, tx) -> rollouts.find(session, wanted)
                .map(found -> found.orElseThrow(() -> Declined.unknown("rollout", id, "see GET /v1/rollouts")))
                .chain(found -> readings.ofRollout(session, found.rollout().id(), after, limit)));
    }

    /** A page of rollouts, the latest first, after an id. */
    public Uni<List<Rollout>> rollouts(String after, int limit) {
        return sessions.withTransaction((session, tx) -> rollouts.list(session, after, limit))
                .map(found -> found.stream().map(KeptRollout::rollout).toList());
    }

    /** What was written down after a cursor. */
    public Uni<List<Timeline.Shown>> timeline(Optional<String> rollout, String after, int limit) {
        Timeline.Cursor cursor;
        try {
            cursor = after.isEmpty() ? Timeline.Cursor.START : Timeline.Cursor.of(after);
        } catch (IllegalArgumentException e) {
            throw Declined.because(
                    400, "cursor-invalid", "/after", String.valueOf(e.getMessage()), "pass on what 'next' said");
        }
        Optional<RolloutId> wanted = rollout.map(id -> Registry.name("rollout", id, RolloutId::new));
        return sessions.withTransaction((session, tx) -> wanted.isEmpty()
                ? timeline.after(session, cursor, Optional.empty(), limit)
                : rollouts.find(session, wanted.get())
                        .map(found -> found.orElseThrow(
                                () -> Declined.unknown("rollout", wanted.get().value(), "see GET /v1/rollouts")))
                        .chain(found -> timeline.after(session, cursor, rollout, limit)));
    }

    /** One upgrade. */
    public Uni<OneUpgrade> upgrade(String id) {
        UpgradeId wanted = Registry.name("upgrade", id, UpgradeId::new);
        return sessions.withTransaction((session, tx) -> readings.upgrade(session, wanted)
                .map(found -> found.orElseThrow(() -> Declined.unknown("upgrade", id, "see GET /v1/rollouts/{id}")))
                .chain(found -> withEntries(session, found)));
    }

    /** A tenant's latest upgrade. */
    public Uni<OneUpgrade> latest(String tenant) {
        TenantId wanted = Registry.name("tenant", tenant, TenantId::new);
        return sessions.withTransaction((session, tx) -> readings.latest(session, wanted)
                .map(found -> found.orElseThrow(
                        () -> Declined.unknown("upgrade", tenant, "no rollout has planned one for this tenant")))
                .chain(found -> withEntries(session, found)));
    }

    private Uni<OneUpgrade> withEntries(Mutiny.Session session, Readings.Shown found) {
        return timeline.ofTenant(session, found.tenant().value(), 0, MOST_ENTRIES)
                .map(entries -> new OneUpgrade(
                        found,
                        entries.stream()
                                .filter(e -> found.id().value().equals(e.upgrade()))
                                .toList()));
    }

    /** Why not now. */
    public Uni<Why> why(String tenant) {
        TenantId wanted = Registry.name("tenant", tenant, TenantId::new);
        return sessions.withTransaction((session, tx) -> readings.latest(session, wanted)
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom()
                                .item(Why.only(
                                        tenant, "none", blocker("isPlanned", "no rollout has planned an upgrade")))
                        : why(session, found.get())));
    }

    private Uni<Why> why(Mutiny.Session session, Readings.Shown upgrade) {
        String state = word(upgrade.state().phase());
        return switch (upgrade.state()) {
            case State.Waiting s -> blocked(session, upgrade, state);
            case State.BetweenHops s -> blocked(session, upgrade, state);
            case State.Held s when s.at() instanceof State.Moving -> because(upgrade, state, "isHeld", s.reason());
            case State.Held s -> blocked(session, upgrade, state).map(why -> why.first(blocker("isHeld", s.reason())));
            case State.Moving s -> because(upgrade, state, "hasBegun", "it is under way, at step " + upgrade.step());
            case State.Ended s -> because(upgrade, state, "hasEnded", "its latest upgrade has ended " + state);
        };
    }

    private static Uni<Why> because(Readings.Shown upgrade, String state, String rule, String fact) {
        return Uni.createFrom().item(Why.only(upgrade.tenant().value(), state, blocker(rule, fact)));
    }

    private static Blocker blocker(String rule, String fact) {
        return new Blocker(rule, fact, Optional.empty());
    }

    private Uni<Why> blocked(Mutiny.Session session, Readings.Shown upgrade, String state) {
        Instant now = clock.instant();
        boolean first = upgrade.startedAt().isEmpty();
        return looked(session, upgrade, now, (one, found) -> {
            StartFacts facts =
                    Circumstances.facts(one, found.circumstance(), found.catalogue(), found.rollout(), Set.of());
            return new Why(
                    upgrade.tenant().value(),
                    state,
                    first ? StartRules.blockers(facts, now) : StartRules.blockersOfNextHop(facts, now),
                    StartRules.warnings(facts),
                    facts.estimate(),
                    Optional.of(facts.announced().latest()).filter(told -> first));
        });
    }

    /** What an upgrade changes for a tenant, and what was announced of it. */
    public record Notes(String tenant, WhatChanges changes, Announcement announced) {}

    /** What the upgrade changes that waits for a tenant or is under way; empty if none is. */
    public Uni<Optional<Notes>> notes(String tenant) {
        TenantId wanted = Registry.name("tenant", tenant, TenantId::new);
        Instant now = clock.instant();
        return sessions.withTransaction((session, tx) -> readings.latest(session, wanted)
                .chain(found -> found.filter(upgrade -> !upgrade.state().phase().isEnded())
                        .map(upgrade -> notes(session, upgrade, now).map(Optional::of))
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty()))));
    }

    private Uni<Notes> notes(Mutiny.Session session, Readings.Shown upgrade, Instant now) {
        return looked(session, upgrade, now, (one, found) -> {
            StartFacts facts = Circumstances.unplanned(one, found.circumstance(), found.catalogue(), found.rollout());
            return new Notes(
                    upgrade.tenant().value(),
                    WhatChanges.of(facts, now),
                    facts.announced().latest());
        });
    }

    /** What was found around an upgrade. */
    private record Looked(Circumstances.Circumstance circumstance, Products.Catalogue catalogue, Rollout rollout) {}

    private <T> Uni<T> looked(
            Mutiny.Session session,
            Readings.Shown upgrade,
            Instant now,
            BiFunction<Circumstances.Case, Looked, T> answer) {
        Circumstances.Case one = new Circumstances.Case(
                upgrade.id(),
                upgrade.tenantNow(),
                upgrade.to(),
                upgrade.announcedAt(),
                upgrade.otherActive(),
                upgrade.parkedBecause());
        return products.catalogue(session, upgrade.tenantNow().product())
                .map(Optional::orElseThrow)
                .chain(catalogue -> rollouts.find(session, upgrade.rollout())
                        .map(found -> found.orElseThrow().rollout())
                        .chain(rollout -> circumstances
                                .of(session, List.of(one), catalogue, rollout, Circumstances.Peers.SEEN, now)
                                .map(found -> answer.apply(
                                        one,
                                        new Looked(Desk.circumstance(found, one.upgrade()), catalogue, rollout)))));
    }

    /** A phase as it is shown, such as {@code rolled-back}. */
    public static String word(State.Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
