package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Works out how an upgrade would go, every hop of it with its ways back, before anything starts. */
public final class Previewing {
    private Previewing() {}

    /**
     * The preview of the upgrade that the facts are about.
     *
     * @param releases all that are published
     * @param blockers what would keep it from starting now
     */
    public static Preview of(StartFacts facts, Releases releases, List<Blocker> blockers, Instant now) {
        Tenant tenant = facts.tenant();
        Map<ComponentName, Version> peers = facts.around().peerVersions(tenant);
        List<Preview.Note> notes = facts.stretch().releases().stream()
                .map(release -> new Preview.Note(
                        release.version(),
                        release.told(now),
                        release.notes().triggers(),
                        release.guide().orElse("")))
                .toList();
        return switch (Planning.hops(facts.product(), tenant, releases, facts.to(), peers)) {
            case Planning.Hopped.NoWay none ->
                new Preview(tenant.id(), tenant.version(), facts.to(), List.of(), none.reasons(), blockers, notes);
            case Planning.Hopped.Way way ->
                new Preview(
                        tenant.id(),
                        tenant.version(),
                        facts.to(),
                        way.plans().stream()
                                .map(plan -> hop(facts, plan, releases))
                                .toList(),
                        List.of(),
                        blockers,
                        notes);
        };
    }

    private static Preview.Hop hop(StartFacts facts, Plan plan, Releases releases) {
        Stretch stretch = Stretch.of(releases, facts.stretch().published(), plan.from(), plan.to());
        Duration downtime = stretch.crossing(facts.product(), facts.tenant())
                .flatMap(crossing -> facts.product().procedure(facts.tenant().model(), stretch.bump(), crossing))
                .map(Product.Procedure::downtime)
                .orElse(Duration.ZERO);
        Estimate estimate = Estimate.of(
                plan, stretch, facts.tenant().site().rows(), facts.around().measured(), downtime);
        return new Preview.Hop(
                plan,
                estimate.forward(),
                estimate.undo(),
                estimate.parts().stream()
                        .map(part -> new Preview.Part(part.takes(), part.because()))
                        .toList());
    }
}
