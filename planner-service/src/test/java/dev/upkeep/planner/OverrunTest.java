package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeOverrunning;
import dev.upkeep.contract.event.LifecycleEvent.UpgradePostponed;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URL;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work that goes beyond its window is announced, once; what has ended by then is not. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class OverrunTest {
    private static final Duration SOON = Duration.ofSeconds(40);
    /** Two halves of every day: open for as long as anybody looks ahead. */
    private static final String ALWAYS = """
            windows:
              - {rrule: FREQ=DAILY, from: "2026-01-01T00:00", length: PT12H, zone: UTC}
              - {rrule: FREQ=DAILY, from: "2026-01-01T12:00", length: PT12H, zone: UTC}
            """;

    @TestHTTPResource
    URL url;

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    private Planner olga;

    @BeforeEach
    void connect() {
        olga = new Planner(url.toString(), Tokens.staff("olga", "operator"));
    }

    @Test
    void announcesOnceWhatIsStillAtWorkWhenItsWindowCloses() {
        register("overtime");
        // Nobody answers the steps: it stays at work.
        try (Others others =
                new Others(kafka.bootstrapServers(), "overtime", step -> Optional.empty(), bake -> Optional.empty())) {
            olga.startRollout("overtime", "1.1.0");
            await().atMost(SOON).until(() -> state("overtime-one"), "running"::equals);

            close("overtime-one");
            await().atMost(SOON).until(() -> overruns(others).size() == 1);
            close("overtime-one");

            UpgradeOverrunning told = overruns(others).getFirst();
            assertThat(told.reason()).isEqualTo("it goes forward to 1.1.0");
            assertThat(told.until()).isAfter(told.closes());
            assertThat(olga.get("/v1/audit/links?chain=tenant:overtime-one")
                            .body()
                            .toString())
                    .contains("upgrade-overrunning");
            assertThat(rows("overtime-one")).isZero();
            assertThat(overruns(others)).hasSize(1);
        }
    }

    @Test
    void announcesNothingOfWhatHasEndedByThen() {
        register("in-time");
        register("overlong");
        try (Others quick = new Others(
                        kafka.bootstrapServers(), "in-time", Others::done, bake -> Others.judged(bake, Others.good()));
                Others slow = new Others(
                        kafka.bootstrapServers(), "overlong", step -> Optional.empty(), bake -> Optional.empty())) {
            olga.startRollout("in-time", "1.1.0");
            await().atMost(SOON).until(() -> state("in-time-one"), "confirmed"::equals);
            olga.startRollout("overlong", "1.1.0");
            await().atMost(SOON).until(() -> state("overlong-one"), "running"::equals);

            close("in-time-one");
            close("overlong-one");

            // Both are looked at together: when the slow one was told, the prompt one has been looked at.
            await().atMost(SOON).until(() -> overruns(slow).size() == 1 && rows("in-time-one") == 0);
            assertThat(overruns(quick)).isEmpty();
        }
    }

    @Test
    void waitsForTheNextWindowIfItComesToTheFirstChangeTooLate() {
        register("belated");
        try (Others others = new Others(
                kafka.bootstrapServers(),
                "belated",
                step -> step.action() instanceof Action.ProveBackup ? Optional.empty() : Others.done(step),
                bake -> Others.judged(bake, Others.good()))) {
            String rollout = olga.startRollout("belated", "1.1.0");
            await().atMost(SOON).until(() -> proofs(others).size() == 1);

            // The proof took longer than anybody thought: what is left of the window no longer holds the way back.
            run("update upgrade set facts = (facts::jsonb || '{\"change.latest\": \"2026-01-01T00:00:00Z\"}')::text"
                    + " where tenant = 'belated-one'");
            others.say(Others.done(proofs(others).getFirst()).orElseThrow());

            await().atMost(SOON).until(() -> postponed(others).size() == 1);
            UpgradePostponed told = postponed(others).getFirst();
            assertThat(told.reason()).contains("the first change had to begin by 2026-01-01T00:00:00Z");
            assertThat(others.steps)
                    .noneMatch(s -> s.action() instanceof Action.Stop
                            && s.step().value().startsWith("0"));

            // All of it begins anew, with a backup of its own, and goes through.
            await().atMost(SOON).until(() -> proofs(others).size() == 2);
            others.say(Others.done(proofs(others).getLast()).orElseThrow());
            await().atMost(SOON).until(() -> state("belated-one"), "confirmed"::equals);
            JsonNode ring = olga.get("/v1/rollouts/" + rollout).body().at("/rings/0");
            assertThat(ring.get("rolledBack").asInt()).isZero();
            assertThat(ring.get("waiting").asInt()).isZero();
            assertThat(ring.get("confirmed").asInt()).isEqualTo(1);
            assertThat(olga.get("/v1/audit/links?chain=tenant:belated-one")
                            .body()
                            .toString())
                    .contains("upgrade-postponed");
        }
    }

    private static List<StepRequested> proofs(Others others) {
        return others.steps.stream()
                .filter(s -> s.action() instanceof Action.ProveBackup)
                .toList();
    }

    private static List<UpgradePostponed> postponed(Others others) {
        return others.lifecycle.stream()
                .filter(UpgradePostponed.class::isInstance)
                .map(UpgradePostponed.class::cast)
                .toList();
    }

    private void register(String product) {
        olga.ok(olga.put("/v1/products/" + product, Planner.descriptor(product)));
        olga.ok(olga.put("/v1/products/" + product + "/releases/1.0.0", Planner.release(product, "1.0.0", true, "1")));
        olga.ok(olga.put("/v1/products/" + product + "/releases/1.1.0", Planner.release(product, "1.1.0", true, "2")));
        olga.ok(olga.put(
                "/v1/tenants/" + product + "-one", Planner.tenant(product + "-one", product, "staging") + ALWAYS));
    }

    private static List<UpgradeOverrunning> overruns(Others others) {
        return others.lifecycle.stream()
                .filter(UpgradeOverrunning.class::isInstance)
                .map(UpgradeOverrunning.class::cast)
                .toList();
    }

    /** The window of this kind never closes while a test looks on; it is made to have closed. */
    private void close(String tenant) {
        run("update closing set closes_at = now() - interval '1 second' where upgrade in"
                + " (select id from upgrade where tenant = '" + tenant + "')");
    }

    private int rows(String tenant) {
        return run("update closing set closes_at = closes_at where upgrade in"
                + " (select id from upgrade where tenant = '" + tenant + "')");
    }

    private int run(String sql) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    private String state(String tenant) {
        return olga.get("/v1/tenants/" + tenant + "/upgrade")
                .body()
                .path("state")
                .asText();
    }
}
