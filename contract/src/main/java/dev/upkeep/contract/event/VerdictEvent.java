package dev.upkeep.contract.event;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import java.time.Duration;
import java.util.Objects;

/** What the verifier tells the planner. */
public sealed interface VerdictEvent extends Event {
    /** Who was judged. */
    TenantId tenant();

    @Override
    default String key() {
        return tenant().value();
    }

    /** A bake has its verdict. */
    record VerdictReached(
            TenantId tenant, UpgradeId upgrade, StepId step, int attempt, Token token, Verdict verdict, Duration took)
            implements VerdictEvent {
        public VerdictReached {
            Attempt.check(tenant, upgrade, step, attempt, token);
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(took, "took");
        }
    }
}
