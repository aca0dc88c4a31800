package dev.upkeep.planner.store;

import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Tenant;
import java.util.Optional;

/**
 * An upgrade of which no hop is under way, with what the start rules ask about its tenant.
 *
 * @param previous what the tenant's last confirmed hop came from
 * @param previousSchema the fingerprint that it ran on there
 */
public record Candidate(
        Kept kept,
        Tenant tenant,
        Optional<Version> previous,
        Optional<String> previousSchema,
        Optional<UpgradeId> otherActive,
        Optional<String> parkedBecause) {}
