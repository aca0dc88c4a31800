package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.step.Action;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What of a way forward could not be undone, or would do what it must never do, whatever the release. */
final class Lint {
    /** Asked of every plan. */
    static final List<Rule> OF_PLANS = List.of(
            Lint::whatMigratesCanGoBack,
            Lint::migrationsAreRun,
            Lint::migrationsRunOnce,
            Lint::oneDatabaseIsMigrated,
            Lint::whatIsParkedIsOpened,
            Lint::whatIsPausedIsResumed,
            Lint::tasksComeLastAndInTheirOrder);

    /** Asked of every procedure besides, when its descriptor is taken. */
    static final List<Rule> OF_DESCRIPTORS = List.of(
            Lint::whatIsProtectedIsProtectedFirst,
            Lint::whatIsProvenWasBackedUp,
            Lint::aTeardownIsSaidToBeOne,
            Lint::rollingStopsNothing,
            Lint::noMigrationIsLeftToTwo);

    private Lint() {}

    /** One of them: what is wrong, each with what would be right. */
    @FunctionalInterface
    interface Rule {
        List<String> wrong(Proposal proposal);
    }

    /** What is wrong with one way forward. */
    static List<String> wrong(Proposal proposal) {
        List<String> found = new ArrayList<>(wrong(OF_PLANS, proposal));
        // Of a descriptor, ProductRules says it at the step.
        found.addAll(whatItsUsersCarryIsAskedFor(proposal));
        return found;
    }

    /** What is wrong with a procedure, for any release that can come. */
    static List<String> wrong(Product product, Product.Procedure procedure) {
        Set<String> found = new LinkedHashSet<>();
        Targets targets = Targets.bare(product);
        for (Crossed crossed : Crossings.of(product, procedure)) {
            List<Step> forward = Drafting.forward(product, procedure, crossed, targets, Set.of());
            Proposal proposal = new Proposal(product, procedure, crossed, targets, forward);
            found.addAll(wrong(OF_PLANS, proposal));
            found.addAll(wrong(OF_DESCRIPTORS, proposal));
        }
        return List.copyOf(found);
    }

    private static List<String> wrong(List<Rule> rules, Proposal proposal) {
        return rules.stream().flatMap(r -> r.wrong(proposal).stream()).toList();
    }

    static List<String> whatMigratesCanGoBack(Proposal proposal) {
        return proposal.changesSchema() ? needsOfTheWayBack(proposal.forward()) : List.of();
    }

    /** What a way that changes the schema must do before its first change. */
    static List<String> needsOfTheWayBack(List<Step> forward) {
        List<String> reasons = new ArrayList<>();
        List<Step> before = beforeTheFirstChange(forward);
        need(before, Action.CheckSchema.class, "check-schema", reasons);
        need(before, Action.BackupDatabase.class, "backup-database", reasons);
        need(before, Action.ProveBackup.class, "prove-backup", reasons);
        return reasons;
    }

    private static void need(List<Step> before, Class<? extends Action> action, String word, List<String> reasons) {
        if (before.stream().noneMatch(s -> action.isInstance(s.action()))) {
            reasons.add("the procedure migrates a database without " + word
                    + " before its first change: add it, or there is no way back");
        }
    }

    private static List<Step> beforeTheFirstChange(List<Step> forward) {
        return forward.subList(0, first(forward, Step::changes));
    }

    static List<String> migrationsAreRun(Proposal proposal) {
        boolean meetsTheSchema = proposal.forward().stream()
                .filter(s -> s.starts().isPresent())
                .flatMap(s -> proposal.wiring().moved(s.component()).stream())
                .anyMatch(c -> proposal.wiring().role(c, Wiring.DATABASE).isPresent());
        return meetsTheSchema && proposal.crossed().crossing().schemaChanges() && !proposal.changesSchema()
                ? List.of("the releases crossed bring migrations, and the procedure runs none: add migrate, or set"
                        + " 'migrates: on-start' for the component that runs them when it starts")
                : List.of();
    }

    static List<String> migrationsRunOnce(Proposal proposal) {
        List<Optional<ComponentName>> databases = proposal.forward().stream()
                .filter(s -> s.action() instanceof Action.Migrate)
                .map(s -> Optional.ofNullable(s.uses().get(Wiring.DATABASE)))
                .toList();
        return databases.stream().distinct().count() < databases.size()
                ? List.of("the migrations of one database would run twice from "
                        + proposal.crossed().crossing().from()
                        + " to " + proposal.crossed().crossing().to()
                        + ": let the conditions of its migrate steps exclude each other")
                : List.of();
    }

    /**
     * A hop knows one schema, and goes back by it: a second database that it migrated would have no way back, and what runs
     * on it would be held against the schema of the first.
     */
    static List<String> oneDatabaseIsMigrated(Proposal proposal) {
        Set<ComponentName> migrated = proposal.migrated();
        List<String> reasons = new ArrayList<>();
        if (migrated.size() > 1) {
            reasons.add("one hop would migrate " + named(migrated)
                    + ", and can bring only one of them back: let releases migrate one"
                    + " of them each, by procedures with conditions that exclude each other");
        }
        List<Step> before = beforeTheFirstChange(proposal.forward());
        for (ComponentName database : migrated) {
            Set<ComponentName> others = before.stream()
                    .filter(s -> s.action() instanceof Action.BackupDatabase
                            || s.action() instanceof Action.ProveBackup
                            || s.action() instanceof Action.CheckSchema)
                    .map(Step::component)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            boolean looksElsewhere = !others.isEmpty()
                    && Stream.of(Action.CheckSchema.class, Action.BackupDatabase.class, Action.ProveBackup.class)
                            .anyMatch(action -> before.stream()
                                    .noneMatch(s -> action.isInstance(s.action())
                                            && s.component().equals(database)));
            if (looksElsewhere) {
                reasons.add("it migrates " + database + ", and checks, backs up or proves " + named(others)
                        + " instead: give " + database
                        + " check-schema, backup-database and prove-backup before the first change");
            }
        }
        return reasons;
    }

    private static String named(Set<ComponentName> components) {
        return components.stream().map(ComponentName::value).sorted().collect(Collectors.joining(" and "));
    }

    static List<String> whatIsParkedIsOpened(Proposal proposal) {
        return unopened(proposal.forward());
    }

    static List<String> unopened(List<Step> forward) {
        return unpaired(forward, Action.ParkTraffic.class, Action.OpenTraffic.class).stream()
                .map(c -> "traffic parked at " + c + " is never opened again: add open-traffic")
                .toList();
    }

    static List<String> whatIsPausedIsResumed(Proposal proposal) {
        return unresumed(proposal.forward());
    }

    static List<String> unresumed(List<Step> forward) {
        List<String> reasons = new ArrayList<>();
        unpaired(forward, Action.PauseWork.class, Action.ResumeWork.class)
                .forEach(c -> reasons.add("work paused at " + c + " is never resumed: add resume-work"));
        List<Step> backwards = new ArrayList<>(forward).reversed();
        unpaired(backwards, Action.ResumeWork.class, Action.PauseWork.class)
                .forEach(c -> reasons.add("work resumed at " + c + " was never paused: add pause-work before it"));
        return reasons;
    }

    /** The components that the first is done to and, after that, the second is not. */
    private static List<ComponentName> unpaired(
            List<Step> steps, Class<? extends Action> first, Class<? extends Action> second) {
        return IntStream.range(0, steps.size())
                .filter(i -> first.isInstance(steps.get(i).action()))
                .filter(i -> steps.subList(i, steps.size()).stream()
                        .noneMatch(s -> second.isInstance(s.action())
                                && s.component().equals(steps.get(i).component())))
                .mapToObj(i -> steps.get(i).component())
                .distinct()
                .toList();
    }

    static List<String> tasksComeLastAndInTheirOrder(Proposal proposal) {
        List<String> wanted = proposal.crossed().tasks().stream()
                .map(t -> t.name() + " of " + t.component())
                .toList();
        if (wanted.isEmpty()) {
            return List.of();
        }
        List<Step> forward = proposal.forward();
        List<Integer> places = IntStream.range(0, forward.size())
                .filter(i -> wanted.contains(task(forward.get(i))))
                .boxed()
                .toList();
        List<String> found = places.stream().map(i -> task(forward.get(i))).toList();
        List<String> reasons = new ArrayList<>();
        if (!found.equals(wanted)) {
            reasons.add(
                    "the releases crossed ask for the tasks " + wanted + " in this order, and the procedure would run "
                            + found + ": give it one 'run-tasks' step for the component that runs them");
        }
        int lastProof = last(forward, s -> s.action() instanceof Action.Prove);
        if (lastProof < 0 || places.stream().anyMatch(i -> i < lastProof)) {
            reasons.add(
                    "the releases' tasks can't be taken back, so they come after everything is proven: put run-tasks"
                            + " behind the last verify-shut or verify-open");
        }
        return reasons;
    }

    private static String task(Step step) {
        return step.action() instanceof Action.RunTask(String task) ? task + " of " + step.component() : "";
    }

    static List<String> whatItsUsersCarryIsAskedFor(Proposal proposal) {
        return proposal.forward().stream()
                .filter(s -> s.action() instanceof Action.Change)
                .filter(s -> proposal.wiring().cadence(s.component()) == Product.Cadence.TRAILING)
                .map(s -> s.component() + " is carried by its users, so "
                        + s.action().word() + " can't reach it: ask them instead")
                .toList();
    }

    static List<String> whatIsProtectedIsProtectedFirst(Proposal proposal) {
        List<Step> before = beforeTheFirstChange(proposal.forward());
        return proposal.forward().stream()
                .filter(s -> s.action() instanceof Action.Protect && !(s.action() instanceof Action.EndCapture))
                .filter(s -> !before.contains(s))
                .map(s -> s.action().word() + " of " + s.component() + " comes after the first change, "
                        + proposal.forward().get(before.size()).action().word()
                        + ", which waits for it: put it before")
                .toList();
    }

    static List<String> whatIsProvenWasBackedUp(Proposal proposal) {
        List<Step> forward = proposal.forward();
        return IntStream.range(0, forward.size())
                .filter(i -> forward.get(i).action() instanceof Action.ProveBackup)
                .filter(i -> forward.subList(0, i).stream()
                        .noneMatch(s -> s.action() instanceof Action.BackupDatabase
                                && s.component().equals(forward.get(i).component())))
                .mapToObj(i -> "there is no backup of " + forward.get(i).component()
                        + " to prove: put backup-database before prove-backup")
                .toList();
    }

    static List<String> aTeardownIsSaidToBeOne(Proposal proposal) {
        boolean tearsDown = proposal.forward().stream().anyMatch(s -> s.action() instanceof Action.Teardown);
        boolean saysSo = proposal.procedure().style() == Product.Style.TEARDOWN;
        if (tearsDown == saysSo) {
            return List.of();
        }
        return List.of(
                tearsDown
                        ? "the procedure takes everything down: say 'style: teardown', because its way back depends on it"
                        : "the procedure says 'style: teardown', but takes nothing down: add teardown, or take another style");
    }

    static List<String> rollingStopsNothing(Proposal proposal) {
        return proposal.procedure().style() != Product.Style.ROLLING
                ? List.of()
                : proposal.forward().stream()
                        .filter(s -> s.action() instanceof Action.Stop)
                        .map(s -> "a rolling procedure keeps serving, but stops " + s.component()
                                + ": use redeploy, or take another style")
                        .toList();
    }

    static List<String> noMigrationIsLeftToTwo(Proposal proposal) {
        Wiring wiring = proposal.wiring();
        List<String> reasons = new ArrayList<>();
        for (Product.StepTemplate template : proposal.procedure().steps()) {
            boolean never = template.word().equals(Actions.MIGRATE.word())
                    && proposal.forward().stream()
                            .filter(s -> s.starts().isPresent())
                            .flatMap(s -> wiring.moved(s.component()).stream())
                            .anyMatch(c -> proposal.targets().migratesOnStart(c)
                                    && wiring.role(c, Wiring.DATABASE)
                                            .equals(wiring.role(template.component(), Wiring.DATABASE)));
            if (never) {
                reasons.add("'migrate: " + template.component() + "' would never run, because what the procedure starts"
                        + " migrates by itself (migrates: on-start): remove one of them");
            }
        }
        return reasons;
    }

    private static int first(List<Step> steps, Predicate<Step> which) {
        return IntStream.range(0, steps.size())
                .filter(i -> which.test(steps.get(i)))
                .findFirst()
                .orElse(steps.size());
    }

    private static int last(List<Step> steps, Predicate<Step> which) {
        return IntStream.range(0, steps.size())
                .filter(i -> which.test(steps.get(i)))
                .max()
                .orElse(-1);
    }
}
