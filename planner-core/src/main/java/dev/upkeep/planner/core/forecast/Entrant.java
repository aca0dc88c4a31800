package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.TenantId;
import dev.upkeep.planner.core.Blocker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that decides when a tenant starts; tenants whose entrants are equal are looked at together, so that it is the
 * number of different ones that costs time, not the number of tenants.
 */
public interface Entrant {
    /**
     * What keeps it from starting at an instant, its rollout's own rules left aside.
     *
     * @param done the tenants that the forecast has brought to the version, with when that was
     */
    List<Blocker> blockers(Instant now, Done done);

    /** How long it takes. */
    Duration takes();

    /** The tenants of the rollout whose end may let it start. */
    List<TenantId> waitsFor();

    /** When tenants reached the version, as far as the forecast has come. */
    @FunctionalInterface
    interface Done {
        /** When one did; empty if it has not. */
        Optional<Instant> at(TenantId tenant);
    }
}
