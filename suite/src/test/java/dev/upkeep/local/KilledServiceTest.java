package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.local.Scene.Run;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * I12: each of the four services is killed with SIGKILL in the middle of the demo's first rollout and started again;
 * the rollout ends as if nothing had happened. And the planner is killed in the middle of entering a fleet.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledServiceTest {
    private static final String THRONG = "throng";

    /** Four pages: the first is entered when the answer comes. */
    private static final int TENANTS = 1600;

    private Scene scene;

    @BeforeAll
    void start(@TempDir Path directory) {
        Map<String, String> tenants = new LinkedHashMap<>();
        for (Service service : Service.values()) {
            Scene.rings().forEach(ring -> tenants.put(service.word() + ring, ring));
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
    @EnumSource(Service.class)
    void endsTheRolloutAsIfNothingHadHappened(Service killed) throws Exception {
        // Given a rollout that has reached the second ring
        List<String> tenants =
                Scene.rings().stream().map(ring -> killed.word() + ring).toList();
        Run run = scene.rollOut("without-" + killed.word(), Scene.GOOD, tenants);
        scene.awaitBegun(run, run.tenant(1), momentFor(killed));

        // When the service is killed
        long pid = scene.kill(killed);

        // Then the rollout ends, every tenant confirmed, every step done once, every write accounted for
        scene.assertConfirmedAsIfNothingHadHappened(run);
        assertThat(scene.suite().pid(killed)).isPresent();
        assertThat(scene.suite().pid(killed).orElseThrow()).isNotEqualTo(pid);
    }

    @Test
    void entersEveryTenantOnceThoughThePlannerDiesAmongTheFleetsPages() throws Exception {
        // Given a fleet of several pages, which is told a day before anything begins
        scene.register(THRONG, TENANTS, "minor: {schema-change: true, consent: false, notice: P1D}");

        // When the planner is killed while pages are to come
        String rollout = scene.begin(THRONG, Scene.GOOD);
        long killed = scene.kill(Service.PLANNER);
        assertThat(scene.upgradesKept(rollout)).isBetween(1L, TENANTS - 1L);

        // Then it goes on where it was: each tenant is entered once, and told once
        scene.awaitBack(Service.PLANNER, killed);
        await().atMost(Duration.ofMinutes(2)).until(() -> scene.upgradesKept(rollout) == TENANTS);
        Map<String, Long> told = scene.entries(rollout).stream()
                .filter(entry -> entry.path("kind").asText().equals("upgrade-planned"))
                .collect(Collectors.groupingBy(entry -> entry.path("tenant").asText(), Collectors.counting()));
        assertThat(told).hasSize(TENANTS);
        assertThat(told.values()).containsOnly(1L);
        assertThat(scene.waiting(rollout)).isEqualTo(TENANTS);
    }

    /** A moment at which the service has something in its hands. */
    private static String momentFor(Service service) {
        return switch (service) {
            case PLANNER -> "prove-backup";
            case EXECUTOR -> "migrate";
            case VERIFIER -> "verify-open";
            case NOTIFIER -> "baseline";
        };
    }
}
