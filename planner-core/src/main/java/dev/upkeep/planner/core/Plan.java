package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The ordered steps of a hop, with an undo route for each schema state it can reach; it never changes once chosen.
 *
 * @param forward the way to the new version
 * @param undo every route that this hop can need; READING is absent where there is no schema to read, IRREVERSIBLE
 *     where there is no backup to restore
 * @param targets each component as a driver needs to know it
 * @param migrations those between the versions, in the order they run; a plan that goes back reverts them
 * @param probes with the tenant's settings filled in; {@code {version}} is filled in when one is asked for
 * @param outline what people are told of it besides its steps
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
        List<Watch> watches,
        Outline outline) {
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
        Objects.requireNonNull(outline, "outline");
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

    /** The probes that ask an installation of this version. */
    public List<Product.ProbeTemplate> probes(Version version) {
        return probes.stream().filter(p -> p.asks(version)).toList();
    }

    /** Whether it leads to a version below the one it begins on: a recall. */
    public boolean goesBack() {
        return from.compareTo(to) > 0;
    }

    /**
     * Whether the hop leaves another schema than it found: by steps of its own, by what migrates when it starts, or because
     * it reverts on its way.
     */
    boolean changesSchema() {
        return migrator().isPresent() || anyForward(s -> s.action() instanceof Action.RevertMigrations);
    }

    /** The same plan as an upgrade's n-th hop: a step's id is unique in its upgrade, not only in its plan. */
    Plan asHop(int n) {
        if (n == 1) {
            return this;
        }
        Map<Route, List<Step>> routes = new EnumMap<>(Route.class);
        undo.forEach((route, steps) -> routes.put(route, ofHop(n, steps)));
        return new Plan(
                product,
                from,
                to,
                undoing,
                ofHop(n, forward),
                routes,
                targets,
                migrations,
                probes,
                watches,
                outline.with(id -> ofHop(n, id)));
    }

    private static List<Step> ofHop(int n, List<Step> steps) {
        return steps.stream()
                .map(s -> new Step(ofHop(n, s.id()), s.action(), s.component(), s.uses(), s.deadline()))
                .toList();
    }

    private static StepId ofHop(int n, StepId id) {
        return new StepId("hop" + n + "-" + id);
    }

    /**
     * The step that runs the migrations: one of its own, or the start of what brings its schema up by itself. That is the
     * last start on the schema from before: whatever starts later finds the new one.
     */
    public Optional<Step> migrator() {
        Optional<Step> own = forward.stream()
                .filter(s -> s.action() instanceof Action.Migrate)
                .findFirst();
        boolean byItself =
                !goesBack() && !migrations.isEmpty() && targets.stream().anyMatch(Targets::migratesOnStart);
        return byItself
                ? own.or(() -> forward.stream().filter(this::startsOnWhatWas).reduce((first, second) -> second))
                : own;
    }

    private boolean startsOnWhatWas(Step step) {
        return switch (step.action()) {
            case Action.Start a -> a.version().equals(to) && a.schema() == Moment.BEFORE;
            case Action.Redeploy a -> a.version().equals(to) && a.schema() == Moment.BEFORE;
            case Action a -> false;
        };
    }

    /** Whether a step that was not done may be tried again without a person: a migration only where its author says so. */
    boolean mayTryAgain(Step step) {
        return migrator().filter(step::equals).isEmpty() || migrations.stream().allMatch(Migration::mayRunAgain);
    }

    /**
     * The component whose facts go by their plain names: the database that this hop is about. What another one is found to
     * be is kept under its component's name.
     */
    Optional<ComponentName> database() {
        return firstOn(Action.CheckSchema.class)
                .or(() -> firstOn(Action.ProveBackup.class))
                .or(() -> firstOn(Action.BackupDatabase.class));
    }

    private Optional<ComponentName> firstOn(Class<? extends Action> action) {
        return forward.stream()
                .filter(s -> action.isInstance(s.action()))
                .map(Step::component)
                .findFirst();
    }

    /** The components that some undo route does an action of recovery to. */
    List<ComponentName> recovered(Class<? extends Action> action) {
        return undo.values().stream()
                .flatMap(List::stream)
                .filter(s -> action.isInstance(s.action()))
                .map(Step::component)
                .distinct()
                .sorted(Comparator.comparing(ComponentName::value))
                .toList();
    }

    /** Whether an undo may rest on a backup. */
    boolean restores() {
        return undo.containsKey(Route.IRREVERSIBLE);
    }

    /** Whether a step that disturbs the tenant is among the first {@code asked} of the forward way. */
    public boolean disturbedAfter(int asked) {
        return forward.stream().limit(asked).anyMatch(Step::disturbs);
    }

    /**
     * The place of the first step of the forward way that changes what runs or what is stored; behind the last if none
     * does. What a person is asked for before it may take its time.
     */
    int firstChange() {
        int index = 0;
        while (index < forward.size() && !isChange(forward.get(index))) {
            index++;
        }
        return index;
    }

    private static boolean isChange(Step step) {
        return step.changes() && step.disturbs();
    }

    /** Whether every judgement of the forward way lies before {@code index}: from there on there is no reason to undo. */
    public boolean isProvenAt(int index) {
        return index > 0
                && anyForward(s -> s.action() instanceof Action.Prove)
                && forward.stream().skip(index).noneMatch(s -> s.action() instanceof Action.Prove);
    }

    /**
     * A route's steps as they apply.
     *
     * @param asked how many steps of the forward way were asked for: what was not parked is not reopened, and where the
     *     schema is as it was, what was not touched goes on undisturbed
     * @param reverting the migrations that ran
     */
    List<Step> route(Route route, int asked, List<String> reverting) {
        List<Step> steps = undo.getOrDefault(route, List.of());
        return switch (route) {
            case NOTHING, CLOSING ->
                steps.stream().filter(s -> hasCauseIn(s, asked)).toList();
            case UNCHANGED ->
                steps.stream()
                        .filter(s -> isAskedBack(s, asked))
                        .filter(s -> !movesOne(s) || isTouched(s, asked))
                        .toList();
            case REVERSIBLE ->
                steps.stream()
                        .filter(s -> isAskedBack(s, asked))
                        .map(s -> narrowed(s, reverting))
                        .toList();
            case IRREVERSIBLE ->
                steps.stream().filter(s -> isAskedBack(s, asked)).toList();
            case READING ->
                steps.stream().filter(s -> !movesOne(s) || isTouched(s, asked)).toList();
        };
    }

    private boolean hasCauseIn(Step closing, int asked) {
        return forward.stream()
                .limit(asked)
                .anyMatch(s -> s.component().equals(closing.component())
                        && switch (closing.action()) {
                            case Action.OpenTraffic a -> s.action() instanceof Action.ParkTraffic;
                            case Action.ResumeWork a -> s.action() instanceof Action.PauseWork;
                            case Action a -> s.action() instanceof Action.BackupDatabase;
                        });
    }

    private boolean isAskedBack(Step step, int asked) {
        return !(step.action() instanceof Action.Ask)
                || forward.stream()
                        .limit(asked)
                        .anyMatch(s -> s.action() instanceof Action.Ask
                                && s.component().equals(step.component()));
    }

    private static boolean movesOne(Step step) {
        return step.action() instanceof Action.Stop
                || step.action() instanceof Action.FetchArtifact
                || step.starts().isPresent();
    }

    // A teardown, or a start of the set that it belongs to, touches a component under another name.
    private boolean isTouched(Step back, int asked) {
        return forward.stream()
                .limit(asked)
                .filter(s -> s.action() instanceof Action.Change && s.disturbs())
                .anyMatch(s -> s.component().equals(back.component())
                        || s.component().equals(back.uses().get(Wiring.SET))
                        || s.action() instanceof Action.Teardown);
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
