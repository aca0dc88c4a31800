package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns a procedure's templates into the steps of one way forward. */
final class Drafting {
    private final Wiring wiring;
    private final Product.Procedure procedure;
    private final Crossed crossed;
    private final Targets targets;
    private final Set<ComponentName> elsewhere;
    private final List<Step> steps = new ArrayList<>();

    private Drafting(
            Product product,
            Product.Procedure procedure,
            Crossed crossed,
            Targets targets,
            Set<ComponentName> elsewhere) {
        this.wiring = new Wiring(product);
        this.procedure = procedure;
        this.crossed = crossed;
        this.targets = targets;
        this.elsewhere = elsewhere;
    }

    /**
     * The way forward.
     *
     * @param elsewhere the components that stand on another tenant, and that no step of this one can touch
     */
    static List<Step> forward(
            Product product,
            Product.Procedure procedure,
            Crossed crossed,
            Targets targets,
            Set<ComponentName> elsewhere) {
        Drafting drafting = new Drafting(product, procedure, crossed, targets, elsewhere);
        drafting.draft();
        drafting.endEveryCapture();
        return List.copyOf(drafting.steps);
    }

    private void draft() {
        List<Product.StepTemplate> templates = procedure.steps().stream()
                .filter(t -> t.conditions().stream().allMatch(c -> c.holdsFor(t.component(), crossed.crossing())))
                .filter(this::isHere)
                .toList();
        Moment schema = Moment.BEFORE;
        for (Product.StepTemplate template : templates) {
            Actions word = Actions.of(template.word()).orElseThrow();
            if (word == Actions.RUN_TASKS) {
                crossed.tasks(template.component()).forEach(task -> add(new Action.RunTask(task.name()), template));
                continue;
            }
            if (word == Actions.MIGRATE && migratesByItself(templates, template.component())) {
                continue;
            }
            Action action = word.action(template, crossed.of(template.component(), schema));
            if (action instanceof Action.Migrate || migrates(action, template.component(), schema)) {
                schema = Moment.AFTER;
            }
            add(action, template);
        }
    }

    /** A person can be asked about what stands elsewhere; nothing else can be done to it. */
    private boolean isHere(Product.StepTemplate template) {
        return !elsewhere.contains(template.component()) || template.word().equals(Actions.ASK.word());
    }

    /** What comes up by itself is never brought up twice: then a step of its own is left out. */
    private boolean migratesByItself(List<Product.StepTemplate> templates, ComponentName tool) {
        return templates.stream()
                .filter(t -> isStart(t.word()))
                .flatMap(t -> wiring.moved(t.component()).stream())
                .anyMatch(c -> targets.migratesOnStart(c)
                        && wiring.role(c, Wiring.DATABASE).equals(wiring.role(tool, Wiring.DATABASE)));
    }

    private boolean migrates(Action action, ComponentName component, Moment schema) {
        return isStart(action.word())
                && schema == Moment.BEFORE
                && crossed.crossing().schemaChanges()
                && wiring.moved(component).stream().anyMatch(targets::migratesOnStart);
    }

    private static boolean isStart(String word) {
        return word.equals(Actions.START.word()) || word.equals(Actions.REDEPLOY.word());
    }

    private void add(Action action, Product.StepTemplate template) {
        steps.add(new Step(
                id(String.format(Locale.ROOT, "%02d", steps.size() + 1), action, template.component()),
                action,
                template.component(),
                wiring.uses(template.component(), template.uses()),
                deadlineOf(template, action)));
    }

    private Duration deadlineOf(Product.StepTemplate template, Action action) {
        return Optional.ofNullable(procedure.deadlines().get(template.word()))
                .orElseGet(() -> deadline(action, procedure.deadlines()));
    }

    // A slot that nobody drops keeps the server's log for ever, so the capture ends even if the descriptor forgets it.
    private void endEveryCapture() {
        List<Step> unended = steps.stream()
                .filter(s -> s.action() instanceof Action.BackupDatabase)
                .filter(s -> steps.stream()
                        .noneMatch(e -> e.action() instanceof Action.EndCapture
                                && e.component().equals(s.component())))
                .toList();
        for (Step backup : unended) {
            Action action = new Action.EndCapture();
            steps.add(new Step(
                    id(String.format(Locale.ROOT, "%02d", steps.size() + 1), action, backup.component()),
                    action,
                    backup.component(),
                    backup.uses(),
                    deadline(action, procedure.deadlines())));
        }
    }

    static StepId id(String position, Action action, ComponentName component) {
        return new StepId(position + "-" + action.word() + "-" + component);
    }

    static Duration deadline(Action action, Map<String, Duration> deadlines) {
        Duration stated = deadlines.get(action.word());
        if (stated != null) {
            return stated;
        }
        return Actions.of(action.word()).map(Actions::deadline).orElse(Duration.ofMinutes(30));
    }
}
