package dev.upkeep.contract.event;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the planner asks of executors. */
public sealed interface StepEvent extends Event {
    /** Whose step it is. */
    TenantId tenant();

    @Override
    default String key() {
        return tenant().value();
    }

    /**
     * One attempt of one step.
     *
     * @param attempt counts from 1
     * @param token fences this attempt against every earlier one on the same tenant
     * @param uses further components by the role they play for this one, such as {@code database}
     * @param from the version that the hop began on; a hop whose {@code to} is below it takes a recalled release back
     * @param migrations those between {@code from} and {@code to}, in the order they run
     * @param facts what earlier steps of the hop found, by the names in {@link dev.upkeep.contract.step.Fact}
     * @param deadline how long the attempt may take, from when a driver begins
     */
    record StepRequested(
            TenantId tenant,
            UpgradeId upgrade,
            StepId step,
            int attempt,
            Token token,
            Action action,
            ProductName product,
            Version from,
            Version to,
            Target target,
            Map<String, Target> uses,
            List<Migration> migrations,
            Map<String, String> facts,
            Duration deadline)
            implements StepEvent {
        public StepRequested {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(upgrade, "upgrade");
            Objects.requireNonNull(step, "step");
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(action, "action");
            Objects.requireNonNull(product, "product");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
            Objects.requireNonNull(target, "target");
            uses = Map.copyOf(uses);
            migrations = List.copyOf(migrations);
            facts = Map.copyOf(facts);
            if (attempt < 1) {
                throw new IllegalArgumentException("attempt " + attempt + " must be at least 1");
            }
            if (deadline.isNegative() || deadline.isZero()) {
                throw new IllegalArgumentException("deadline " + deadline + " must be longer than nothing");
            }
        }

        /** Whether the hop leads below the version that it began on: its migrations are reverted on the way there. */
        public boolean goesBack() {
            return from.compareTo(to) > 0;
        }

        /** The later of the two versions: its release has the scripts of every migration between them. */
        public Version later() {
            return goesBack() ? from : to;
        }
    }
}
