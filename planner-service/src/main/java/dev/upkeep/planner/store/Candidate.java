package dev.upkeep.planner.store;

import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.Tenant;
import java.util.Optional;

/** An upgrade that waits, with what the start rules ask about its tenant. */
public record Candidate(Kept kept, Tenant tenant, Optional<UpgradeId> otherActive, Optional<String> parkedBecause) {}
