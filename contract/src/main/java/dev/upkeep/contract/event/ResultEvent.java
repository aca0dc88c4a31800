package dev.upkeep.contract.event;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/** What came of an attempt. Each attempt has one of succeeded, failed and uncertain, and may have a started before. */
public sealed interface ResultEvent extends Event {
    /** Whose step it was. */
    TenantId tenant();

    /** The upgrade it is part of. */
    UpgradeId upgrade();

    /** The step. */
    StepId step();

    /** Which try of it, from 1. */
    int attempt();

    /** The attempt's fencing number. */
    Token token();

    @Override
    default String key() {
        return tenant().value();
    }

    /** A driver has begun. */
    record StepStarted(TenantId tenant, UpgradeId upgrade, StepId step, int attempt, Token token, String executor)
            implements ResultEvent {
        public StepStarted {
            Attempt.check(tenant, upgrade, step, attempt, token);
            Objects.requireNonNull(executor, "executor");
        }
    }

    /**
     * It was done, or found done.
     *
     * @param found facts for later steps, by the names in {@link dev.upkeep.contract.step.Fact}, and figures
     * @param summary one sentence for a person
     */
    record StepSucceeded(
            TenantId tenant,
            UpgradeId upgrade,
            StepId step,
            int attempt,
            Token token,
            Map<String, String> found,
            String summary,
            Duration took)
            implements ResultEvent {
        public StepSucceeded {
            Attempt.check(tenant, upgrade, step, attempt, token);
            found = Map.copyOf(found);
            Objects.requireNonNull(summary, "summary");
            Objects.requireNonNull(took, "took");
        }
    }

    /**
     * It was not done.
     *
     * @param code a stable kebab-case name of what went wrong, such as {@code disk-full}
     * @param reason what happened, for a person
     * @param fix what a person can do about it
     * @param retryable whether the same attempt may succeed later without anybody doing anything
     */
    record StepFailed(
            TenantId tenant,
            UpgradeId upgrade,
            StepId step,
            int attempt,
            Token token,
            String code,
            String reason,
            String fix,
            boolean retryable,
            Duration took)
            implements ResultEvent {
        public StepFailed {
            Attempt.check(tenant, upgrade, step, attempt, token);
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(fix, "fix");
            Objects.requireNonNull(took, "took");
        }
    }

    /** Nobody can tell whether it was done; the upgrade is held, the step is never blindly run again. */
    record StepUncertain(TenantId tenant, UpgradeId upgrade, StepId step, int attempt, Token token, String reason)
            implements ResultEvent {
        public StepUncertain {
            Attempt.check(tenant, upgrade, step, attempt, token);
            Objects.requireNonNull(reason, "reason");
        }
    }
}
