package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Derives the undo routes from the way forward, before its first step.
 *
 * <p>Ordering, on every route that puts the previous version back: come to rest as the way forward did; stop what may
 * have been started, the last first; bring up again what the database runs in; take the schema back; put configuration
 * and keys back; fetch; start, the first first; judge; let go what was paused and parked. Nothing goes back while the new
 * version still runs. Only where the schema is as it was does a rolling way roll back, and stops nothing.
 *
 * @param from what is put back
 * @param reverts whether migrations can have run that can be reverted
 * @param foreign the components that somebody else carries: what a person was asked about them is asked back
 */
record Undoing(
        List<Step> forward,
        Version from,
        Map<String, Duration> deadlines,
        Product.Style style,
        boolean reverts,
        Wiring wiring,
        Set<ComponentName> foreign) {

    Map<Route, List<Step>> routes() {
        Map<Route, List<Step>> routes = new EnumMap<>(Route.class);
        routes.put(Route.NOTHING, numbered(Route.NOTHING, letGo()));
        routes.put(Route.CLOSING, numbered(Route.CLOSING, letGo()));
        routes.put(Route.UNCHANGED, putBack(Route.UNCHANGED, List.of(), style == Product.Style.ROLLING));
        if (has(s -> s.action() instanceof Action.CheckSchema)) {
            routes.put(Route.READING, reading());
        }
        List<Draft> revert = revert();
        if (reverts && !revert.isEmpty()) {
            routes.put(Route.REVERSIBLE, putBack(Route.REVERSIBLE, revert, false));
        }
        List<Draft> restore = restore();
        if (!restore.isEmpty()) {
            routes.put(Route.IRREVERSIBLE, putBack(Route.IRREVERSIBLE, restore, false));
        }
        return routes;
    }

    /** The schema can only be read where the database runs. */
    private List<Step> reading() {
        List<Draft> drafts = new ArrayList<>();
        if (!hosts().isEmpty()) {
            drafts.addAll(quiesce());
            drafts.addAll(hostsUp());
        }
        drafts.addAll(on(is(Action.CheckSchema.class), new Action.CheckSchema(Moment.FAILED)));
        return numbered(Route.READING, drafts);
    }

    private List<Draft> revert() {
        List<Draft> byStep = on(is(Action.Migrate.class), new Action.RevertMigrations(List.of()));
        if (!byStep.isEmpty()) {
            return byStep;
        }
        // What migrates by itself takes nothing back by itself: whoever rehearses its migrations can revert them.
        return forward.stream()
                .filter(s -> s.action() instanceof Action.ProveBackup)
                .flatMap(s -> Optional.ofNullable(s.uses().get("schema")).stream())
                .limit(1)
                .map(tool -> new Draft(new Action.RevertMigrations(List.of()), tool, wiring.uses(tool, Map.of())))
                .toList();
    }

    /** A backup that was never proven is kept for people; only a proven one is restored. */
    private List<Draft> restore() {
        Predicate<Step> backedUp = s -> s.action() instanceof Action.BackupDatabase
                && has(p -> p.action() instanceof Action.ProveBackup
                        && p.component().equals(s.component()));
        List<Draft> recover = new ArrayList<>(on(backedUp, new Action.BackupDatabase(Moment.FAILED)));
        recover.addAll(on(backedUp, new Action.ExportWrites()));
        recover.addAll(on(backedUp, new Action.RestoreDatabase()));
        return recover;
    }

    private List<Step> putBack(Route route, List<Draft> recover, boolean besides) {
        List<Draft> drafts = new ArrayList<>(quiesce());
        List<ComponentName> bystanders = recover.isEmpty() ? List.of() : bystanders();
        bystanders.reversed().forEach(c -> drafts.add(new Draft(new Action.Stop(), c, wiring.uses(c, Map.of()))));
        if (!besides) {
            drafts.addAll(stops());
        }
        Set<ComponentName> up = besides ? Set.of() : hosts();
        if (!up.isEmpty()) {
            drafts.addAll(hostsUp());
        }
        drafts.addAll(recover);
        if (up.isEmpty()) {
            drafts.addAll(configuration());
        }
        drafts.addAll(on(is(Action.SnapshotKey.class), new Action.AttachKey()));
        drafts.addAll(fetch(s -> !up.contains(s.component())));
        runners().stream()
                .filter(s -> !up.contains(s.component()))
                .forEach(s -> drafts.add(Draft.like(
                        besides ? new Action.Redeploy(from, Moment.BEFORE) : new Action.Start(from, Moment.BEFORE),
                        s)));
        bystanders.forEach(
                c -> drafts.add(new Draft(new Action.Start(from, Moment.BEFORE), c, wiring.uses(c, Map.of()))));
        drafts.addAll(bootstrap());
        drafts.addAll(judge());
        drafts.addAll(askedBack());
        drafts.addAll(letGo());
        return numbered(route, drafts);
    }

    /** What runs on the database and is not moved by the way forward: it must not run on one that is put back. */
    private List<ComponentName> bystanders() {
        Set<ComponentName> databases = new LinkedHashSet<>();
        forward.stream()
                .filter(s -> s.action() instanceof Action.CheckSchema || s.action() instanceof Action.ProveBackup)
                .forEach(s -> databases.add(s.component()));
        Set<ComponentName> moved = new LinkedHashSet<>(foreign);
        forward.stream()
                .filter(s -> s.action() instanceof Action.Teardown || s.starts().isPresent())
                .forEach(s -> moved.addAll(wiring.moved(s.component())));
        return wiring.running().stream()
                .filter(c -> !moved.contains(c))
                .filter(c -> wiring.role(c, Wiring.DATABASE)
                        .filter(databases::contains)
                        .isPresent())
                .toList();
    }

    private List<Draft> quiesce() {
        return forward.stream()
                .filter(s -> s.action() instanceof Action.Quiesce)
                .map(s -> Draft.like(s.action(), s))
                .toList();
    }

    private List<Draft> stops() {
        List<Draft> teardowns = on(is(Action.Teardown.class), new Action.Teardown());
        if (!teardowns.isEmpty()) {
            return teardowns;
        }
        List<Draft> stops = new ArrayList<>(runners().stream()
                .filter(s -> !hosts().contains(s.component()))
                .map(s -> Draft.like(new Action.Stop(), s))
                .toList());
        Collections.reverse(stops);
        return stops;
    }

    /** What the way forward takes down or moves although a database runs in it. */
    private Set<ComponentName> hosts() {
        Set<ComponentName> touched = new LinkedHashSet<>();
        forward.stream()
                .filter(s -> s.action() instanceof Action.Teardown || s.starts().isPresent())
                .forEach(s -> touched.addAll(wiring.moved(s.component())));
        Set<ComponentName> hosts = new LinkedHashSet<>();
        forward.stream()
                .filter(s -> s.action() instanceof Action.CheckSchema || s.action() instanceof Action.ProveBackup)
                .flatMap(s -> wiring.role(s.component(), Wiring.SERVER).stream())
                .filter(touched::contains)
                .forEach(hosts::add);
        return hosts;
    }

    /** They come up as they were defined before. */
    private List<Draft> hostsUp() {
        List<Draft> drafts = new ArrayList<>(configuration());
        drafts.addAll(fetch(s -> hosts().contains(s.component())));
        hosts().forEach(host ->
                drafts.add(new Draft(new Action.Redeploy(from, Moment.BEFORE), host, wiring.uses(host, Map.of()))));
        return drafts;
    }

    private List<Draft> configuration() {
        return on(is(Action.BackupConfiguration.class), new Action.RestoreConfiguration());
    }

    private List<Draft> fetch(Predicate<Step> which) {
        return on(is(Action.FetchArtifact.class).and(which), new Action.FetchArtifact(from));
    }

    /** What a teardown destroyed besides what is stored is made again by the tasks that made it on the way forward. */
    private List<Draft> bootstrap() {
        if (style != Product.Style.TEARDOWN) {
            return List.of();
        }
        List<Draft> tasks = new ArrayList<>();
        for (Step step : forward) {
            if (step.action() instanceof Action.Prove) {
                break;
            }
            if (step.action() instanceof Action.RunTask) {
                tasks.add(Draft.like(step.action(), step));
            }
        }
        return tasks;
    }

    private List<Draft> judge() {
        List<Draft> shut = on(is(Action.VerifyShut.class), new Action.VerifyShut(from, Moment.BEFORE));
        return shut.isEmpty() ? on(is(Action.VerifyOpen.class), new Action.VerifyShut(from, Moment.BEFORE)) : shut;
    }

    private List<Draft> askedBack() {
        return forward.stream()
                .filter(s -> s.action() instanceof Action.Ask && foreign.contains(s.component()))
                .map(s -> Draft.like(
                        new Action.Ask("It goes back to " + from + ". Take back what you were asked for: "
                                + ((Action.Ask) s.action()).what()),
                        s))
                .toList();
    }

    /** Lets go what was paused and parked, in the order of the way forward, and ends what was captured. */
    private List<Draft> letGo() {
        List<Draft> drafts = new ArrayList<>();
        forward.stream()
                .filter(s -> s.action() instanceof Action.Reopen)
                .map(s -> Draft.like(s.action(), s))
                .filter(draft -> !drafts.contains(draft))
                .forEach(drafts::add);
        drafts.addAll(on(is(Action.BackupDatabase.class), new Action.EndCapture()));
        return drafts;
    }

    /** The steps by which the new version came to run, one a component. */
    private List<Step> runners() {
        Map<ComponentName, Step> byComponent = new LinkedHashMap<>();
        forward.stream().filter(s -> s.starts().isPresent()).forEach(s -> byComponent.putIfAbsent(s.component(), s));
        return List.copyOf(byComponent.values());
    }

    private boolean has(Predicate<Step> which) {
        return forward.stream().anyMatch(which);
    }

    private static Predicate<Step> is(Class<? extends Action> action) {
        return s -> action.isInstance(s.action());
    }

    /** One draft for each component that the way forward does the cause to. */
    private List<Draft> on(Predicate<Step> cause, Action undo) {
        Map<ComponentName, Draft> byComponent = new LinkedHashMap<>();
        forward.stream().filter(cause).forEach(s -> byComponent.putIfAbsent(s.component(), Draft.like(undo, s)));
        return List.copyOf(byComponent.values());
    }

    private List<Step> numbered(Route route, List<Draft> drafts) {
        List<Step> steps = new ArrayList<>();
        for (Draft draft : drafts) {
            steps.add(new Step(
                    Drafting.id(
                            route.word() + String.format(Locale.ROOT, "-%02d", steps.size() + 1),
                            draft.action(),
                            draft.on()),
                    draft.action(),
                    draft.on(),
                    draft.uses(),
                    Drafting.deadline(draft.action(), deadlines)));
        }
        return List.copyOf(steps);
    }

    /** An action on a component, with what it uses. */
    private record Draft(Action action, ComponentName on, Map<String, ComponentName> uses) {
        static Draft like(Action action, Step step) {
            return new Draft(action, step.component(), step.uses());
        }
    }
}
