package dev.upkeep.planner.store;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Upgrade;
import java.time.Instant;
import java.util.Optional;

/**
 * An upgrade as it was loaded, its row and its tenant's locked.
 *
 * @param chain the tenant's
 * @param installed what this transaction has found the tenant to run from now on, if that is another version
 * @param wakeAt when its blockers are looked at again, while it waits
 */
public record Kept(
        Upgrade upgrade,
        RolloutId rollout,
        RingName ring,
        Chain chain,
        Instant announcedAt,
        Optional<Instant> wakeAt,
        Optional<Installed> installed) {

    /**
     * What a hop has left on a tenant.
     *
     * @param previous what the tenant came from; empty where it was taken back
     * @param schema the fingerprint that the previous version ran on
     */
    public record Installed(Version version, Optional<Version> previous, Optional<String> schema) {}

    /** The same with another state and chain. */
    public Kept with(Upgrade next, Chain longer) {
        return new Kept(
                next,
                rollout,
                ring,
                longer,
                announcedAt,
                wakeAt,
                installed(next).or(() -> installed));
    }

    private Optional<Installed> installed(Upgrade next) {
        if (next.hops().runs().equals(upgrade.hops().runs())) {
            return Optional.empty();
        }
        boolean wentBack = next.hops().runs().compareTo(upgrade.hops().runs()) < 0;
        return Optional.of(
                wentBack
                        ? new Installed(next.hops().runs(), Optional.empty(), Optional.empty())
                        : new Installed(
                                next.hops().runs(),
                                Optional.of(upgrade.hops().runs()),
                                Optional.ofNullable(next.facts().get(Fact.SCHEMA_BEFORE))));
    }

    /** The same, to be looked at again at another time. */
    public Kept wokenAt(Instant at) {
        return new Kept(upgrade, rollout, ring, chain, announcedAt, Optional.of(at), installed);
    }
}
