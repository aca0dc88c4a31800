package dev.upkeep.contract.event;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import java.util.Objects;

/** What every event about an attempt must carry. */
final class Attempt {
    private Attempt() {}

    static void check(TenantId tenant, UpgradeId upgrade, StepId step, int attempt, Token token) {
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(upgrade, "upgrade");
        Objects.requireNonNull(step, "step");
        Objects.requireNonNull(token, "token");
        if (attempt < 1) {
            throw new IllegalArgumentException("attempt " + attempt + " must be at least 1");
        }
    }
}
