package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.HopConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeAborted;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeConfirmed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeRolledBack;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeUndoing;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The life of one upgrade, by example. */
class CourseTest {
    private World world = new World(Samples.V100, Samples.releases(true, 1));
    private final List<String> asked = new ArrayList<>();
    private Upgrade upgrade = Upgrade.waiting(subject(Samples.V100, Samples.V110), 40);
    private Instant now = Samples.START;
    private List<Event> said = List.of();

    @Test
    void goesThroughItsPlanAndIsConfirmedOnTheVerdicts() {
        begin(true, 1);
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
        assertThat(asked).startsWith("check-capacity", "check-schema", "baseline", "backup-database", "prove-backup");
        assertThat(asked).hasSize(15);
        assertThat(upgrade.token()).isEqualTo(55);
    }

    @Test
    void goesBackByReopeningAloneWhereNothingWasTouched() {
        begin(true, 1);
        runUntil("drain");
        tell(new News.NotDone(inFlight(), "busy", "requests do not end", "look", false));
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class, s -> assertThat(s.route()).isEqualTo(Route.NOTHING));
        assertThat(asked).endsWith("drain", "open-traffic", "end-capture");
    }

    @Test
    void revertsExactlyTheMigrationsThatRanWhereEachIsReversible() {
        begin(true, 2);
        runUntil("verify-open");
        judge(bad());
        runUntil("");

        assertThat(asked)
                .endsWith(
                        "check-schema",
                        "park-traffic",
                        "drain",
                        "stop",
                        "revert-migrations",
                        "fetch-artifact",
                        "start",
                        "verify-shut",
                        "open-traffic",
                        "end-capture");
        assertThat(world.applied).isEmpty();
    }

    @Test
    void restoresWhereAMigrationIsIrreversible() {
        begin(false, 1);
        runUntil("verify-open");
        judge(bad());
        runUntil("");

        assertThat(asked)
                .endsWith(
                        "check-schema",
                        "park-traffic",
                        "drain",
                        "stop",
                        "backup-database",
                        "export-writes",
                        "restore-database",
                        "fetch-artifact",
                        "start",
                        "verify-shut",
                        "open-traffic",
                        "end-capture");
        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
    }

    @Test
    void decidesTheWayBackByWhatIsFoundNotByWhatWasMeant() {
        begin(false, 1);
        runUntil("migrate");
        tell(new News.NotDone(inFlight(), "sql", "it failed before anything was applied", "look", false));
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class, s -> assertThat(s.route()).isEqualTo(Route.UNCHANGED));
        assertThat(asked).doesNotContain("restore-database");
    }

    @Test
    void restoresWhereTheSchemaChangedBehindTheMigrationsBack() {
        begin(true, 1);
        runUntil("start");
        world.applied.add("by hand");
        tell(new News.NotDone(inFlight(), "exit", "it does not start", "look", false));
        runUntil("");

        assertThat(asked).contains("restore-database");
    }

    @Test
    void goesOnAfterARetryableFailureWithANewAttemptAndAHigherToken() {
        begin(true, 1);
        runUntil("stop");
        News.Asked first = inFlight();
        tell(new News.NotDone(first, "busy", "not now", "wait", true));
        assertThat(said).isEmpty();
        now = upgrade.wakeAt().orElseThrow();
        tell(new News.Woken());

        assertThat(inFlight().attempt()).isEqualTo(2);
        assertThat(inFlight().token().value()).isGreaterThan(first.token().value());
    }

    @Test
    void ignoresTheAnswerToAnAttemptThatWasReplaced() {
        begin(true, 1);
        runUntil("stop");
        News.Asked first = inFlight();
        tell(new News.NotDone(first, "busy", "not now", "wait", true));
        now = upgrade.wakeAt().orElseThrow();
        tell(new News.Woken());
        State before = upgrade.state();

        tell(new News.Done(first, Map.of(), "late"));

        assertThat(upgrade.state()).isEqualTo(before);
        assertThat(said).isEmpty();
    }

    @Test
    void holdsWhatIsUncertainAndTellsWhatEachWayOutDoes() {
        begin(true, 1);
        runUntil("migrate");
        tell(new News.Unclear(inFlight(), "the executor died"));

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.Held.class,
                        s -> assertThat(s.ways()).containsExactly(Way.RETRY, Way.UNDO, Way.DONE_BY_HAND));
        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpgradeHeld.class, e -> assertThat(e.waysOut()).allMatch(w -> w.contains(": ")));
    }

    @Test
    void holdsWithoutAVerdictRatherThanConfirm() {
        begin(true, 1);
        runUntil("verify-open");
        judge(new Verdict.Hold(List.of(new Verdict.Finding("error-ratio", "30 requests", "2 requests")), List.of()));

        assertThat(upgrade.state()).isInstanceOf(State.Held.class);
        tell(new News.Resolved(Way.ADOPT_AS_FOUND, "ops", "quiet night"));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
        assertThat(asked).endsWith("open-traffic", "end-capture");
    }

    @Test
    void asksAPersonWithoutAnExecutorAndRemembersWhoSaidThatItWasDone() {
        List<String> steps = new ArrayList<>(Samples.WHOLE);
        steps.add(steps.indexOf("fetch-artifact app"), "ask " + BY_HAND);
        begin(byHand(Samples.product(steps, Samples.meaning(), Samples.rings(1, 1))));
        runUntil("");

        // No executor is asked, so there is no attempt whose outcome could be uncertain, and nothing to try again.
        assertThat(asked).endsWith("prove-backup");
        assertThat(said).noneMatch(StepRequested.class::isInstance);
        assertThat(upgrade.state()).isInstanceOfSatisfying(State.Held.class, held -> {
            assertThat(held.reason()).isEqualTo("by hand: look at it");
            assertThat(held.ways()).containsExactly(Way.UNDO, Way.DONE_BY_HAND);
        });
        assertThat(upgrade.wakeAt()).isEmpty();
        long token = upgrade.token();

        Decision decision = upgrade.decide(new News.Resolved(Way.DONE_BY_HAND, "ada", "ticket 12"), now);

        assertThat(decision.log()).anySatisfy(entry -> {
            assertThat(entry.kind()).isEqualTo("hold-resolved");
            assertThat(entry.details())
                    .containsAllEntriesOf(Map.of("way", "done-by-hand", "by", "ada", "note", "ticket 12"));
        });
        tell(new News.Resolved(Way.DONE_BY_HAND, "ada", "ticket 12"));
        assertThat(asked).endsWith("fetch-artifact");
        assertThat(upgrade.token()).isEqualTo(token + 1);
        runUntil("");
        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
    }

    private static final ComponentName BY_HAND = new ComponentName("by-hand");

    /** The same with a component that a person runs. */
    private static Product byHand(Product p) {
        List<Product.Component> components = new ArrayList<>(p.components());
        components.add(new Product.Component(
                BY_HAND, new DriverName("manual"), List.of(), Map.of(), Map.of(), Product.Cadence.PRODUCT));
        return new Product(
                p.name(), components, p.bumps(), p.procedures(), p.probes(), p.metrics(), p.rings(), p.policies());
    }

    private void begin(Product product) {
        world = new World(Samples.V100, Samples.releases(true, 1));
        tell(new News.MayBegin(Samples.plan(product, true, 1)));
    }

    @Test
    void doesNotTurnBackAfterTheLastProof() {
        begin(true, 1);
        runUntil("end-capture");
        tell(new News.NotDone(inFlight(), "slot", "it is in use", "look", false));

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.Held.class, s -> assertThat(s.ways()).doesNotContain(Way.UNDO));
        tell(new News.Resolved(Way.DONE_BY_HAND, "ops", ""));
        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
    }

    @Test
    void holdsWhenNoAnswerComesLongAfterTheDeadline() {
        begin(true, 1);
        runUntil("stop");
        now = upgrade.wakeAt().orElseThrow();
        tell(new News.Woken());

        assertThat(upgrade.state()).isInstanceOf(State.Held.class);
    }

    @Test
    void takesNoBackupForProvenThatIsNotSaidToBe() {
        begin(true, 1);
        runUntil("prove-backup");
        tell(new News.Done(
                inFlight(),
                Map.of("backup.proven", "false", "schema.after", Samples.fingerprint(List.of("2.0"))),
                "hm"));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
        assertThat(asked).doesNotContain("fetch-artifact", "stop");
    }

    @Test
    void asksTheVerifierForTheSchemaThatTheVersionMustHave() {
        begin(true, 1);
        runUntil("verify-shut");

        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        BakeRequested.class,
                        bake -> assertThat(bake.probes().toString())
                                .contains(Samples.fingerprint(List.of("2.0")))
                                .contains("value=1.1.0"));
    }

    @Test
    void asksEachVersionWhereItAnswersThereAndBack() {
        Product p = Samples.product(
                Samples.WHOLE,
                Product.Meaning.simple(true, false, Duration.ZERO, Product.Undo.AS_FOUND),
                Samples.rings(1, 0));
        begin(new Product(
                p.name(),
                p.components(),
                p.bumps(),
                p.procedures(),
                List.of(health("health-of-old", "<1.1"), health("health-of-new", ">=1.1")),
                p.metrics(),
                p.rings(),
                p.policies()));

        runUntil("verify-shut");
        assertThat(said.toString()).contains("health-of-new").doesNotContain("health-of-old");

        judge(bad());
        runUntil("verify-shut");
        assertThat(said.toString()).contains("health-of-old").doesNotContain("health-of-new");
    }

    private static Product.ProbeTemplate health(String name, String releases) {
        return new Product.ProbeTemplate.HttpStatus(name, Optional.of(Range.of(releases)), "http://x/health", 200);
    }

    @Test
    void alwaysRestoresWhereTheProductSupportsNothingElse() {
        Product.Meaning meaning = Product.Meaning.simple(true, false, Duration.ZERO, Product.Undo.RESTORE);
        Product product = Samples.product(Samples.WHOLE, meaning, Samples.rings(1, 0));
        world = new World(Samples.V100, Samples.releases(true, 0));
        tell(new News.MayBegin(Samples.plan(product, true, 0)));
        runUntil("verify-open");
        judge(bad());
        runUntil("");

        assertThat(asked).contains("restore-database");
    }

    @Test
    void goesOnHopByHopEachWithAPlanOfItsOwn() {
        beginFirstOfTwoHops();
        runUntil("");

        assertThat(upgrade.state()).isEqualTo(new State.BetweenHops());
        assertThat(upgrade.state().phase().isActive()).isTrue();
        assertThat(upgrade.hops()).isEqualTo(new Hops(1, Samples.V110, List.of(Samples.V120)));
        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        HopConfirmed.class, e -> assertThat(e.reached()).isEqualTo(Samples.V110));

        beginSecondHop();
        assertThat(upgrade.step().orElseThrow().id().value()).startsWith("hop2-01-");
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpgradeConfirmed.class,
                        e -> assertThat(e.subject()).isEqualTo(subject(Samples.V100, Samples.V120)));
        assertThat(upgrade.hops().runs()).isEqualTo(Samples.V120);
        assertThat(upgrade.token()).as("one for each step of both hops").isEqualTo(40 + 2 * 15);
    }

    @Test
    void goesBackToTheVersionThatTheHopBeganOn() {
        beginFirstOfTwoHops();
        runUntil("");
        beginSecondHop();
        runUntil("verify-open");
        judge(bad());

        assertThat(said)
                .filteredOn(UpgradeUndoing.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpgradeUndoing.class,
                        e -> assertThat(e.subject()).isEqualTo(subject(Samples.V110, Samples.V120)));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
        assertThat(world.running).isEqualTo(Samples.V110);
        assertThat(world.applied).as("the first hop's migration stays").containsExactly("2.0");
        assertThat(upgrade.hops().runs()).isEqualTo(Samples.V110);
        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpgradeRolledBack.class,
                        e -> assertThat(e.subject().from()).isEqualTo(Samples.V110));
    }

    @Test
    void forgetsWhatAnEarlierHopFound() {
        beginFirstOfTwoHops();
        runUntil("");
        assertThat(upgrade.facts()).containsKeys("backup.proven", "schema.before", "schema.after", "baseline");

        beginSecondHop();

        assertThat(upgrade.facts()).isEmpty();
    }

    @Test
    void isHeldBetweenTwoHopsWhereThereIsNoWayOn() {
        beginFirstOfTwoHops();
        runUntil("");
        tell(new News.HasNoWay(List.of("release 1.2.0 was recalled")));

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.Held.class, s -> assertThat(s.ways()).containsExactly(Way.RETRY, Way.ADOPT_AS_FOUND));
        assertThat(upgrade.state().phase()).isEqualTo(State.Phase.HELD);
        tell(new News.Resolved(Way.RETRY, "ops", "published 1.2.1"));
        assertThat(upgrade.state()).isEqualTo(new State.BetweenHops());
    }

    @Test
    void endsOnAVersionOnTheWayThatAPersonVouchesFor() {
        beginFirstOfTwoHops();
        runUntil("verify-open");
        judge(new Verdict.Hold(List.of(new Verdict.Finding("error-ratio", "30 requests", "2 requests")), List.of()));
        tell(new News.Resolved(Way.ADOPT_AS_FOUND, "ops", "quiet night"));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.Aborted.class);
        assertThat(upgrade.hops().runs()).isEqualTo(Samples.V110);
        assertThat(said)
                .singleElement()
                .isInstanceOfSatisfying(
                        UpgradeAborted.class,
                        e -> assertThat(e.subject().from()).isEqualTo(Samples.V110));
    }

    @Test
    void endsAtOnceWhenAbortedBeforeItBegan() {
        assertThat(Aborting.of(upgrade).next()).isEqualTo("it had not begun and never will; 1.0.0 stays");
        tell(ABORT);

        assertThat(upgrade.state()).isEqualTo(new State.Aborted("aborted by ada: wrong customer"));
        assertThat(said).singleElement().isInstanceOf(UpgradeAborted.class);
    }

    @Test
    void neverCutsAMigrationOffButTurnsBackOnceItHasEnded() {
        begin(true, 2);
        runUntil("migrate");
        assertThat(Aborting.of(upgrade).next())
                .isEqualTo("'migrate schema 1.1.0' is under way and runs to its end; then it goes back to 1.0.0"
                        + " by the route that fits what is found");
        News.Asked running = inFlight();
        tell(ABORT);

        assertThat(said)
                .as("nothing is asked for that would fence the migration off")
                .isEmpty();
        assertThat(inFlight()).isEqualTo(running);
        world.applied.addAll(List.of("2.0", "2.1"));
        tell(new News.Done(running, Map.of(), "ran"));
        assertThat(said).hasSize(2).first().isInstanceOf(UpgradeUndoing.class);
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class, s -> assertThat(s.route()).isEqualTo(Route.REVERSIBLE));
        assertThat(world.applied).isEmpty();
        assertThat(asked).containsOnlyOnce("revert-migrations").doesNotContain("open-traffic app");
    }

    @Test
    void takesTheRouteThatFitsWhereTheMigrationFailsWhileItIsAborted() {
        begin(false, 1);
        runUntil("migrate");
        tell(ABORT);
        tell(new News.NotDone(inFlight(), "sql", "it failed before anything was applied", "look", true));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOfSatisfying(State.RolledBack.class, s -> {
            assertThat(s.route()).isEqualTo(Route.UNCHANGED);
            assertThat(s.cause().reason()).startsWith("aborted by ada: wrong customer; migrate");
        });
    }

    @Test
    void turnsBackAtOnceWhenAbortedBetweenTwoTries() {
        begin(true, 1);
        runUntil("stop");
        tell(new News.NotDone(inFlight(), "busy", "not now", "wait", true));
        tell(ABORT);
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
    }

    @Test
    void turnsBackWhateverTheVerdictOnceItIsAborted() {
        begin(true, 1);
        runUntil("verify-open");
        tell(ABORT);
        judge(new Verdict.Confirm(List.of(new Verdict.Finding("f", "good", "good"))));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
    }

    @Test
    void finishesWhatIsProvenAlreadyWhenAborted() {
        begin(true, 1);
        runUntil("end-capture");
        assertThat(Aborting.of(upgrade).next()).startsWith("1.1.0 is proven already");
        tell(ABORT);
        assertThat(said).isEmpty();
        tell(new News.Done(inFlight(), Map.of(), "done"));

        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
    }

    @Test
    void beginsNoFurtherHopOnceItIsAborted() {
        beginFirstOfTwoHops();
        runUntil("end-capture");
        tell(ABORT);
        tell(new News.Done(inFlight(), Map.of(), "done"));

        assertThat(upgrade.state()).isInstanceOf(State.Aborted.class);
        assertThat(upgrade.hops().runs()).isEqualTo(Samples.V110);
        assertThat(said.stream().map(Object::getClass).toList())
                .isEqualTo(List.of(HopConfirmed.class, UpgradeAborted.class));
    }

    @Test
    void endsWhereItIsWhenAbortedBetweenTwoHops() {
        beginFirstOfTwoHops();
        runUntil("");
        assertThat(Aborting.of(upgrade).next())
                .isEqualTo("no further hop begins; it ends on 1.1.0, which is confirmed");
        tell(ABORT);

        assertThat(upgrade.state()).isInstanceOf(State.Aborted.class);
    }

    @Test
    void goesOnOnItsWayBackWhenAborted() {
        begin(true, 1);
        runUntil("verify-open");
        judge(bad());
        State before = upgrade.state();
        assertThat(Aborting.of(upgrade)).isEqualTo(new Aborting.GoesOn(Samples.V100));
        tell(ABORT);

        assertThat(upgrade.state()).isEqualTo(before);
        assertThat(said).isEmpty();
    }

    @Test
    void undoesWhatIsHeldWhenAbortedWhereThatIsAWayOut() {
        begin(true, 1);
        runUntil("migrate");
        tell(new News.Unclear(inFlight(), "the executor died"));
        assertThat(Aborting.of(upgrade)).isEqualTo(new Aborting.ResolvesByUndo(Samples.V100));
        tell(ABORT);
        runUntil("");

        assertThat(upgrade.state()).isInstanceOf(State.RolledBack.class);
    }

    @Test
    void refusesToAbortWhatIsHeldWithoutAWayBackAndNamesTheWaysOut() {
        begin(true, 1);
        runUntil("end-capture");
        tell(new News.NotDone(inFlight(), "slot", "it is in use", "look", false));
        State held = upgrade.state();

        assertThat(Aborting.of(upgrade).next())
                .contains("it is in use")
                .contains("retry: ")
                .contains("done-by-hand: ");
        tell(ABORT);
        assertThat(upgrade.state()).isEqualTo(held);
    }

    @Test
    void hearsAnAbortOnce() {
        begin(true, 1);
        runUntil("migrate");
        tell(ABORT);
        long revision = upgrade.revision();
        tell(new News.Abort("aborted by bob: me too"));

        assertThat(upgrade.revision()).isEqualTo(revision);
        assertThat(upgrade.abort()).contains("aborted by ada: wrong customer");
    }

    @Test
    void leavesARecalledReleaseByRevertingItsMigrationsOnAWayOfItsOwn() {
        recall(true, Map.of());
        runUntil("");

        assertThat(asked)
                .containsExactly(
                        "check-capacity",
                        "check-schema",
                        "baseline",
                        "backup-database",
                        "prove-backup",
                        "park-traffic",
                        "drain",
                        "stop",
                        "revert-migrations",
                        "fetch-artifact",
                        "start",
                        "verify-shut",
                        "open-traffic",
                        "verify-open",
                        "end-capture");
        assertThat(upgrade.state()).isInstanceOf(State.Confirmed.class);
        assertThat(world.running).isEqualTo(Samples.V100);
        assertThat(world.applied).isEmpty();
    }

    @Test
    void putsARecalledReleaseBackFromTheBackupWhereGoingBackFails() {
        recall(true, Map.of());
        runUntil("verify-open");
        judge(bad());
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class, s -> assertThat(s.route()).isEqualTo(Route.IRREVERSIBLE));
        assertThat(world.running).isEqualTo(Samples.V110);
        assertThat(world.applied).containsExactly("2.0");
    }

    @Test
    void putsARecalledReleaseBackAsItIsWhereNothingWasReverted() {
        recall(true, Map.of());
        runUntil("revert-migrations");
        tell(new News.NotDone(inFlight(), "lock", "the table is locked", "look", false));
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class, s -> assertThat(s.route()).isEqualTo(Route.UNCHANGED));
        assertThat(world.running).isEqualTo(Samples.V110);
    }

    @Test
    void startsNoVersionOnWhatRevertsLeaveBehind() {
        world = new World(Samples.V110, Samples.releases(true, 1));
        world.revertsLeaveARest = true;
        recall(false, Map.of("schema.known", Samples.fingerprint(List.of())));
        runUntil("");

        assertThat(upgrade.state()).isInstanceOfSatisfying(State.RolledBack.class, s -> {
            assertThat(s.route()).isEqualTo(Route.NOTHING);
            assertThat(s.cause().reason()).contains("1.0.0 ran on " + Samples.fingerprint(List.of()));
        });
        assertThat(asked).doesNotContain("park-traffic", "stop", "revert-migrations");
    }

    @Test
    void revertsNothingFromBeneathWhatWasAppliedLater() {
        world = new World(Samples.V110, Samples.releases(true, 1));
        world.applied.add("hand.1");
        world.newHop();
        recall(false, Map.of());
        runUntil("");

        assertThat(upgrade.state())
                .isInstanceOfSatisfying(
                        State.RolledBack.class,
                        s -> assertThat(s.cause().reason()).contains("the last migrations that ran are [hand.1]"));
        assertThat(asked).doesNotContain("stop");
    }

    private static final News.Abort ABORT = new News.Abort("aborted by ada: wrong customer");

    private void begin(boolean reversible, int migrations) {
        world = new World(Samples.V100, Samples.releases(reversible, migrations));
        tell(new News.MayBegin(Samples.plan(Samples.product(), reversible, migrations)));
    }

    @Test
    void letsGoWhatItHoldsAndWaitsWhereTheFirstChangeComesTooLateAndAsksAPersonTheThirdTime() {
        for (int times = 1; times <= 3; times++) {
            beginLate(Samples.product());
            runUntil("");

            assertThat(asked).endsWith("drain", "open-traffic", "end-capture").doesNotContain("stop");
            if (times < 3) {
                assertThat(upgrade.state()).isInstanceOf(State.Waiting.class);
                assertThat(said).hasAtLeastOneElementOfType(UpgradePostponed.class);
            }
            world.newHop();
        }

        assertThat(upgrade.state()).isInstanceOfSatisfying(State.Held.class, held -> {
            assertThat(held.at()).isInstanceOf(State.Waiting.class);
            assertThat(held.reason()).contains("too late 3 times");
            assertThat(held.ways()).containsExactly(Way.RETRY, Way.UNDO);
        });
        assertThat(said).hasAtLeastOneElementOfType(UpgradeHeld.class);
    }

    @Test
    void looksAtTheTimeAgainAfterAPersonWasWaitedFor() {
        beginLate(Samples.product(
                List.of(
                        "check-schema database",
                        "backup-database database",
                        "prove-backup database",
                        "ask app",
                        "park-traffic gate",
                        "stop app",
                        "start app",
                        "verify-shut app",
                        "open-traffic gate",
                        "end-capture database"),
                Samples.meaning(),
                Samples.rings(1, 0)));
        runUntil("");
        assertThat(upgrade.state()).isInstanceOf(State.Held.class);

        tell(new News.Resolved(Way.DONE_BY_HAND, "ada", ""));
        runUntil("");

        assertThat(asked).contains("verify-shut").doesNotContain("stop", "start");
        assertThat(upgrade.state()).isInstanceOf(State.Waiting.class);
    }

    /** In a window that no longer holds the way back once anything would change. */
    private void beginLate(Product product) {
        tell(new News.MayBegin(
                Samples.plan(product, true, 0),
                List.of(),
                Map.of(Fact.CHANGE_LATEST, now.minusSeconds(1).toString())));
    }

    private static final List<Release> THREE = List.of(
            Samples.release(Samples.V100),
            Samples.release(Samples.V110, new Migration("2.0", true, true)),
            Samples.release(Samples.V120, new Migration("3.0", true, true)));

    private void beginFirstOfTwoHops() {
        world = new World(Samples.V100, THREE);
        upgrade = Upgrade.waiting(subject(Samples.V100, Samples.V120), 40);
        Product product = Samples.with(Samples.product(), Policies.Stops.EVERY_MINOR, List.of(), Optional.empty());
        Tenant tenant = Samples.tenant("acme", "staging", Samples.V100);
        Planning.Planned next = Planning.next(product, tenant, Releases.of(THREE), Samples.V120, Map.of());
        assertThat(next)
                .isInstanceOfSatisfying(
                        Planning.Planned.Way.class,
                        way -> assertThat(way.ahead()).containsExactly(Samples.V120));
        tell(new News.MayBegin(Samples.plan(next), List.of(Samples.V120), Map.of()));
    }

    private void beginSecondHop() {
        world.newHop();
        Tenant tenant = Samples.tenant("acme", "staging", Samples.V110);
        tell(new News.MayBegin(
                Samples.plan(Planning.next(Samples.product(), tenant, Releases.of(THREE), Samples.V120, Map.of()))));
    }

    private void recall(boolean fresh, Map<String, String> known) {
        List<Release> releases = Samples.releases(true, 1);
        if (fresh) {
            world = new World(Samples.V110, releases);
        }
        upgrade = Upgrade.waiting(subject(Samples.V110, Samples.V100), 40);
        Tenant tenant = Samples.tenant("acme", "staging", Samples.V110);
        Plan plan =
                Samples.plan(Recalling.plan(Samples.product(), tenant, Releases.of(releases), Samples.V100, Map.of()));
        tell(new News.MayBegin(plan, List.of(), known));
    }

    /** Answers everything well until a step of that name is asked for on the way forward; "" runs to the end. */
    private void runUntil(String word) {
        while (upgrade.state() instanceof State.Moving) {
            Event open = said.stream()
                    .filter(e -> e instanceof StepRequested || e instanceof BakeRequested)
                    .findFirst()
                    .orElseThrow();
            if (asked.getLast().equals(word)) {
                return;
            }
            if (open instanceof StepRequested step) {
                world.act(step);
                tell(new News.Done(inFlight(), world.found(step), "done"));
            } else {
                judge(new Verdict.Confirm(List.of(new Verdict.Finding("f", "good", "good"))));
            }
        }
    }

    private void judge(Verdict verdict) {
        tell(new News.Judged(inFlight(), verdict));
    }

    private static Verdict bad() {
        return new Verdict.Rollback(List.of(new Verdict.Finding("error-ratio", "at most 0.02", "0.2")), List.of());
    }

    private void tell(News news) {
        Decision decision = upgrade.decide(news, now);
        upgrade = decision.next();
        said = decision.says().stream().map(e -> e.event()).toList();
        for (Event event : said) {
            if (event instanceof StepRequested step) {
                asked.add(step.action().word());
                world.look(step, upgrade.plan().orElseThrow());
                assertThat(world.wrongs).isEmpty();
            } else if (event instanceof BakeRequested bake) {
                Action action = upgrade.step().orElseThrow().action();
                asked.add(action.word());
                world.look(bake, upgrade.plan().orElseThrow());
                assertThat(world.wrongs).isEmpty();
            }
        }
    }

    private News.Asked inFlight() {
        State.Moving moving = (State.Moving) upgrade.state();
        Try.InFlight flight = (Try.InFlight) moving.attempt();
        return new News.Asked(upgrade.step().orElseThrow().id(), flight.number(), flight.token());
    }

    private static Subject subject(Version from, Version to) {
        Tenant tenant = Samples.tenant("acme", "staging", from);
        return new Subject(
                tenant.id(), tenant.account(), Samples.PRODUCT, from, to, new UpgradeId("u-1"), new RolloutId("r-1"));
    }
}
