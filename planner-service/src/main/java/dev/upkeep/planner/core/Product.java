package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.event.Watch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A product's descriptor: its components, what each bump means, how it is upgraded and how it is judged. */
public record Product(
        ProductName name,
        List<Component> components,
        Map<Bump, Meaning> bumps,
        List<Procedure> procedures,
        List<ProbeTemplate> probes,
        List<MetricTemplate> metrics,
        List<Ring> rings) {
    public Product {
        Objects.requireNonNull(name, "name");
        components = List.copyOf(components);
        bumps = Map.copyOf(bumps);
        procedures = List.copyOf(procedures);
        probes = List.copyOf(probes);
        metrics = List.copyOf(metrics);
        rings = List.copyOf(rings);
    }

    /** The component of that name, if the descriptor has it. */
    public Optional<Component> component(ComponentName wanted) {
        return components.stream().filter(c -> c.name().equals(wanted)).findFirst();
    }

    /** What a bump means; one that the descriptor leaves out may neither change the schema nor go without consent. */
    public Meaning meaning(Bump bump) {
        return bumps.getOrDefault(bump, new Meaning(false, true, Duration.ZERO, Undo.AS_FOUND));
    }

    /** The first procedure for a model and a bump. */
    public Optional<Procedure> procedure(Model model, Bump bump) {
        return procedures.stream()
                .filter(p -> p.models().contains(model) && p.bumps().contains(bump))
                .findFirst();
    }

    /**
     * A separately deployable part.
     *
     * @param after what must be there before it
     * @param uses other components by the role they play for it, such as {@code database}
     * @param settings what its driver must know, unless a tenant says otherwise
     */
    public record Component(
            ComponentName name,
            DriverName driver,
            List<ComponentName> after,
            Map<String, ComponentName> uses,
            Map<String, String> settings) {
        public Component {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(driver, "driver");
            after = List.copyOf(after);
            uses = Map.copyOf(uses);
            settings = Map.copyOf(settings);
        }
    }

    /**
     * What a bump may do and what it takes.
     *
     * @param schemaChange whether its releases may bring migrations
     * @param consent whether the customer must have said yes
     * @param notice how long before the start it must be announced
     */
    public record Meaning(boolean schemaChange, boolean consent, Duration notice, Undo undo) {
        public Meaning {
            Objects.requireNonNull(undo, "undo");
            if (notice.isNegative()) {
                throw new IllegalArgumentException("notice " + notice + " must not be negative");
            }
        }
    }

    /** How the way back is chosen once something changed. */
    public enum Undo {
        /** By the schema that is found. */
        AS_FOUND,
        /** Always by restoring the backup, because the product supports nothing else. */
        RESTORE
    }

    /** The ordered steps for some models and bumps. */
    public record Procedure(
            Set<Model> models, Set<Bump> bumps, List<StepTemplate> steps, Map<String, Duration> deadlines) {
        public Procedure {
            models = Set.copyOf(models);
            bumps = Set.copyOf(bumps);
            steps = List.copyOf(steps);
            deadlines = Map.copyOf(deadlines);
        }
    }

    /**
     * A step as the descriptor states it.
     *
     * @param word the action's word, such as {@code backup-database}
     * @param ifSchemaChanges whether it is left out where the release brings no migrations
     * @param parameters the action's own keys, such as {@code span}
     */
    public record StepTemplate(
            String word,
            ComponentName component,
            Map<String, ComponentName> uses,
            boolean ifSchemaChanges,
            Map<String, String> parameters) {
        public StepTemplate {
            Objects.requireNonNull(word, "word");
            Objects.requireNonNull(component, "component");
            uses = Map.copyOf(uses);
            parameters = Map.copyOf(parameters);
        }
    }

    /** A probe whose texts may hold {@code {component.setting}} and {@code {version}}. */
    public sealed interface ProbeTemplate {
        /** Unique within the product. */
        String name();

        /** A GET must answer with this status. */
        record HttpStatus(String name, String url, int status) implements ProbeTemplate {
            public HttpStatus {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(url, "url");
            }
        }

        /** A GET must answer with this text at a JSON pointer. */
        record HttpField(String name, String url, String pointer, String value) implements ProbeTemplate {
            public HttpField {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(url, "url");
                Objects.requireNonNull(pointer, "pointer");
                Objects.requireNonNull(value, "value");
            }
        }

        /** The component's database must have the schema that the moment asks for. */
        record Schema(String name, ComponentName component) implements ProbeTemplate {
            public Schema {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(component, "component");
            }
        }
    }

    /** A watch whose URL may hold {@code {component.setting}}. */
    public record MetricTemplate(
            String name,
            String url,
            Watch.Selection of,
            Watch.Selection per,
            double atLeast,
            Optional<Double> ceiling,
            Optional<Double> worsening,
            double slack) {
        public MetricTemplate {
            // The watch knows which bounds make sense; one that it refuses must not enter a descriptor.
            new Watch(name, url, of, per, atLeast, ceiling, worsening, slack);
        }

        Watch at(String resolved) {
            return new Watch(name, resolved, of, per, atLeast, ceiling, worsening, slack);
        }
    }

    /**
     * An ordered group of tenants.
     *
     * @param soak how long its last upgrade must have been confirmed before the next ring opens
     * @param concurrency how many of its upgrades run at once
     * @param failureBudget how many of its upgrades may be rolled back or held before all starts stop
     */
    public record Ring(RingName name, Duration soak, int concurrency, int failureBudget) {
        public Ring {
            Objects.requireNonNull(name, "name");
            if (soak.isNegative() || concurrency < 1 || failureBudget < 0) {
                throw new IllegalArgumentException("ring " + name
                        + ": soak and failure-budget must not be negative, concurrency must be at least 1");
            }
        }
    }
}
