package dev.upkeep.executor;

import static dev.upkeep.executor.Bench.step;
import static dev.upkeep.executor.Bench.target;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.step.Action.Stop;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Examples;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples that the OpenAPI document shows are what is answered, each endpoint has one, and lists come in pages. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class ExamplesTest {
    private static final TenantId SHOWN = new TenantId("acme-eu");

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    @TestHTTPResource
    URI root;

    /** Its name in leases has a part that is random. */
    private String executor = "";

    @BeforeEach
    void doAndKeepSomething() throws Exception {
        try (Bench bench = new Bench(kafka.bootstrapServers())) {
            for (int i = 1; i <= 3; i++) {
                bench.ask(List.of(step(SHOWN, i, i, new Stop(), target("app", "rehearsal", Map.of()))));
            }
            bench.hear(3, r -> r.tenant().equals(SHOWN));
        }
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into backup (id, tenant, upgrade, step, component, moment, file, digest, bytes, fingerprint, row_counts, slot,
                        details, taken_at, proven)
                    select 'b-acme-eu-' || i, 'acme-eu', 'u-acme-eu', 's' || i, 'database', 'BEFORE', '/var/lib/upkeep/b' || i,
                        'sha256:' || repeat('0a', 32), 4096, 'sf1:' || repeat('1b', 32), '{}', null, '{}',
                        '2026-01-02T03:04:05Z'::timestamptz + i / 2 * interval '1 s', i > 1
                    from generate_series(1, 3) i on conflict do nothing
                    """);
            try (ResultSet row =
                    statement.executeQuery("select executor from step_run where tenant = 'acme-eu' and step = 's3'")) {
                assertThat(row.next()).isTrue();
                executor = row.getString(1);
            }
        }
    }

    @Test
    void areWhatIsAnswered() {
        assertThat(examples()
                        .run(Map.of(
                                "viewer", Tokens.staff("vera", "viewer"),
                                "operator", Tokens.staff("olga", "operator"))))
                .isEmpty();
    }

    @Test
    void showEachEndpoint() {
        // For this one a key would have to wait behind a record that can't be processed: the planner's RolloutTest has
        // one.
        assertThat(examples().notShown()).containsExactly("POST /v1/parked-keys/{key}/release");
    }

    @Test
    void walkListsInPagesOfAnySizeWithEachItemOnceAndTheLatestFirst() throws Exception {
        for (int limit : List.of(1, 2, 3)) {
            assertThat(walked("/v1/backups?tenant=acme-eu", limit, "id"))
                    .containsExactly("b-acme-eu-3", "b-acme-eu-2", "b-acme-eu-1");
            assertThat(walked("/v1/step-runs?tenant=acme-eu", limit, "step")).containsExactly("s3", "s2", "s1");
        }
    }

    private static List<String> walked(String list, int limit, String field) throws Exception {
        List<String> values = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = new ObjectMapper()
                    .readTree(RestAssured.given()
                            .auth()
                            .oauth2(Tokens.everyRole())
                            .get(list + "&limit=" + limit + next)
                            .asString());
            assertThat(page.path("items").size()).isBetween(0, limit);
            page.path("items").forEach(item -> values.add(item.path(field).asText()));
            next = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!next.isEmpty());
        return values;
    }

    private Examples examples() {
        return Examples.of(
                        root,
                        "executor",
                        Path.of("../docs/reference/rest.md"),
                        Path.of("src/main/resources/META-INF/upkeep/examples.yaml"),
                        Path.of("../messaging/src/main/resources/META-INF/upkeep/examples.yaml"))
                .with("executor-1", executor);
    }
}
