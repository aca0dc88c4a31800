package dev.upkeep.planner.desk;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.calendar.RuleOpenings;
import dev.upkeep.planner.core.Announced;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Openings;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Recalling;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Said;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.Stretch;
import dev.upkeep.planner.core.Surroundings;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Products.Catalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Brings together what the start rules look at. */
final class Facts {
    private static final Openings OPENINGS = new RuleOpenings();

    private Facts() {}

    /** What is to be known of a start; {@code to} is where the upgrade goes, which a recall decides for each. */
    static StartFacts of(
            Tenant tenant, Catalogue catalogue, Rollout rollout, Version to, Instant announcedAt, Surroundings around) {
        Stretch stretch = catalogue.stretch(tenant.version(), to);
        return new StartFacts(
                tenant,
                Said.NOTHING,
                catalogue.product(),
                stretch,
                planned(tenant, catalogue, rollout, to, around.peerVersions(tenant)),
                rollout,
                new Announced(
                        new Announcement(1, 1, announcedAt, stretch.bump(), Duration.ZERO, announcedAt), List.of()),
                around,
                OPENINGS);
    }

    /** The next hop, by the way that this kind of rollout takes. */
    private static Planning.Planned planned(
            Tenant tenant, Catalogue catalogue, Rollout rollout, Version to, Map<ComponentName, Version> peers) {
        return switch (rollout.kind()) {
            case RELEASE -> Planning.next(catalogue.product(), tenant, catalogue.offer(), to, peers);
            case RECALL -> Recalling.plan(catalogue.product(), tenant, catalogue.offer(), to, peers);
        };
    }
}
