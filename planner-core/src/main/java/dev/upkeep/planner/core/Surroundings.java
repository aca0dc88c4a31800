package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What else goes on around a tenant, as far as rules ask.
 *
 * @param otherActive another upgrade of the tenant that has begun and not ended
 * @param parkedBecause why the tenant's key is parked at the planner, if it is
 * @param freezes those of its whole account or product
 * @param siblings the other tenants of its account with the same product
 * @param peers the tenants that stand for a part of it, as far as they are registered
 * @param measured what its last upgrade found, by the names that steps report under
 */
public record Surroundings(
        Optional<UpgradeId> otherActive,
        Optional<String> parkedBecause,
        List<Tenant.Freeze> freezes,
        List<Sibling> siblings,
        Map<TenantId, Peer> peers,
        Map<String, String> measured) {
    /** Nothing. */
    public static final Surroundings NOTHING =
            new Surroundings(Optional.empty(), Optional.empty(), List.of(), List.of(), Map.of(), Map.of());

    public Surroundings {
        Objects.requireNonNull(otherActive, "otherActive");
        Objects.requireNonNull(parkedBecause, "parkedBecause");
        freezes = List.copyOf(freezes);
        siblings = List.copyOf(siblings);
        peers = Map.copyOf(peers);
        measured = Map.copyOf(measured);
    }

    /** The same with other siblings. */
    public Surroundings with(List<Sibling> others) {
        return new Surroundings(otherActive, parkedBecause, freezes, others, peers, measured);
    }

    /** By component, what the tenant that stands for it runs, as far as that is known. */
    public Map<ComponentName, Version> peerVersions(Tenant tenant) {
        Map<ComponentName, Version> versions = new HashMap<>();
        tenant.site()
                .peers()
                .forEach((component, id) ->
                        Optional.ofNullable(peers.get(id)).ifPresent(peer -> versions.put(component, peer.version())));
        return versions;
    }

    /**
     * Another tenant of the account with the same product.
     *
     * @param runsSince since when it has run the version in question, confirmed; empty if it does not run it now
     * @param ranFor for how long it ran it before, at most
     */
    public record Sibling(TenantId id, Policies.Environment environment, Optional<Instant> runsSince, Duration ranFor) {
        public Sibling {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(environment, "environment");
            Objects.requireNonNull(runsSince, "runsSince");
            Objects.requireNonNull(ranFor, "ranFor");
        }
    }

    /**
     * A tenant that stands for a part of another.
     *
     * @param version what it runs
     * @param busy what goes on there, such as {@code upgrade u-1 has not ended}
     */
    public record Peer(Version version, Optional<String> busy) {
        public Peer {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(busy, "busy");
        }
    }
}
