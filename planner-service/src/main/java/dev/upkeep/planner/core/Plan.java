package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * The ordered steps of a hop, with an undo route for each schema state it can reach; it never changes once chosen.
 *
 * @param forward the way to the new version
 * @param undo every route that this hop can need; READING is absent where there is no schema to read, IRREVERSIBLE
 *     where there is no backup to restore
 * @param targets each component as a driver needs to know it
 * @param migrations those between the versions, in the order they run
 * @param probes with the tenant's settings filled in; {@code {version}} is filled in when one is asked for
 */
public record Plan(
        ProductName product,
        Version from,
        Version to,
        Product.Undo undoing,
        List<Step> forward,
        Map<Route, List<Step>> undo,
        List<Target> targets,
        List<Migration> migrations,
        List<Product.ProbeTemplate> probes,
        List<Watch> watches) {
    public Plan {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(from, "from");
        Objects.requireNonNull(to, "to");
        Objects.requireNonNull(undoing, "undoing");
        forward = List.copyOf(forward);
        undo = Map.copyOf(undo);
        targets = List.copyOf(targets);
        migrations = List.copyOf(migrations);
        probes = List.copyOf(probes);
        watches = List.copyOf(watches);
        if (forward.isEmpty()) {
            throw new IllegalArgumentException("a plan has at least one step");
        }
    }

    /** The component's target. */
    Target target(ComponentName component) {
        return targets.stream()
                .filter(t -> t.component().equals(component))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("plan has no target for " + component));
    }

    /** Whether the hop runs migrations. */
    boolean migrates() {
        return anyForward(s -> s.action() instanceof Action.Migrate);
    }

    /** Whether an undo may rest on a backup. */
    boolean restores() {
        return undo.containsKey(Route.IRREVERSIBLE);
    }

    /** Whether a step that disturbs the tenant is among the first {@code asked} of the forward way. */
    boolean disturbedAfter(int asked) {
        return forward.stream().limit(asked).anyMatch(Step::disturbs);
    }

    /** Whether every judgement of the forward way lies before {@code index}: from there on there is no reason to undo. */
    boolean isProvenAt(int index) {
        return index > 0
                && anyForward(s -> s.action() instanceof Action.Prove)
                && forward.stream().skip(index).noneMatch(s -> s.action() instanceof Action.Prove);
    }

    /**
     * A route's steps as they apply.
     *
     * @param asked how many steps of the forward way were asked for: what was not parked is not reopened
     * @param reverting the migrations that ran
     */
    List<Step> route(Route route, int asked, List<String> reverting) {
        List<Step> steps = undo.getOrDefault(route, List.of());
        return switch (route) {
            case NOTHING, CLOSING ->
                steps.stream().filter(s -> hasCauseIn(s, asked)).toList();
            case REVERSIBLE -> steps.stream().map(s -> narrowed(s, reverting)).toList();
            case READING, UNCHANGED, IRREVERSIBLE -> steps;
        };
    }

    private boolean hasCauseIn(Step closing, int asked) {
        return forward.stream()
                .limit(asked)
                .anyMatch(s -> s.component().equals(closing.component())
                        && (closing.action() instanceof Action.OpenTraffic
                                ? s.action() instanceof Action.ParkTraffic
                                : s.action() instanceof Action.BackupDatabase));
    }

    private static Step narrowed(Step step, List<String> reverting) {
        return step.action() instanceof Action.RevertMigrations
                ? new Step(
                        step.id(),
                        new Action.RevertMigrations(reverting),
                        step.component(),
                        step.uses(),
                        step.deadline())
                : step;
    }

    private boolean anyForward(Predicate<Step> which) {
        return forward.stream().anyMatch(which);
    }
}
