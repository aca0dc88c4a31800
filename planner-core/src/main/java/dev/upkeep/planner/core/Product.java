package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.Version;
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
        List<Ring> rings,
        Policies policies) {
    public Product {
        Objects.requireNonNull(name, "name");
        components = List.copyOf(components);
        bumps = Map.copyOf(bumps);
        procedures = List.copyOf(procedures);
        probes = List.copyOf(probes);
        metrics = List.copyOf(metrics);
        rings = List.copyOf(rings);
        Objects.requireNonNull(policies, "policies");
    }

    /** The component of that name, if the descriptor has it. */
    public Optional<Component> component(ComponentName wanted) {
        return components.stream().filter(c -> c.name().equals(wanted)).findFirst();
    }

    /** What a bump means; one that the descriptor leaves out may neither change the schema nor go without consent. */
    public Meaning meaning(Bump bump) {
        return bumps.getOrDefault(bump, Meaning.STRICTEST);
    }

    /** The first procedure for a model, a bump and what the releases crossed bring. */
    public Optional<Procedure> procedure(Model model, Bump bump, Crossing crossing) {
        return procedures.stream()
                .filter(p -> p.models().contains(model)
                        && p.bumps().contains(bump)
                        && p.conditions().stream().allMatch(c -> c.holds(crossing)))
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
            Map<String, String> settings,
            Cadence cadence) {
        public Component {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(driver, "driver");
            after = List.copyOf(after);
            uses = Map.copyOf(uses);
            settings = Map.copyOf(settings);
            Objects.requireNonNull(cadence, "cadence");
        }
    }

    /** Who moves a component from version to version. */
    public enum Cadence {
        /** The product's releases. */
        PRODUCT,
        /** The product's releases, but its users carry it and it may trail: an SDK, a browser, an agent. */
        TRAILING,
        /** Nobody here: it has releases of its own, and no procedure of this product may touch it. */
        OWN,
        /** It comes inside another component and needs nothing done. */
        RIDES_ALONG
    }

    /**
     * What a bump may do and what it takes.
     *
     * @param schemaChange whether its releases may bring migrations
     * @param settings what its releases may do to settings
     * @param behaviour whether its releases may change behaviour
     * @param consent whether the customer must have said yes
     * @param migrationPeriod for how long after its publication it is nobody's duty to take it
     * @param notice how long before the start it must have been announced
     * @param channels by which that notice must have gone out, such as {@code mail} and {@code banner}
     * @param delay for how long a customer may postpone it; zero: not at all
     * @param window whether it needs a maintenance window
     * @param acknowledge what somebody must have read
     */
    public record Meaning(
            boolean schemaChange,
            Settings settings,
            boolean behaviour,
            boolean consent,
            Duration migrationPeriod,
            Duration notice,
            Set<String> channels,
            Duration delay,
            WindowNeed window,
            Acknowledge acknowledge,
            Undo undo) {
        /** What a bump means that the descriptor leaves out: nothing goes without consent. */
        static final Meaning STRICTEST = simple(false, true, Duration.ZERO, Undo.AS_FOUND);

        public Meaning {
            Objects.requireNonNull(settings, "settings");
            channels = Set.copyOf(channels);
            Objects.requireNonNull(window, "window");
            Objects.requireNonNull(acknowledge, "acknowledge");
            Objects.requireNonNull(undo, "undo");
            if (notice.isNegative() || migrationPeriod.isNegative() || delay.isNegative()) {
                throw new IllegalArgumentException("notice " + notice + ", migration period " + migrationPeriod
                        + " and delay " + delay + " must not be negative");
            }
        }

        /** One that leaves everything else open. */
        static Meaning simple(boolean schemaChange, boolean consent, Duration notice, Undo undo) {
            return new Meaning(
                    schemaChange,
                    Settings.ANY,
                    true,
                    consent,
                    Duration.ZERO,
                    notice,
                    Set.of(),
                    Duration.ZERO,
                    WindowNeed.IF_SET,
                    Acknowledge.NOTHING,
                    undo);
        }
    }

    /** What releases of a bump may do to settings. */
    public enum Settings {
        /** Nothing. */
        NONE,
        /** Add optional ones, deprecate. */
        OPTIONAL,
        /** Also add required ones and change defaults: whoever lacks one is blocked until it is set. */
        REQUIRED,
        /** Also rename and remove. */
        ANY
    }

    /** When a maintenance window is needed. */
    public enum WindowNeed {
        /** Only where the tenant has some. */
        IF_SET,
        /** Also where a release crossed says that it needs one. */
        IF_NOTED,
        /** Always. */
        ALWAYS
    }

    /** What somebody must have read before the start. */
    public enum Acknowledge {
        /** Nothing. */
        NOTHING,
        /** The notes of each release crossed that hold a trigger word or label. */
        IF_TRIGGERED,
        /** The notes of each release crossed. */
        NOTES,
        /** The migration guide, and the notes. */
        GUIDE
    }

    /** How the way back is chosen once something changed. */
    public enum Undo {
        /** By the schema that is found. */
        AS_FOUND,
        /** Always by restoring the backup, because the product supports nothing else. */
        RESTORE
    }

    /**
     * The ordered steps for some models and bumps.
     *
     * @param conditions what the releases crossed must be like; the first procedure whose conditions all hold is taken
     * @param customerTriggers whether it runs only when the customer asks for the version
     * @param downtime for how long the tenant is not served, at most, told in the notice; zero: not at all
     * @param checklist what people of this product check before, each with the step or rule that is its evidence
     */
    public record Procedure(
            Set<Model> models,
            Set<Bump> bumps,
            List<Condition> conditions,
            Style style,
            boolean customerTriggers,
            Duration downtime,
            List<Check> checklist,
            List<StepTemplate> steps,
            Map<String, Duration> deadlines) {
        public Procedure {
            models = Set.copyOf(models);
            bumps = Set.copyOf(bumps);
            conditions = List.copyOf(conditions);
            Objects.requireNonNull(style, "style");
            Objects.requireNonNull(downtime, "downtime");
            checklist = List.copyOf(checklist);
            steps = List.copyOf(steps);
            deadlines = Map.copyOf(deadlines);
        }
    }

    /** What serves while the change is made. */
    public enum Style {
        /** Nothing: it is stopped, changed, started. */
        STOP_AND_START,
        /** Old and new side by side, so that both must understand the schema and each other. */
        ROLLING,
        /** Nothing, and everything is taken down first. */
        TEARDOWN
    }

    /** An item that people check, and what proves it: an action's word such as {@code prove-backup}, or a rule's name. */
    public record Check(String item, String evidence) {
        public Check {
            Objects.requireNonNull(item, "item");
            Objects.requireNonNull(evidence, "evidence");
        }
    }

    /**
     * What the releases crossed bring, as far as procedures and steps depend on it.
     *
     * @param additive whether each migration only adds, so that the version before works on what it leaves
     * @param changed the components of which they bring an artifact or a definition
     * @param elsewhere the components that stand on another tenant than the one that crosses them
     */
    public record Crossing(
            Version from,
            Version to,
            boolean schemaChanges,
            boolean additive,
            boolean settingsChange,
            Set<ComponentName> definitionsChange,
            Set<ComponentName> changed,
            boolean hasTasks,
            Set<ComponentName> elsewhere) {
        public Crossing {
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
            definitionsChange = Set.copyOf(definitionsChange);
            changed = Set.copyOf(changed);
            elsewhere = Set.copyOf(elsewhere);
        }
    }

    /** What a step or a procedure depends on. */
    public sealed interface Condition {
        /** Whether it holds for what is crossed. */
        default boolean holds(Crossing crossing) {
            return holds(
                    crossing,
                    !crossing.changed().isEmpty(),
                    !crossing.elsewhere().isEmpty());
        }

        /** Whether it holds for a step on a component. */
        default boolean holdsFor(ComponentName component, Crossing crossing) {
            return holds(
                    crossing,
                    crossing.changed().contains(component),
                    crossing.elsewhere().contains(component));
        }

        private boolean holds(Crossing crossing, boolean changed, boolean elsewhere) {
            return switch (this) {
                case SchemaChanges c -> crossing.schemaChanges();
                case Additive c -> crossing.additive();
                case SettingsChange c -> crossing.settingsChange();
                case DefinitionsChange c -> !crossing.definitionsChange().isEmpty();
                case Changed c -> changed;
                case Elsewhere c -> elsewhere;
                case Major c -> Bump.between(crossing.from(), crossing.to()) == Bump.MAJOR;
                case Tasks c -> crossing.hasTasks();
                case From c -> c.range().covers(crossing.from().toString());
                case To c -> c.range().covers(crossing.to().toString());
                case Not c -> !c.condition().holds(crossing, changed, elsewhere);
            };
        }

        /** {@code schema-changes}. */
        record SchemaChanges() implements Condition {}

        /** {@code additive}: whatever migrations there are only add. */
        record Additive() implements Condition {}

        /** {@code settings-change}. */
        record SettingsChange() implements Condition {}

        /** {@code definitions-change}: of pods, charts, manifests. */
        record DefinitionsChange() implements Condition {}

        /** {@code changed}: there is another artifact or definition, for a step that of its component. */
        record Changed() implements Condition {}

        /** {@code elsewhere}: something of the tenant stands on another one, for a step its component does. */
        record Elsewhere() implements Condition {}

        /** {@code major}: the way leads to another major. */
        record Major() implements Condition {}

        /** {@code tasks}: a release crossed has order-bound tasks. */
        record Tasks() implements Condition {}

        /** {@code {from: RANGE}}: the version that is left. */
        record From(Range range) implements Condition {}

        /** {@code {to: RANGE}}: the version that is gone to. */
        record To(Range range) implements Condition {}

        /** {@code {not: CONDITION}}. */
        record Not(Condition condition) implements Condition {}
    }

    /**
     * A step as the descriptor states it.
     *
     * @param word the action's word, such as {@code backup-database}
     * @param conditions it is left out unless all of them hold
     * @param parameters the action's own keys, such as {@code span}
     */
    public record StepTemplate(
            String word,
            ComponentName component,
            Map<String, ComponentName> uses,
            List<Condition> conditions,
            Map<String, String> parameters) {
        public StepTemplate {
            Objects.requireNonNull(word, "word");
            Objects.requireNonNull(component, "component");
            uses = Map.copyOf(uses);
            conditions = List.copyOf(conditions);
            parameters = Map.copyOf(parameters);
        }
    }

    /** A probe whose texts may hold {@code {component.setting}} and {@code {version}}. */
    public sealed interface ProbeTemplate {
        /** Unique within the product. */
        String name();

        /** Whether it asks an installation of this version. */
        boolean asks(Version version);

        /**
         * A GET must answer with this status.
         *
         * @param releases which it asks; all if empty
         */
        record HttpStatus(String name, Optional<Range> releases, String url, int status) implements ProbeTemplate {
            public HttpStatus {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(releases, "releases");
                Objects.requireNonNull(url, "url");
            }

            @Override
            public boolean asks(Version version) {
                return covers(releases, version);
            }
        }

        /**
         * A GET must answer with this text at a JSON pointer.
         *
         * @param releases which it asks; all if empty
         */
        record HttpField(String name, Optional<Range> releases, String url, String pointer, String value)
                implements ProbeTemplate {
            public HttpField {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(releases, "releases");
                Objects.requireNonNull(url, "url");
                Objects.requireNonNull(pointer, "pointer");
                Objects.requireNonNull(value, "value");
            }

            @Override
            public boolean asks(Version version) {
                return covers(releases, version);
            }
        }

        /** The component's database must have the schema that the moment asks for, whatever the version. */
        record Schema(String name, ComponentName component) implements ProbeTemplate {
            public Schema {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(component, "component");
            }

            @Override
            public boolean asks(Version version) {
                return true;
            }
        }

        private static boolean covers(Optional<Range> releases, Version version) {
            return releases.map(range -> range.covers(version.toString())).orElse(true);
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
     * @param approval whether somebody else than who started the rollout must approve it before its upgrades start
     */
    public record Ring(RingName name, Duration soak, int concurrency, int failureBudget, boolean approval) {
        public Ring {
            Objects.requireNonNull(name, "name");
            if (soak.isNegative() || concurrency < 1 || failureBudget < 0) {
                throw new IllegalArgumentException("ring " + name
                        + ": soak and failure-budget must not be negative, concurrency must be at least 1");
            }
        }

        /** One that opens without anybody's approval. */
        public Ring(RingName name, Duration soak, int concurrency, int failureBudget) {
            this(name, soak, concurrency, failureBudget, false);
        }

        /** The same with a soak that is no longer than another. */
        Ring soakingAtMost(Duration most) {
            return new Ring(name, soak.compareTo(most) > 0 ? most : soak, concurrency, failureBudget, approval);
        }
    }
}
