package dev.upkeep.executor.driver.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.Bench;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Helm is a native library that finds itself by class loaders: it is found from within the service, on its virtual threads. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class HelmInTheServiceTest {
    @TempDir
    Path directory;

    @Test
    void readsAChart() throws Exception {
        Site site = Site.of(
                Bench.step(
                        new TenantId("charted"),
                        1,
                        1,
                        new Action.Stop(),
                        Bench.target("app", "helm", Map.of("namespace", "helmtest", "release", "web"))),
                TestWork.in(directory));

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String name = threads.submit(() -> Helming.show(site, Path.of("src/test/resources/helm/web"))
                            .path("name")
                            .asText())
                    .get(60, TimeUnit.SECONDS);

            assertThat(name).isEqualTo("web");
        }
    }
}
