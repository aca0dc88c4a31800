package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.Model;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Announced;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Estimate;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Said;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.StartRules;
import dev.upkeep.planner.core.Surroundings;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.core.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A tenant to whom the start rules themselves are put, as they are when the time has come. Two are equal if no rule
 * could tell them apart: neither by their names nor by where their parts are.
 */
public final class RuledEntrant implements Entrant {
    private final StartFacts facts;
    private final Estimate estimate;
    private final Alike alike;

    private RuledEntrant(StartFacts facts, Estimate estimate) {
        this.facts = facts;
        this.estimate = estimate;
        this.alike = Alike.of(facts, estimate);
    }

    /** What rules look at, but for names: what a plan comes to is how long it takes. */
    private record Alike(
            Version from,
            Model model,
            ZoneId zone,
            List<Window> windows,
            List<Tenant.Freeze> freezes,
            Tenant.Site site,
            Said said,
            Announced announced,
            Duration forward,
            Duration undo,
            Optional<String> parked,
            List<Surroundings.Sibling> siblings,
            Map<TenantId, Surroundings.Peer> peers) {
        static Alike of(StartFacts facts, Estimate estimate) {
            Tenant tenant = facts.tenant();
            return new Alike(
                    tenant.version(),
                    tenant.model(),
                    tenant.zone(),
                    tenant.windows(),
                    facts.freezes(),
                    tenant.site(),
                    facts.said(),
                    facts.announced(),
                    estimate.forward(),
                    estimate.undo(),
                    facts.around().parkedBecause(),
                    facts.around().siblings(),
                    facts.around().peers());
        }
    }

    /** The entrant, or nothing if it has no plan: then there is nothing that time could bring. */
    public static Optional<RuledEntrant> of(StartFacts facts) {
        return switch (facts.planned()) {
            case Planning.Planned.NoWay none -> Optional.empty();
            case Planning.Planned.Way way -> facts.estimate().map(estimate -> new RuledEntrant(facts, estimate));
        };
    }

    @Override
    public List<Blocker> blockers(Instant now, Done done) {
        List<Surroundings.Sibling> siblings = facts.around().siblings();
        StartFacts then = siblings.isEmpty()
                ? facts
                : facts.amid(facts.around()
                        .with(siblings.stream().map(s -> brought(s, done)).toList()));
        return StartRules.blockersOfTheTenant(then, now);
    }

    private static Surroundings.Sibling brought(Surroundings.Sibling sibling, Done done) {
        return done.at(sibling.id())
                .map(since -> new Surroundings.Sibling(
                        sibling.id(), sibling.environment(), Optional.of(since), sibling.ranFor()))
                .orElse(sibling);
    }

    @Override
    public Duration takes() {
        return estimate.forward();
    }

    @Override
    public List<TenantId> waitsFor() {
        return facts.around().siblings().stream()
                .filter(sibling -> sibling.runsSince().isEmpty())
                .map(Surroundings.Sibling::id)
                .toList();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RuledEntrant entrant && alike.equals(entrant.alike);
    }

    @Override
    public int hashCode() {
        return Objects.hash(alike);
    }
}
