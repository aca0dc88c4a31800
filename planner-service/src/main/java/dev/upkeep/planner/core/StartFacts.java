package dev.upkeep.planner.core;

import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * What the start rules look at.
 *
 * @param to the version it would go to
 * @param announcedAt when the upgrade was announced
 * @param otherActive another upgrade of the tenant that has begun and not ended
 * @param parkedBecause why the tenant's key is parked at the planner, if it is
 */
public record StartFacts(
        Tenant tenant,
        Said said,
        Product product,
        Version to,
        Planning.Planned planned,
        Rollout rollout,
        Instant announcedAt,
        Optional<UpgradeId> otherActive,
        Optional<String> parkedBecause) {
    public StartFacts {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(said, "said");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(planned, "planned");
        Objects.requireNonNull(rollout, "rollout");
        Objects.requireNonNull(announcedAt, "announcedAt");
        Objects.requireNonNull(otherActive, "otherActive");
        Objects.requireNonNull(parkedBecause, "parkedBecause");
    }
}
