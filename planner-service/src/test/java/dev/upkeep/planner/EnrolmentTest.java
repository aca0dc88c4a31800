package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A fleet of several pages: entered to the last tenant, each once, whatever happens meanwhile. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class EnrolmentTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int TENANTS = 1010;

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
    void entersEveryTenantOnceAndLetsTheFirstOnesBeginMeanwhile() {
        register("throng", TENANTS);
        try (Others others = new Others(
                kafka.bootstrapServers(), "throng-0000", Others::done, bake -> Others.judged(bake, Others.good()))) {
            String rollout = olga.startRollout("throng", "1.1.0");

            // All are counted at once, however many have been entered.
            assertThat(waiting(rollout) + active(rollout)).isEqualTo(TENANTS);
            await().atMost(SOON).until(() -> entered(rollout) == TENANTS);
            await().atMost(SOON).until(() -> state("throng-0000"), "confirmed"::equals);
            assertThat(others.steps).isNotEmpty();
            assertThat(counted(rollout)).isEqualTo(TENANTS);
            assertThat(olga.get("/v1/tenants/throng-1009/why")
                            .body()
                            .get("state")
                            .asText())
                    .isEqualTo("waiting");
        }
        olga.ok(olga.post("/v1/rollouts/" + latest() + "/abort", "{}"));
    }

    @Test
    void leavesNobodyBehindWhereItIsAbortedBeforeTheLastPage() {
        register("deserters", TENANTS);
        String rollout = olga.startRollout("deserters", "1.1.0");

        olga.ok(olga.post("/v1/rollouts/" + rollout + "/abort", "{}"));

        await().atMost(SOON).until(() -> waiting(rollout) == 0);
        // Those who were not entered yet are none of its: they can be entered by another one.
        String second = olga.startRollout("deserters", "1.1.0");
        await().atMost(SOON).until(() -> entered(second) == TENANTS);
        olga.ok(olga.post("/v1/rollouts/" + second + "/abort", "{}"));
    }

    @Test
    void tellsNobodyAnythingNewWhileItIsPausedAndLosesNobodyWhoCameMeanwhile() {
        register("sleepers", TENANTS);
        register("wakers", 510);
        String rollout = olga.startRollout("sleepers", "1.1.0");
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/pause", "{}"));
        int entered = entered(rollout);
        int counted = counted(rollout);

        // When another rollout, which is entered by the same clockwork, has got through
        String other = olga.startRollout("wakers", "1.1.0");
        await().atMost(SOON).until(() -> entered(other) == 510);
        olga.ok(olga.put("/v1/tenants/sleepers-zzzz", Planner.tenant("sleepers-zzzz", "sleepers", "staging")));

        // Then the paused one is where it was, and goes on from there
        assertThat(entered(rollout)).isEqualTo(entered);
        assertThat(counted(rollout)).isEqualTo(counted).isEqualTo(TENANTS);
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/resume", "{}"));
        // Whoever came before the last page was looked at is entered, and counted.
        int all = entered < TENANTS ? TENANTS + 1 : TENANTS;
        await().atMost(SOON).until(() -> entered(rollout) == all && counted(rollout) == all);
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/abort", "{}"));
        olga.ok(olga.post("/v1/rollouts/" + other + "/abort", "{}"));
    }

    @Test
    void entersTheOthersWhileOnePageCantBeEntered() {
        register("stumbling", 510);
        register("passing", 510);
        String document = document("stumbling-0509");
        document("stumbling-0509", "{}");
        String stumbling = olga.startRollout("stumbling", "1.1.0");

        String passing = olga.startRollout("passing", "1.1.0");

        await().atMost(SOON).until(() -> entered(passing) == 510);
        assertThat(entered(stumbling)).isEqualTo(500);
        await().atMost(SOON)
                .until(() -> olga.get("/q/health/ready").body().toString(), ready -> ready.contains(stumbling));
        document("stumbling-0509", document);
        await().atMost(SOON).until(() -> entered(stumbling) == 510);
        olga.ok(olga.post("/v1/rollouts/" + stumbling + "/abort", "{}"));
        olga.ok(olga.post("/v1/rollouts/" + passing + "/abort", "{}"));
    }

    @Test
    void takesBackEveryTenantByOneRolloutHoweverManyRunTheRecalledRelease() {
        register("regretful", TENANTS);
        update("update tenant set version = '1.1.0' where product = 'regretful' and id <> 'regretful-0700'");

        JsonNode recalled = recall("regretful");

        String rollout = recalled.at("/rollout/id").asText();
        assertThat(recalled.at("/held")).isEmpty();
        // All are counted at once, however many have been entered; and whoever asks meanwhile begins no second one.
        assertThat(counted(rollout)).isEqualTo(TENANTS - 1);
        JsonNode again = recall("regretful").path("rollout");
        assertThat(again.path("id").asText(rollout)).isEqualTo(rollout);
        await().atMost(SOON).until(() -> entered(rollout) == TENANTS - 1 && counted(rollout) == TENANTS - 1);
        assertThat(recall("regretful").has("rollout")).isFalse();
        assertThat(rolloutsOf("regretful")).isEqualTo(1);
        assertThat(state("regretful-1009")).isIn("waiting", "running");
        assertThat(olga.get("/v1/tenants/regretful-0700/upgrade").status()).isEqualTo(404);
        // Who comes to run it later is found and goes back, too.
        update("update tenant set version = '1.1.0' where id = 'regretful-0700'");
        await().atMost(SOON)
                .until(() -> olga.get("/v1/tenants/regretful-0700/upgrade").status() == 200);
        assertThat(rolloutsOf("regretful")).isEqualTo(2);
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/abort", "{}"));
        olga.ok(olga.post("/v1/rollouts/" + latest() + "/abort", "{}"));
    }

    @Test
    void holdsThoseWithoutAWayBackOnWhateverPageTheyAre() {
        register("trapped", 510, false);
        update("update tenant set version = '1.1.0' where product = 'trapped'");

        JsonNode recalled = recall("trapped");

        String rollout = recalled.at("/rollout/id").asText();
        assertThat(recalled.get("held").size()).as("those of the first page").isEqualTo(500);
        await().atMost(SOON).until(() -> ring(rollout).get("barred").asInt() == 510);
        assertThat(state("trapped-0509")).isEqualTo("barred");
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/abort", "{}"));
    }

    @Test
    void takesNobodyElseBackOnceSomebodyAbortedTheRolloutThatDid() {
        register("obstinate", 510);
        register("latecomer", 1);
        update("update tenant set version = '1.1.0' where product = 'obstinate'");
        String document = document("obstinate-0509");
        document("obstinate-0509", "{}");
        String rollout = recall("obstinate").at("/rollout/id").asText();
        olga.ok(olga.post("/v1/rollouts/" + rollout + "/abort", "{}"));
        document("obstinate-0509", document);
        await().atMost(SOON).until(() -> waiting(rollout) == 0);

        // When those are looked for who were left behind, of all recalls at once
        assertThat(recall("latecomer").has("rollout")).isFalse();
        update("update tenant set version = '1.1.0' where product = 'latecomer'");
        await().atMost(SOON)
                .until(() -> olga.get("/v1/tenants/latecomer-0000/upgrade").status() == 200);

        assertThat(rolloutsOf("obstinate")).isEqualTo(1);
        assertThat(olga.get("/v1/tenants/obstinate-0509/upgrade").status()).isEqualTo(404);
        // But whoever asks once more means it.
        String second = recall("obstinate").at("/rollout/id").asText();
        await().atMost(SOON)
                .until(() -> olga.get("/v1/tenants/obstinate-0509/upgrade").status() == 200);
        olga.ok(olga.post("/v1/rollouts/" + second + "/abort", "{}"));
    }

    private JsonNode recall(String product) {
        Planner.Answer recalled = olga.post(
                "/v1/products/" + product + "/releases/1.1.0/recall",
                "{\"reason\": \"it loses notes\", \"goBack\": true}");
        assertThat(recalled.status()).as(recalled.body().toString()).isEqualTo(200);
        return recalled.body();
    }

    private int rolloutsOf(String product) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select count(*) from rollout where product = '" + product + "'")) {
            row.next();
            return row.getInt(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void update(String sql) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private String document(String tenant) {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select document from tenant where id = '" + tenant + "'")) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void document(String tenant, String document) {
        try (Connection connection = database.connect();
                PreparedStatement statement =
                        connection.prepareStatement("update tenant set document = ? where id = ?")) {
            statement.setString(1, document);
            statement.setString(2, tenant);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void register(String product, int tenants) {
        register(product, tenants, true);
    }

    private void register(String product, int tenants, boolean reversible) {
        olga.ok(olga.put("/v1/products/" + product, Planner.descriptor(product)));
        olga.ok(olga.put("/v1/products/" + product + "/releases/1.0.0", Planner.release(product, "1.0.0", true, "1")));
        olga.ok(olga.put(
                "/v1/products/" + product + "/releases/1.1.0", Planner.release(product, "1.1.0", reversible, "2")));
        Semaphore atOnce = new Semaphore(8);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < tenants; i++) {
                String name = "%s-%04d".formatted(product, i);
                threads.execute(() -> {
                    atOnce.acquireUninterruptibly();
                    try {
                        olga.ok(olga.put("/v1/tenants/" + name, Planner.tenant(name, product, "staging")));
                    } finally {
                        atOnce.release();
                    }
                });
            }
        }
    }

    private int entered(String rollout) {
        return olga.get("/v1/rollouts/" + rollout).body().get("upgrades").size();
    }

    private int waiting(String rollout) {
        return ring(rollout).get("waiting").asInt();
    }

    private int active(String rollout) {
        return ring(rollout).get("active").asInt()
                + ring(rollout).get("confirmed").asInt();
    }

    private int counted(String rollout) {
        JsonNode ring = ring(rollout);
        return ring.get("waiting").asInt()
                + ring.get("active").asInt()
                + ring.get("held").asInt()
                + ring.get("confirmed").asInt()
                + ring.get("rolledBack").asInt();
    }

    private JsonNode ring(String rollout) {
        return olga.get("/v1/rollouts/" + rollout).body().at("/rings/0");
    }

    private String latest() {
        return olga.get("/v1/rollouts").body().at("/items/0/id").asText();
    }

    private String state(String tenant) {
        return olga.get("/v1/tenants/" + tenant + "/upgrade")
                .body()
                .path("state")
                .asText();
    }
}
