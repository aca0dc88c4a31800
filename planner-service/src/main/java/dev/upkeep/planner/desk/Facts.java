package dev.upkeep.planner.desk;

import dev.upkeep.contract.Version;
import dev.upkeep.planner.calendar.RuleOpenings;
import dev.upkeep.planner.core.Announced;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Openings;
import dev.upkeep.planner.core.Planning;
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

/** Brings together what the start rules look at. */
final class Facts {
    private static final Openings OPENINGS = new RuleOpenings();

    private Facts() {}

    static StartFacts of(
            Tenant tenant, Catalogue catalogue, Rollout rollout, Instant announcedAt, Surroundings around) {
        Version to = rollout.version();
        Stretch stretch = catalogue.stretch(tenant.version(), to);
        return new StartFacts(
                tenant,
                Said.NOTHING,
                catalogue.product(),
                stretch,
                Planning.plan(catalogue.product(), tenant, catalogue.releases(), to, around.peerVersions(tenant)),
                rollout,
                new Announced(
                        new Announcement(1, 1, announcedAt, stretch.bump(), Duration.ZERO, announcedAt), List.of()),
                around,
                OPENINGS);
    }
}
