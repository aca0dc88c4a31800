package dev.upkeep.local;

import dev.upkeep.local.Scene.Run;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I12 for what the services stand on: PostgreSQL, Kafka or both are killed below a rollout, and it ends as if nothing had happened. */
@Tag("long")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledPartsTest {
    private Scene scene;

    @BeforeAll
    void start(@TempDir Path directory) {
        Map<String, String> tenants = new LinkedHashMap<>();
        for (String parts : List.of("postgresql", "kafka", "postgresql-kafka", "everything")) {
            Scene.rings().forEach(ring -> tenants.put(parts.replace("-", "") + ring, ring));
        }
        scene = Scene.start(directory, Scene.FIRST, tenants);
    }

    @AfterAll
    void stop() {
        if (scene != null) {
            scene.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "kafka", "postgresql-kafka"})
    void endsTheRolloutAsIfNothingHadHappened(String parts) throws Exception {
        Run run = scene.rollOut("without-" + parts, Scene.GOOD, tenants(parts));
        scene.awaitBegun(run, run.tenant(1), "prove-backup");

        for (String part : parts.split("-")) {
            scene.kill(part);
        }

        scene.assertConfirmedAsIfNothingHadHappened(run);
    }

    @Test
    void endsTheRolloutThoughEverythingDiesAtOnce() throws Exception {
        Run run = scene.rollOut("without-everything", Scene.GOOD, tenants("everything"));
        scene.awaitBegun(run, run.tenant(1), "migrate");

        for (Service service : Service.values()) {
            scene.kill(service);
        }
        scene.kill("kafka");
        scene.kill("postgresql");

        scene.assertConfirmedAsIfNothingHadHappened(run);
    }

    private static List<String> tenants(String parts) {
        return Scene.rings().stream().map(ring -> parts.replace("-", "") + ring).toList();
    }
}
