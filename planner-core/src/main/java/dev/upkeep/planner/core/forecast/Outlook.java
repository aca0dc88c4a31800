package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a rollout would go.
 *
 * @param from when it would be started
 * @param until how far was looked ahead
 * @param rings in their order
 * @param blocked what would keep tenants from starting at all, the most frequent first
 */
public record Outlook(Instant from, Instant until, List<Ring> rings, List<Barred> blocked) {
    public Outlook {
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(until, "until");
        rings = List.copyOf(rings);
        blocked = List.copyOf(blocked);
    }

    /**
     * How a ring would go.
     *
     * @param tenants those it has
     * @param done those that would have the version by {@code until}
     * @param blocked those that something keeps from starting, and nobody knows for how long
     * @param late those that would start or end only after {@code until}
     * @param opens empty if it would not, or if it has no tenants
     * @param half when half of those that are done would be
     * @param most when nine in ten of them would be
     * @param finishes when the last of them would be, and none is left that waits
     * @param because why it does not open or does not finish; empty if it does
     */
    public record Ring(
            RingName name,
            int tenants,
            int done,
            int blocked,
            int late,
            Optional<Instant> opens,
            Optional<Instant> half,
            Optional<Instant> most,
            Optional<Instant> finishes,
            String because) {
        public Ring {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(opens, "opens");
            Objects.requireNonNull(half, "half");
            Objects.requireNonNull(most, "most");
            Objects.requireNonNull(finishes, "finishes");
            Objects.requireNonNull(because, "because");
        }
    }

    /**
     * Tenants that a rule keeps from starting; one that several rules bar counts for each.
     *
     * @param examples the first of them with what stands in their way
     */
    public record Barred(String rule, int tenants, List<Example> examples) {
        public Barred {
            Objects.requireNonNull(rule, "rule");
            examples = List.copyOf(examples);
        }
    }

    /** One tenant that is barred, and by what. */
    public record Example(TenantId tenant, String fact) {
        public Example {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(fact, "fact");
        }
    }
}
