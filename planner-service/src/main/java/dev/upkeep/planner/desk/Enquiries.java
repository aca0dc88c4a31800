package dev.upkeep.planner.desk;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.StartRules;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Surroundings;
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
import java.util.Map;
import java.util.Optional;
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

    Enquiries(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Readings readings,
            Rollouts rollouts,
            Products products,
            Timeline timeline) {
        this.sessions = sessions;
        this.clock = clock;
        this.readings = readings;
        this.rollouts = rollouts;
        this.products = products;
        this.timeline = timeline;
    }

    /** A rollout with its upgrades. */
    public record OneRollout(Rollout rollout, List<Readings.Listed> upgrades) {}

    /** An upgrade with what is written down about it. */
    public record OneUpgrade(Readings.Shown upgrade, List<Timeline.Shown> entries) {}

    /** Why a tenant's upgrade does not start now; nothing stands in the way if there are no blockers. */
    public record Why(String tenant, String state, List<Blocker> blockers) {}

    /** One rollout. */
    public Uni<OneRollout> rollout(String id) {
        RolloutId wanted = Registry.name("rollout", id, RolloutId::new);
        return sessions.withTransaction((session, tx) -> rollouts.find(session, wanted)
                .map(found -> found.orElseThrow(() -> Declined.unknown("rollout", id, "see GET /v1/rollouts")))
                .chain(found -> readings.ofRollout(session, wanted, MOST_UPGRADES)
                        .map(upgrades -> new OneRollout(found.rollout(), upgrades))));
    }

    /** The latest rollouts. */
    public Uni<List<Rollout>> rollouts(int limit) {
        return sessions.withTransaction((session, tx) -> rollouts.list(session, limit))
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
                                .item(new Why(
                                        tenant,
                                        "none",
                                        List.of(new Blocker(
                                                "isPlanned", "no rollout has planned an upgrade", Optional.empty()))))
                        : why(session, found.get())));
    }

    private Uni<Why> why(Mutiny.Session session, Readings.Shown upgrade) {
        String state = word(upgrade.state().phase());
        return switch (upgrade.state()) {
            case State.Waiting s ->
                blockers(session, upgrade).map(found -> new Why(upgrade.tenant().value(), state, found));
            case State.BetweenHops s ->
                blockers(session, upgrade).map(found -> new Why(upgrade.tenant().value(), state, found));
            case State.Held s when s.at() instanceof State.Moving -> because(upgrade, state, "isHeld", s.reason());
            case State.Held s ->
                blockers(session, upgrade)
                        .map(found ->
                                new Why(upgrade.tenant().value(), state, concat(blocker("isHeld", s.reason()), found)));
            case State.Moving s -> because(upgrade, state, "hasBegun", "it is under way, at step " + upgrade.step());
            case State.Ended s -> because(upgrade, state, "hasEnded", "its latest upgrade has ended " + state);
        };
    }

    private static Uni<Why> because(Readings.Shown upgrade, String state, String rule, String fact) {
        return Uni.createFrom().item(new Why(upgrade.tenant().value(), state, List.of(blocker(rule, fact))));
    }

    private static Blocker blocker(String rule, String fact) {
        return new Blocker(rule, fact, Optional.empty());
    }

    private static List<Blocker> concat(Blocker first, List<Blocker> others) {
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }

    private Uni<List<Blocker>> blockers(Mutiny.Session session, Readings.Shown upgrade) {
        return products.catalogue(session, upgrade.tenantNow().product())
                .chain(catalogue -> rollouts.find(session, upgrade.rollout())
                        .map(rollout -> blockers(
                                upgrade,
                                catalogue.orElseThrow(),
                                rollout.orElseThrow().rollout(),
                                clock.instant())));
    }

    private static List<Blocker> blockers(
            Readings.Shown upgrade, Products.Catalogue catalogue, Rollout rollout, Instant now) {
        StartFacts facts = Facts.of(
                upgrade.tenantNow(),
                catalogue,
                rollout,
                upgrade.to(),
                upgrade.announcedAt(),
                new Surroundings(
                        upgrade.otherActive(), upgrade.parkedBecause(), List.of(), List.of(), Map.of(), Map.of()));
        return upgrade.hops().begun() == 0 ? StartRules.blockers(facts, now) : StartRules.blockersOfNextHop(facts, now);
    }

    /** A phase as it is shown, such as {@code rolled-back}. */
    public static String word(State.Phase phase) {
        return phase.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
