package dev.upkeep.executor.driver.kubernetes;

import static dev.upkeep.executor.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.Bench;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole service, from Kafka to the cluster and back: its class loaders and threads are others than a plain test's. */
@Tag("kubernetes")
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class KubernetesStepsTest {
    @Part
    KafkaPart kafka;

    @TempDir
    Path directory;

    @Test
    void carriesStepsOutThatAreAskedForOnKafka() throws Exception {
        TenantId tenant = Bench.tenant("kub");
        try (Playground ground = Playground.in(directory);
                Bench bench = new Bench(kafka.bootstrapServers())) {
            ground.deploy("Deployment", 1, ground.image("1.0.0"), 1);
            Target web = Ready.target("web", "kubernetes", ground.settings, ground.artifacts);

            List<Action> actions = List.of(
                    new Action.BackupConfiguration(),
                    new Action.FetchArtifact(Version.of("1.1.0")),
                    new Action.Redeploy(Version.of("1.1.0"), Moment.AFTER));
            for (int i = 0; i < actions.size(); i++) {
                Action action = actions.get(i);
                int token = i + 1;
                bench.ask(List.of(step(tenant, token, token, action, web)));
                List<ResultEvent> results = bench.hear(
                        1,
                        r -> r.tenant().equals(tenant)
                                && r.token().value() == token
                                && !(r instanceof ResultEvent.StepStarted));
                assertThat(results).singleElement().isInstanceOf(StepSucceeded.class);
            }

            assertThat(ground.versions()).containsExactly("1.1.0");
        }
    }
}
