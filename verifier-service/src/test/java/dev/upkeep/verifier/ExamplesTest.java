package dev.upkeep.verifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.testing.Database;
import dev.upkeep.testing.Examples;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples that the OpenAPI document shows are what is answered, and each endpoint has one. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value =
                                "upkeep.bakes:2,upkeep.verdicts:2,upkeep.observations:2,upkeep.parked:1,upkeep.dead-letters:1"))
class ExamplesTest {
    @Part
    Database database;

    @TestHTTPResource
    URI root;

    @BeforeEach
    void seeAndJudgeSomething() throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    insert into bake (upgrade, step, attempt, tenant, token, state, request, progress, figures, verdict, asked_at,
                        began_at, judged_at)
                    values ('u-0a1b2c3d4e-acme-eu', '12-verify-shut-app', 1, 'acme-eu', 7, 'judged', '{"purpose": "SHUT"}',
                        '{"looks": 3}', '{}', '{"kind": "confirm", "evidence": [{"name": "health", "wanted": "passed", "found": "3 of 3",
                        "well": true}]}', '2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z', '2026-01-02T03:04:16Z')
                    on conflict do nothing
                    """);
            statement.execute("""
                    insert into observation (tenant, series, at, value, said) values
                        ('acme-eu', 'health', date_trunc('second', now()) - interval '9.5 s', 1, ''),
                        ('acme-eu', 'health', date_trunc('second', now()) - interval '4.5 s', 0, 'answered 503')
                    on conflict do nothing
                    """);
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

    private Examples examples() {
        return Examples.of(
                root,
                "verifier",
                Path.of("../docs/reference/rest.md"),
                Path.of("src/main/resources/META-INF/upkeep/examples.yaml"),
                Path.of("../messaging/src/main/resources/META-INF/upkeep/examples.yaml"));
    }
}
