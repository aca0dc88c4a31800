package dev.upkeep.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.testing.Examples;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The examples that the OpenAPI document shows are what is answered, and each endpoint has one. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.lifecycle:4,upkeep.deliveries:4,upkeep.parked:4,upkeep.dead-letters:4"))
@WithTestResource(FarEnds.class)
class ExamplesTest {
    @TestHTTPResource
    URI root;

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
    void eachChangeHasItsSafeguard() {
        assertThat(examples().unguarded()).isEmpty();
    }

    private Examples examples() {
        return Examples.of(
                root,
                "notifier",
                Path.of("../docs/reference/rest.md"),
                Path.of("src/main/resources/META-INF/upkeep/examples.yaml"),
                Path.of("../messaging/src/main/resources/META-INF/upkeep/examples.yaml"));
    }
}
