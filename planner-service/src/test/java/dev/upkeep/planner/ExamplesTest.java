package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.testing.Examples;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The examples that the OpenAPI document shows are what is answered, and each endpoint has one. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.bakes:4,upkeep.verdicts:4,upkeep.lifecycle:4,"
                                + "upkeep.deliveries:4,upkeep.parked:4,upkeep.observations:4,upkeep.dead-letters:4"))
class ExamplesTest {
    @TestHTTPResource
    URI root;

    @Part
    KafkaPart kafka;

    private final AtomicBoolean hasLeftOne = new AtomicBoolean();

    @Test
    void areWhatIsAnswered() {
        Examples examples = examples()
                .with("2026-12-20", LocalDate.now(ZoneOffset.UTC).plusDays(20).toString());
        try (Others others = new Others(
                kafka.bootstrapServers(), "acme-", this::leavesTheStopOpen, b -> Others.judged(b, Others.good()))) {
            assertThat(examples.run(Map.of(
                            "viewer", Tokens.staff("vera", "viewer"),
                            "operator", Tokens.staff("olga", "operator"),
                            "approver", Tokens.staff("anne", "approver"),
                            "customer", Tokens.customer("carla", "acme"))))
                    .isEmpty();
            assertThat(others.steps).isNotEmpty();
        }
    }

    @Test
    void showEachEndpoint() {
        // For this one a key would have to wait behind a record that can't be processed: RolloutTest has one.
        assertThat(examples().notShown()).containsExactly("POST /v1/parked-keys/{key}/release");
    }

    @Test
    void eachChangeHasItsSafeguard() {
        assertThat(examples().unguarded()).isEmpty();
    }

    private Examples examples() {
        return Examples.of(
                root,
                "planner",
                Path.of("../docs/reference/rest.md"),
                Path.of("src/main/resources/META-INF/upkeep/examples.yaml"),
                Path.of("../messaging/src/main/resources/META-INF/upkeep/examples.yaml"));
    }

    /** Of the first stop nobody knows whether it was done: a person must look. */
    private Optional<Event> leavesTheStopOpen(StepRequested step) {
        return step.action() instanceof Action.Stop && !hasLeftOne.getAndSet(true)
                ? Optional.of(new StepUncertain(
                        step.tenant(),
                        step.upgrade(),
                        step.step(),
                        step.attempt(),
                        step.token(),
                        "the machine was cut off while the program was being stopped"))
                : Others.done(step);
    }
}
