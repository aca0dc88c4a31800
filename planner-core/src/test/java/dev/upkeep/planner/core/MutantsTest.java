package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The search, with one rule broken at a time: each must be found, by what it does to a tenant. A rule that can be taken
 * away without the search finding anything is a rule that nothing watches.
 */
class MutantsTest {
    private static final int EVENTS = 130;
    private static final int STORIES = 3000;
    private static final Search.Rules WHOLE = Search.Rules.STANDARD;

    /** Without pathExists there is nothing to begin by. */
    private static final Set<String> WITHOUT_A_MUTANT = Set.of("pathExists");

    /**
     * One broken rule.
     *
     * @param kind start, next hop, change or undo
     * @param sign what the search must say, as a pattern
     */
    private record Mutant(String kind, String name, Search.Rules rules, String sign) {
        @Override
        public String toString() {
            return kind + " " + name;
        }
    }

    /** A plan that a rule of change must keep from doing harm: with the rule nothing is found, without it something is. */
    private record Harm(String rule, UnaryOperator<Plan> plan, String sign) {}

    @Test
    void areAllFound() throws IOException {
        Map<String, String> report = new TreeMap<>();
        List<String> survivors = new ArrayList<>();
        for (Mutant mutant : mutants()) {
            Optional<Find> find = find(mutant);
            boolean isIt = find.filter(f -> f.is(mutant.sign())).isPresent();
            report.put(mutant.toString(), isIt ? "found in story " + find.get().story() : "not found");
            if (!isIt) {
                survivors.add(mutant + " should come to '" + mutant.sign() + "', and comes to " + find);
            }
        }

        StringBuilder text = new StringBuilder();
        text.append(report.size() - survivors.size())
                .append(" of ")
                .append(report.size())
                .append(" mutants found; none of ");
        text.append(WITHOUT_A_MUTANT).append(", without which nothing begins\n");
        report.forEach(
                (name, what) -> text.append(name).append(": ").append(what).append('\n'));
        Files.writeString(Path.of("target", "mutants.txt"), text);
        assertThat(survivors).isEmpty();
    }

    @Test
    void breakEachRule() {
        Map<String, Set<String>> broken = new TreeMap<>();
        mutants()
                .forEach(m ->
                        broken.computeIfAbsent(m.kind(), k -> new TreeSet<>()).add(m.name()));

        Set<String> starts = new TreeSet<>(StartRules.NAMES);
        starts.removeAll(WITHOUT_A_MUTANT);
        assertThat(broken.get("start")).isEqualTo(starts);
        assertThat(broken.get("change"))
                .hasSize(ChangeRules.STANDARD.forward().size()
                        + ChangeRules.STANDARD.first().size());
    }

    @Test
    void aBadPlanDoesNoHarmWhileTheRuleIsThere() {
        for (Harm harm : harms()) {
            Search.Rules rules = WHOLE.planning(harm.plan());
            for (long seed = 0; seed < STORIES / 10; seed++) {
                assertThat(new Search(seed, rules).tell(EVENTS))
                        .as(harm.rule() + ", story " + seed)
                        .isEmpty();
            }
        }
    }

    /** What the search found first. */
    private record Find(long story, String wrong) {
        boolean is(String sign) {
            return Pattern.compile(sign).matcher(wrong).find();
        }
    }

    private static Optional<Find> find(Mutant mutant) {
        return LongStream.range(0, STORIES)
                .boxed()
                .flatMap(story -> new Search(story, mutant.rules())
                                .tell(EVENTS)
                                .map(wrong -> new Find(
                                        story, wrong.lines().findFirst().orElseThrow()))
                                .stream())
                .findFirst();
    }

    private static List<Mutant> mutants() {
        return Stream.of(starts(), nextHops(), changes(), undos())
                .flatMap(List::stream)
                .toList();
    }

    // ---- start

    private static List<Mutant> starts() {
        Map<String, String> signs = new TreeMap<>();
        signs.put("noOtherUpgradeActive", "I3");
        signs.put("rolloutIsRunning", "although the rollout is");
        signs.put("ringIsOpen", "has not ended");
        signs.put("slotIsFree", "beyond the concurrency");
        signs.put("noFreeze", "inside a freeze");
        signs.put("insideWindow", "outside the window");
        signs.put("noticeHasRun", "before the notice|without DELIVERY");
        signs.put("majorIsConsented", "without consent");
        signs.put("ringIsApproved", "without RING_APPROVAL");
        signs.put("peersAreAtRest", "without PEER_AT_REST");
        signs.put("keyIsNotParked", "without RELEASED_KEY");
        signs.put("windowIsAgreed", "without AGREED_WINDOW");
        signs.put("estimateFits", "without ROOM_IN_WINDOW");
        signs.put("contactIsReachable", "without REACHABLE_CONTACT");
        signs.put("delayIsOver", "without DELAY_OVER");
        signs.put("migrationPeriodIsOver", "without MIGRATION_PERIOD");
        signs.put("versionIsRequested", "without REQUEST");
        signs.put("notesAreAcknowledged", "without NOTES");
        signs.put("guideIsRead", "without GUIDE");
        signs.put("requiredSettingsAreSet", "without SETTINGS");
        signs.put("thirdPartiesFit", "without THIRD_PARTY");
        signs.put("tagMayBeFollowed", "without TAG");
        signs.put("stagedFirst", "without STAGE");
        List<Mutant> mutants = new ArrayList<>();
        signs.forEach((name, sign) ->
                mutants.add(new Mutant("start", name, WHOLE.starting(without(StartRules.ALL, name)), sign)));
        // A spent budget stops the rollout as well; only without both does a start get through.
        mutants.add(new Mutant(
                "start",
                "budgetIsLeft",
                WHOLE.starting(without(without(StartRules.ALL, "budgetIsLeft"), "rolloutIsRunning")),
                "I8|although the rollout is"));
        // Plans are made without what was recalled; only where they are not does the rule stand alone.
        mutants.add(new Mutant(
                "start",
                "releaseIsNotRecalled",
                WHOLE.starting(without(StartRules.ALL, "releaseIsNotRecalled"))
                        .goingOn(without(StartRules.ALL, "releaseIsNotRecalled"))
                        .withoutRecalls(),
                "which was recalled"));
        return mutants;
    }

    private static List<Mutant> nextHops() {
        Map<String, String> signs = Map.of(
                "rolloutIsRunning", "although the rollout is",
                "noFreeze", "inside a freeze",
                "insideWindow", "outside the window");
        return signs.entrySet().stream()
                .map(e -> new Mutant(
                        "next hop", e.getKey(), WHOLE.goingOn(without(StartRules.ALL, e.getKey())), e.getValue()))
                .toList();
    }

    // Method references have no identity, so the rule to leave out is known by what it answers.
    private static List<StartRules.Rule> without(List<StartRules.Rule> rules, String name) {
        List<StartRules.Rule> left = new ArrayList<>();
        rules.forEach(r -> left.add(
                (facts, now) -> r.blocker(facts, now).filter(b -> !b.rule().equals(name))));
        return left;
    }

    // ---- change

    private static List<Mutant> changes() {
        List<Mutant> mutants = new ArrayList<>();
        mutants.add(change("backupIsProven", WHOLE, "before the backup was proven"));
        mutants.add(change("revertsGiveTheSchemaItRanOn", WHOLE, "on a schema that is not its own"));
        mutants.add(change("undoStillFits", WHOLE, "does not hold the way back"));
        mutants.add(change("whatIsRevertedRanLast", WHOLE, "to revert"));
        harms().forEach(harm -> mutants.add(change(harm.rule(), WHOLE.planning(harm.plan()), harm.sign())));
        return mutants;
    }

    private static Mutant change(String name, Search.Rules rules, String sign) {
        return new Mutant("change", name, rules.changing(without(name)), sign);
    }

    private static List<Harm> harms() {
        return List.of(
                new Harm(
                        "configurationIsKept",
                        forward(steps -> last(steps, Action.BackupConfiguration.class)),
                        "before the configuration was kept"),
                new Harm(
                        "keyIsKept",
                        forward(steps -> last(steps, Action.SnapshotKey.class)),
                        "before the key was kept"),
                new Harm(
                        "schemaIsKnown",
                        forward(steps -> steps.stream()
                                .filter(s -> !(s.action() instanceof Action.CheckSchema))
                                .toList()),
                        "a schema that nobody knows"),
                new Harm(
                        "oldBinaryMeetsItsOwnSchema",
                        forward(MutantsTest::startedBeforeItsSchema),
                        "on a schema that is not its own"));
    }

    private static ChangeRules without(String name) {
        Map<String, ChangeRules.Rule> forward = Map.of(
                "backupIsProven", ChangeRules::backupIsProven,
                "configurationIsKept", ChangeRules::configurationIsKept,
                "keyIsKept", ChangeRules::keyIsKept,
                "schemaIsKnown", ChangeRules::schemaIsKnown,
                "whatIsRevertedRanLast", ChangeRules::whatIsRevertedRanLast,
                "revertsGiveTheSchemaItRanOn", ChangeRules::revertsGiveTheSchemaItRanOn,
                "oldBinaryMeetsItsOwnSchema", ChangeRules::oldBinaryMeetsItsOwnSchema);
        assertThat(forward).as("every rule of the way forward").hasSameSizeAs(ChangeRules.STANDARD.forward());
        return new ChangeRules(
                forward.entrySet().stream()
                        .filter(rule -> !rule.getKey().equals(name))
                        .map(Map.Entry::getValue)
                        .toList(),
                ChangeRules.STANDARD.backward(),
                name.equals("undoStillFits") ? List.of() : ChangeRules.STANDARD.first());
    }

    private static List<Step> last(List<Step> steps, Class<? extends Action> action) {
        List<Step> moved = new ArrayList<>(steps);
        moved.removeIf(s -> action.isInstance(s.action()));
        steps.stream().filter(s -> action.isInstance(s.action())).forEach(moved::add);
        return moved;
    }

    private static List<Step> startedBeforeItsSchema(List<Step> steps) {
        List<Step> moved = new ArrayList<>(steps);
        Optional<Step> migrate =
                steps.stream().filter(s -> s.action() instanceof Action.Migrate).findFirst();
        migrate.ifPresent(m -> {
            moved.remove(m);
            int start = 0;
            while (moved.get(start).starts().isEmpty()) {
                start++;
            }
            moved.add(start + 1, m);
            moved.replaceAll(s ->
                    s.action() instanceof Action.Start a ? with(s, new Action.Start(a.version(), Moment.BEFORE)) : s);
        });
        return moved;
    }

    // ---- undo

    private static List<Mutant> undos() {
        return List.of(
                undo("does not keep the failed state", lacking(Action.BackupDatabase.class), "its state was kept"),
                undo("does not export the gap", lacking(Action.ExportWrites.class), "its gap exported"),
                undo(
                        "restores when all is started again",
                        back(steps -> last(steps, Action.RestoreDatabase.class)),
                        "a schema that is not its own"),
                undo(
                        "reverts when all is started again",
                        back(steps -> last(steps, Action.RevertMigrations.class)),
                        "a schema that is not its own"),
                undo("stops nothing", lacking(Action.Stop.class), "under what runs on it"),
                undo("starts nothing", lacking(Action.Start.class), "with the service down|runs"),
                undo("puts no configuration back", lacking(Action.RestoreConfiguration.class), "the configuration of"),
                undo("attaches no key", lacking(Action.AttachKey.class), "without the key"),
                undo("judges nothing", lacking(Action.VerifyShut.class), "without a verdict"),
                undo("never reopens", lacking(Action.OpenTraffic.class), "traffic parked"),
                undo("never resumes", lacking(Action.ResumeWork.class), "work paused"),
                undo("never ends the capture", lacking(Action.EndCapture.class), "capture open"),
                undo(
                        "starts before the schema is back",
                        back(MutantsTest::startedBeforeItIsBack),
                        "a schema that is not its own|under what runs on it"),
                undo(
                        "reopens before it is judged",
                        back(steps -> first(steps, s -> s.action() instanceof Action.OpenTraffic)),
                        "without a verdict"),
                undo(
                        "starts the version that failed",
                        plan -> with(
                                plan,
                                plan.forward(),
                                routes(
                                        plan,
                                        steps -> steps.stream()
                                                .map(s -> s.action() instanceof Action.Start a
                                                        ? with(s, new Action.Start(plan.to(), a.schema()))
                                                        : s)
                                                .toList())),
                        "schema|configuration|runs"),
                undo("takes what changed for unchanged", MutantsTest::unread, "a schema that is not its own"),
                undo("reverts what can't be reverted", MutantsTest::allReversible, "without losing data"));
    }

    private static Mutant undo(String name, UnaryOperator<Plan> plan, String sign) {
        return new Mutant("undo", name, WHOLE.planning(plan), sign);
    }

    private static UnaryOperator<Plan> lacking(Class<? extends Action> action) {
        return back(steps ->
                steps.stream().filter(s -> !action.isInstance(s.action())).toList());
    }

    private static List<Step> first(List<Step> steps, Predicate<Step> which) {
        List<Step> moved = new ArrayList<>(steps.stream().filter(which).toList());
        steps.stream().filter(which.negate()).forEach(moved::add);
        return moved;
    }

    private static List<Step> startedBeforeItIsBack(List<Step> steps) {
        List<Step> moved = new ArrayList<>();
        List<Step> starts = steps.stream().filter(s -> s.starts().isPresent()).toList();
        for (Step step : steps) {
            if (step.action() instanceof Action.Recover && !moved.containsAll(starts)) {
                moved.addAll(starts);
            }
            if (!moved.contains(step)) {
                moved.add(step);
            }
        }
        return moved;
    }

    private static Plan unread(Plan plan) {
        Map<Route, List<Step>> routes = routes(plan, UnaryOperator.identity());
        routes.remove(Route.READING);
        return with(plan, plan.forward(), routes);
    }

    private static Plan allReversible(Plan plan) {
        List<Migration> migrations = plan.migrations().stream()
                .map(m -> new Migration(m.id(), true, m.transactional()))
                .toList();
        return new Plan(
                plan.product(),
                plan.from(),
                plan.to(),
                plan.undoing(),
                plan.forward(),
                plan.undo(),
                plan.targets(),
                migrations,
                plan.probes(),
                plan.watches(),
                plan.outline());
    }

    // ---- plans

    private static UnaryOperator<Plan> forward(UnaryOperator<List<Step>> steps) {
        return plan -> plan.goesBack() ? plan : with(plan, steps.apply(plan.forward()), plan.undo());
    }

    private static UnaryOperator<Plan> back(UnaryOperator<List<Step>> steps) {
        return plan -> with(plan, plan.forward(), routes(plan, steps));
    }

    private static Map<Route, List<Step>> routes(Plan plan, UnaryOperator<List<Step>> steps) {
        Map<Route, List<Step>> routes = new EnumMap<>(Route.class);
        plan.undo().forEach((route, of) -> routes.put(route, steps.apply(of)));
        return routes;
    }

    private static Step with(Step step, Action action) {
        return new Step(step.id(), action, step.component(), step.uses(), step.deadline());
    }

    private static Plan with(Plan plan, List<Step> forward, Map<Route, List<Step>> undo) {
        return new Plan(
                plan.product(),
                plan.from(),
                plan.to(),
                plan.undoing(),
                forward,
                undo,
                plan.targets(),
                plan.migrations(),
                plan.probes(),
                plan.watches(),
                plan.outline());
    }
}
