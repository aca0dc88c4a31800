package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Walks the ways of a plan, and tells who serves what in each state that they go through: also in the middle of a step,
 * and also from each state in which a step of the way forward can fail.
 *
 * @param style whether one version of a component replaces another beside it
 * @param foreign what somebody else carries
 * @param versions what runs before the first step, as far as it is known
 */
record States(
        Wiring wiring,
        Plan plan,
        Product.Style style,
        Set<ComponentName> foreign,
        Map<ComponentName, Version> versions) {

    /**
     * A way and the states that it goes through.
     *
     * @param route none on the way forward
     * @param standings the first is where it sets out, the last where it ends
     */
    record Way(Optional<Route> route, List<Step> steps, List<Standing> standings) {
        Way {
            steps = List.copyOf(steps);
            standings = List.copyOf(standings);
        }

        Standing first() {
            return standings.getFirst();
        }

        Standing last() {
            return standings.getLast();
        }
    }

    /** Where a way back sets out, and by which steps. */
    private record Departure(Route route, List<Step> steps, Standing from) {}

    /** The way forward, then every way back. */
    List<Way> ways() {
        List<Way> ways = new ArrayList<>();
        ways.add(walk(Optional.empty(), plan.forward(), start()));
        departures().forEach(d -> ways.add(walk(Optional.of(d.route()), d.steps(), d.from())));
        return ways;
    }

    private Standing start() {
        Map<ComponentName, Set<Version>> serving = new HashMap<>();
        versions.forEach((component, version) -> serving.put(component, Set.of(version)));
        return new Standing("before the first step", serving, Set.of(Moment.BEFORE), Set.of(), Set.of(), Set.of());
    }

    private Way walk(Optional<Route> route, List<Step> steps, Standing from) {
        List<Standing> standings = new ArrayList<>(List.of(from));
        steps.forEach(step -> standings.addAll(through(step, standings.getLast())));
        return new Way(route, steps, standings);
    }

    private Set<Departure> departures() {
        Set<Departure> departures = new LinkedHashSet<>();
        List<String> ran = plan.migrations().stream().map(Migration::id).toList();
        Standing at = start();
        for (int i = 0; i < plan.forward().size() && !plan.isProvenAt(i); i++) {
            List<Standing> possible = new ArrayList<>(List.of(at));
            possible.addAll(through(plan.forward().get(i), at));
            at = possible.getLast();
            if (!plan.disturbedAfter(i + 1)) {
                continue;
            }
            for (Route route : List.of(Route.UNCHANGED, Route.REVERSIBLE, Route.IRREVERSIBLE)) {
                if (plan.undo().containsKey(route)) {
                    List<Step> steps = plan.route(route, i + 1, ran);
                    for (Standing failed : possible) {
                        asFound(route, failed).ifPresent(found -> departures.add(new Departure(route, steps, found)));
                    }
                }
            }
        }
        return departures;
    }

    /** The state as it is where a route is taken: the schema decides which one. */
    private Optional<Standing> asFound(Route route, Standing failed) {
        Standing out = failed.setOut("where it failed");
        if (!plan.changesSchema()) {
            return Optional.of(out);
        }
        boolean asItWas = failed.schema().contains(Moment.BEFORE);
        boolean changed = failed.schema().contains(Moment.AFTER);
        return switch (route) {
            case UNCHANGED -> asItWas ? Optional.of(out.schema(out.when(), Moment.BEFORE)) : Optional.empty();
            case REVERSIBLE, IRREVERSIBLE ->
                changed ? Optional.of(out.schema(out.when(), Moment.AFTER)) : Optional.empty();
            case NOTHING, READING, CLOSING -> Optional.empty();
        };
    }

    /** The states that a step leads through, the last of which it ends in; none if nobody serves otherwise for it. */
    private List<Standing> through(Step step, Standing at) {
        Set<ComponentName> moved = new HashSet<>(wiring.moved(step.component()));
        moved.removeAll(foreign);
        String during = "during " + step.title();
        String after = "after " + step.title();
        return switch (step.action()) {
            case Action.Stop a -> List.of(at.serving(after, moved, Set.of()));
            case Action.Teardown a -> List.of(at.serving(after, moved, Set.of()));
            case Action.Start a -> starting(step, at, moved, Set.of(a.version()));
            case Action.Redeploy a -> {
                Set<Version> beside = new HashSet<>(Set.of(a.version()));
                moved.forEach(c -> beside.addAll(at.of(c)));
                yield starting(step, at, moved, style == Product.Style.ROLLING ? beside : Set.of());
            }
            case Action.Migrate a ->
                List.of(
                        at.schema(during, Moment.BEFORE, Moment.AFTER),
                        at.schema(after, Moment.AFTER).arriving(moved));
            case Action.RevertMigrations a ->
                List.of(
                        at.schema(during, Moment.BEFORE, Moment.AFTER),
                        at.schema(after, plan.goesBack() ? Moment.AFTER : Moment.BEFORE)
                                .arriving(moved));
            case Action.RestoreDatabase a
            when plan.database().filter(step.component()::equals).isPresent() ->
                List.of(at.schema(during, Moment.FAILED), at.schema(after, Moment.BEFORE));
            case Action.ParkTraffic a -> List.of(at.parking(after, step.component()));
            case Action.OpenTraffic a -> List.of(at.opening(after, step.component()));
            case Action.Ask a when foreign.contains(step.component()) -> List.of(at.silencing(after, step.component()));
            case Action a -> List.of();
        };
    }

    private List<Standing> starting(Step step, Standing at, Set<ComponentName> moved, Set<Version> meanwhile) {
        Set<Version> started = Set.of(step.starts().orElseThrow());
        Standing during = at.serving("during " + step.title(), moved, meanwhile);
        Standing after = at.serving("after " + step.title(), moved, started);
        if (plan.migrator().filter(step::equals).isPresent()) {
            during = at.serving(during.when(), moved, meanwhile.isEmpty() ? started : meanwhile)
                    .schema(during.when(), Moment.BEFORE, Moment.AFTER);
            after = after.schema(after.when(), Moment.AFTER);
        }
        return List.of(during, after.arriving(moved));
    }
}
