package dev.upkeep.contract.event;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the planner asks of the verifier. */
public sealed interface BakeEvent extends Event {
    /** Who is looked at. */
    TenantId tenant();

    @Override
    default String key() {
        return tenant().value();
    }

    /**
     * Look at a tenant for a span and judge.
     *
     * @param span how long to look; for {@link Purpose#SHUT} the longest it may take until all probes pass
     * @param interval between two looks
     * @param baseline the step of the same upgrade whose bake is compared with
     */
    record BakeRequested(
            TenantId tenant,
            UpgradeId upgrade,
            StepId step,
            int attempt,
            Token token,
            Purpose purpose,
            Duration span,
            Duration interval,
            List<Probe> probes,
            List<Watch> watches,
            Optional<StepId> baseline)
            implements BakeEvent {
        public BakeRequested {
            Attempt.check(tenant, upgrade, step, attempt, token);
            Objects.requireNonNull(purpose, "purpose");
            probes = List.copyOf(probes);
            watches = List.copyOf(watches);
            Objects.requireNonNull(baseline, "baseline");
            if (span.isNegative() || span.isZero() || interval.isNegative() || interval.isZero()) {
                throw new IllegalArgumentException("span and interval must be longer than nothing");
            }
        }
    }

    /** Why the verifier looks. */
    enum Purpose {
        /** To know how the tenant does before the change; confirmed when there is enough to compare with. */
        BASELINE,
        /** While traffic is parked: every probe must pass, metrics do not count. */
        SHUT,
        /** Under traffic: probes must pass throughout and every watch must keep its bounds. */
        OPEN
    }
}
