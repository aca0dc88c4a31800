package dev.upkeep.executor;

import static dev.upkeep.executor.Bench.step;
import static dev.upkeep.executor.Bench.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.RunTask;
import dev.upkeep.contract.step.Action.Stop;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class StepsTest {
    @Part
    KafkaPart kafka;

    @Part
    Database database;

    @TempDir
    Path home;

    Bench bench;

    @BeforeEach
    void listen() {
        bench = new Bench(kafka.bootstrapServers());
    }

    @AfterEach
    void stopListening() {
        bench.close();
    }

    @Test
    void savesABurstOfResultsInAHandfulOfTransactions() throws SQLException {
        List<StepRequested> burst = IntStream.range(0, 500)
                .mapToObj(i -> step(
                        new TenantId("burst-" + i),
                        1,
                        1,
                        new Action.CheckSchema(Action.Moment.BEFORE),
                        target("db", "rehearsal", Map.of())))
                .toList();

        bench.ask(burst);

        List<ResultEvent> results = bench.hear(500, r -> r.tenant().value().startsWith("burst-"));
        assertThat(results).hasSize(500).allSatisfy(r -> assertThat(r).isInstanceOf(StepSucceeded.class));
        assertThat(((StepSucceeded) results.getFirst()).found()).containsKey(Fact.SCHEMA_BEFORE);
        // A row keeps the id of the transaction that wrote it last: the one that ended the step.
        assertThat(count("select count(distinct xmin::text) from step_run where tenant like 'burst-%'"))
                .isLessThan(40);
    }

    @Test
    void refusesAStepWhoseTokenIsLowerThanTheTenantsHighest() {
        TenantId tenant = Bench.tenant("stale");

        bench.ask(List.of(
                step(tenant, 2, 7, new Stop(), target("app", "rehearsal", Map.of())),
                step(tenant, 1, 6, new Stop(), target("app", "rehearsal", Map.of()))));

        List<ResultEvent> results = bench.hear(2, r -> r.tenant().equals(tenant));
        assertThat(results)
                .filteredOn(r -> r.token().value() == 6)
                .singleElement()
                .satisfies(r -> assertThat(((StepFailed) r).code()).isEqualTo("stale-token"));
        assertThat(results)
                .filteredOn(r -> r.token().value() == 7)
                .singleElement()
                .isInstanceOf(StepSucceeded.class);
    }

    @Test
    void namesADriverThatIsNotThere() {
        TenantId tenant = Bench.tenant("nobody");

        bench.ask(List.of(step(tenant, 1, 1, new Stop(), target("app", "carrier-pigeon", Map.of()))));

        StepFailed failed =
                (StepFailed) bench.hear(1, r -> r.tenant().equals(tenant)).getFirst();
        assertThat(failed.code()).isEqualTo("unknown-driver");
        assertThat(failed.fix()).contains("rehearsal");
    }

    @Test
    void saysOfALongStepThatItHasBegunAndOfAShortOneOnlyThatItEnded() {
        TenantId tenant = Bench.tenant("long");
        TenantId other = Bench.tenant("short");

        bench.ask(List.of(
                step(tenant, 1, 1, new Stop(), target("app", "rehearsal", Map.of("takes", "PT2S"))),
                step(other, 1, 1, new Stop(), target("app", "rehearsal", Map.of()))));

        assertThat(bench.hear(2, r -> r.tenant().equals(tenant)))
                .extracting(r -> (Object) r.getClass())
                .containsExactly(StepStarted.class, StepSucceeded.class);
        assertThat(bench.hear(1, r -> r.tenant().equals(other))).singleElement().isInstanceOf(StepSucceeded.class);
    }

    @Test
    void cancelsAStepAtItsDeadlineAndKillsItsProgram() throws Exception {
        TenantId tenant = Bench.tenant("late");
        Path pid = home.resolve("pid");
        StepRequested slow = step(
                tenant,
                1,
                1,
                new RunTask("sleep"),
                target(
                        "task",
                        "command",
                        Map.of(
                                "home",
                                home.toString(),
                                "task.sleep",
                                "/bin/sh -c 'echo $$ > " + pid + "; sleep 300 & sleep 300'")));

        bench.ask(List.of(withDeadline(slow, java.time.Duration.ofSeconds(2))));

        ResultEvent result = bench.hear(1, r -> r.tenant().equals(tenant) && !(r instanceof StepStarted))
                .getFirst();
        // A task can't be looked at and is not repeatable.
        assertThat(result).isInstanceOf(StepUncertain.class);
        long leader = Long.parseLong(Files.readString(pid).strip());
        assertThat(ProcessHandle.of(leader).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void looksBeforeItActsAgainOnAStepWhoseExecutorDied() throws Exception {
        TenantId tenant = Bench.tenant("orphan");
        Map<String, String> settings =
                Map.of("home", home.toString(), "task.touch", "/usr/bin/touch " + home + "/again");
        StepRequested orphan = step(tenant, 1, 1, new RunTask("touch"), target("task", "command", settings));
        Files.createFile(home.resolve(orphan.upgrade() + ".s1.begun"));

        abandoned(orphan);

        ResultEvent result = bench.hear(1, r -> r.tenant().equals(tenant)).getFirst();
        assertThat(result).isInstanceOf(StepUncertain.class);
        assertThat(home.resolve("again")).doesNotExist();
    }

    @Test
    void carriesOutAStepWhoseExecutorDiedBeforeItActed() throws Exception {
        TenantId tenant = Bench.tenant("unborn");
        Map<String, String> settings =
                Map.of("home", home.toString(), "task.touch", "/usr/bin/touch " + home + "/done");

        abandoned(step(tenant, 1, 1, new RunTask("touch"), target("task", "command", settings)));

        assertThat(bench.hear(1, r -> r.tenant().equals(tenant)).getFirst()).isInstanceOf(StepSucceeded.class);
        assertThat(home.resolve("done")).exists();
    }

    @Test
    void showsStepRunsAndNamesABadCursor() {
        TenantId tenant = Bench.tenant("shown");
        bench.ask(List.of(step(tenant, 1, 1, new Stop(), target("app", "rehearsal", Map.of()))));
        bench.hear(1, r -> r.tenant().equals(tenant));

        io.restassured.RestAssured.given()
                .auth()
                .oauth2(Tokens.everyRole())
                .get("/v1/step-runs?tenant=" + tenant)
                .then()
                .statusCode(200)
                .body("items[0].state", org.hamcrest.Matchers.equalTo("succeeded"));
        io.restassured.RestAssured.given()
                .auth()
                .oauth2(Tokens.everyRole())
                .get("/v1/step-runs?cursor=x")
                .then()
                .statusCode(400)
                .contentType("application/problem+json")
                .body("errors[0].pointer", org.hamcrest.Matchers.equalTo("/cursor"));
        io.restassured.RestAssured.given()
                .auth()
                .oauth2(Tokens.everyRole())
                .get("/v1/backups")
                .then()
                .statusCode(200);
        io.restassured.RestAssured.given()
                .get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.name", org.hamcrest.Matchers.hasItem("steps"));
        io.restassured.RestAssured.given()
                .get("/q/metrics")
                .then()
                .body(org.hamcrest.Matchers.containsString("upkeep_steps_finished_total"))
                .body(org.hamcrest.Matchers.containsString("upkeep_steps_run_seconds"));
    }

    @Test
    void losesAndRepeatsNothingWhenTheDatabaseCutsEveryConnection() throws Exception {
        List<StepRequested> burst = IntStream.range(0, 300)
                .mapToObj(i -> step(
                        new TenantId("cut-" + i),
                        1,
                        1,
                        new Stop(),
                        target("app", "rehearsal", Map.of("takes", "PT0.5S"))))
                .toList();

        bench.ask(burst);
        for (int i = 0; i < 5; i++) {
            bench.hear(30 * (i + 1), r -> r.tenant().value().startsWith("cut-") && r instanceof StepSucceeded);
            count("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    + " where datname = current_database() and pid <> pg_backend_pid()");
        }

        List<ResultEvent> ended =
                bench.hear(300, r -> r.tenant().value().startsWith("cut-") && r instanceof StepSucceeded);
        assertThat(ended).extracting(ResultEvent::tenant).doesNotHaveDuplicates();
        assertThat(count("select count(*) from step_run where tenant like 'cut-%' and state = 'succeeded'"))
                .isEqualTo(300);
    }

    private static StepRequested withDeadline(StepRequested r, java.time.Duration deadline) {
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                r.step(),
                r.attempt(),
                r.token(),
                r.action(),
                r.product(),
                r.from(),
                r.to(),
                r.target(),
                r.uses(),
                r.migrations(),
                r.facts(),
                deadline);
    }

    /** As an executor leaves it that claimed the step and was killed a while ago. */
    private void abandoned(StepRequested request) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement token = connection.prepareStatement("insert into tenant_token values (?, ?)");
                PreparedStatement run = connection.prepareStatement(
                        "insert into step_run (tenant, upgrade, step, attempt, token, driver, action, component, request,"
                                + " state, executor, lease_until, claims, started_at)"
                                + " values (?, ?, ?, 1, ?, ?, ?, ?, ?, 'running', 'dead', now() - interval '1 second', 1, now())")) {
            token.setString(1, request.tenant().value());
            token.setLong(2, request.token().value());
            token.execute();
            run.setString(1, request.tenant().value());
            run.setString(2, request.upgrade().value());
            run.setString(3, request.step().value());
            run.setLong(4, request.token().value());
            run.setString(5, request.target().driver().value());
            run.setString(6, request.action().word());
            run.setString(7, request.target().component().value());
            run.setString(8, new String(Wire.body(request), StandardCharsets.UTF_8));
            run.execute();
        }
    }

    private int count(String query) throws SQLException {
        try (Connection connection = database.connect();
                ResultSet row = connection.createStatement().executeQuery(query)) {
            row.next();
            return row.getInt(1);
        }
    }
}
