package dev.upkeep.planner.store;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Upgrade;
import java.time.Instant;
import java.util.Optional;

/**
 * An upgrade as it was loaded, its row and its tenant's locked.
 *
 * @param chain the tenant's
 * @param wakeAt when its blockers are looked at again, while it waits
 */
public record Kept(
        Upgrade upgrade, RolloutId rollout, RingName ring, Chain chain, Instant announcedAt, Optional<Instant> wakeAt) {

    /** The same with another state and chain. */
    public Kept with(Upgrade next, Chain longer) {
        return new Kept(next, rollout, ring, longer, announcedAt, wakeAt);
    }

    /** The same, to be looked at again at another time. */
    public Kept wokenAt(Instant at) {
        return new Kept(upgrade, rollout, ring, chain, announcedAt, Optional.of(at));
    }
}
