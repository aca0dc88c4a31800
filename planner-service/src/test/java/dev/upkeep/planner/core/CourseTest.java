package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.step.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The life of one upgrade, by example. */
class CourseTest {
    private final World world = new World(Samples.V100);
    private final List<String> asked = new ArrayList<>();
    private Upgrade upgrade = Upgrade.waiting(subject(), 40);
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
        tell(new News.Done(inFlight(), Map.of("backup.proven", "false", "schema.after", Samples.fingerprint(1)), "hm"));
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
                                .contains(Samples.fingerprint(1))
                                .contains("value=1.1.0"));
    }

    @Test
    void alwaysRestoresWhereTheProductSupportsNothingElse() {
        Product.Meaning meaning = Product.Meaning.simple(true, false, Duration.ZERO, Product.Undo.RESTORE);
        Product product = Samples.product(Samples.WHOLE, meaning, Samples.rings(1, 0));
        tell(new News.MayBegin(Samples.plan(product, true, 0)));
        runUntil("verify-open");
        judge(bad());
        runUntil("");

        assertThat(asked).contains("restore-database");
    }

    private void begin(boolean reversible, int migrations) {
        tell(new News.MayBegin(Samples.plan(Samples.product(), reversible, migrations)));
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
                world.highestToken = bake.token().value();
            }
        }
    }

    private News.Asked inFlight() {
        State.Moving moving = (State.Moving) upgrade.state();
        Try.InFlight flight = (Try.InFlight) moving.attempt();
        return new News.Asked(upgrade.step().orElseThrow().id(), flight.number(), flight.token());
    }

    private static Subject subject() {
        Tenant tenant = Samples.tenant("acme", "staging", Samples.V100);
        return new Subject(
                tenant.id(),
                tenant.account(),
                Samples.PRODUCT,
                Samples.V100,
                Samples.V110,
                new UpgradeId("u-1"),
                new RolloutId("r-1"));
    }
}
