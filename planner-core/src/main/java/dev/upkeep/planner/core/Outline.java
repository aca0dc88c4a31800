package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * What people are told of a plan, besides its steps.
 *
 * @param downtime for how long the tenant is not served, at most
 * @param customerTriggers whether it begins only when the customer asks
 * @param checklist what people of this product check before, each with what proves it
 * @param pins the bytes that the target's tag stands for, as they were when the plan was made
 * @param following what its users carry along by themselves, and how far it may be behind
 */
public record Outline(
        Product.Style style,
        Duration downtime,
        boolean customerTriggers,
        List<Checked> checklist,
        List<Pinned> pins,
        List<Following> following) {
    public Outline {
        Objects.requireNonNull(style, "style");
        Objects.requireNonNull(downtime, "downtime");
        checklist = List.copyOf(checklist);
        pins = List.copyOf(pins);
        following = List.copyOf(following);
    }

    /** The same with steps of other ids. */
    Outline with(UnaryOperator<StepId> ids) {
        return new Outline(
                style,
                downtime,
                customerTriggers,
                checklist.stream()
                        .map(c -> new Checked(
                                c.item(),
                                c.evidence(),
                                c.steps().stream().map(ids).toList()))
                        .toList(),
                pins,
                following);
    }

    /**
     * An item of the checklist.
     *
     * @param evidence an action's word, or the name of a rule that must hold before the start
     * @param steps the steps of the plan that prove it; none where a rule does, or where there is nothing to prove
     */
    public record Checked(String item, String evidence, List<StepId> steps) {
        public Checked {
            Objects.requireNonNull(item, "item");
            Objects.requireNonNull(evidence, "evidence");
            steps = List.copyOf(steps);
        }
    }

    /** A component's tag and the bytes it stands for. */
    public record Pinned(ComponentName component, Version tag, Artifact artifact) {
        public Pinned {
            Objects.requireNonNull(component, "component");
            Objects.requireNonNull(tag, "tag");
            Objects.requireNonNull(artifact, "artifact");
        }
    }

    /** A component that follows by itself; {@code bound} says how far behind it may be, for a person. */
    public record Following(ComponentName component, Version runs, String bound) {
        public Following {
            Objects.requireNonNull(component, "component");
            Objects.requireNonNull(runs, "runs");
            Objects.requireNonNull(bound, "bound");
        }
    }
}
