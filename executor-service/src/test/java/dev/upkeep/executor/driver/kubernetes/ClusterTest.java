package dev.upkeep.executor.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.kubernetes.Cluster.Change;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("kubernetes")
@Timeout(120)
class ClusterTest {
    @TempDir
    Path directory;

    private Playground ground;
    private Cluster cluster;
    private final List<Integer> seen = new ArrayList<>();

    @BeforeEach
    void layOut() throws Exception {
        ground = Playground.in(directory);
        ground.deploy("Deployment", 0, ground.image("1.0.0"), 1);
        cluster = Cluster.of(site(5).request().target(), ground.work());
    }

    @AfterEach
    void leave() {
        if (cluster != null) {
            cluster.close();
        }
        if (ground != null) {
            ground.close();
        }
    }

    @Test
    void looksAgainWhenSomebodyElseChangedTheWorkloadMeanwhile() throws Exception {
        cluster.change(site(5), found -> {
            seen.add(found.replicas());
            if (seen.size() == 1) {
                scaledBySomebodyElse(3);
            }
            return new Change(Map.of("note", "seen " + found.replicas()), Map.of());
        });

        assertThat(seen).containsExactly(0, 3);
        assertThat(ground.annotation("note")).contains("seen 3");
        assertThat(ground.annotation(Workload.TOKEN)).contains("5");
        assertThat(ground.deployment().getSpec().getReplicas()).isEqualTo(3);
    }

    @Test
    void changesNothingOnceALaterAttemptHasBeenThereBetweenLookAndChange() {
        Refused refused = catchThrowableOfType(
                Refused.class,
                () -> cluster.change(site(5), found -> {
                    overtaken(8);
                    return new Change(Map.of("note", "by 5"), Map.of("replicas", 2));
                }));

        assertThat(refused.failed().code()).isEqualTo(Failure.STALE_TOKEN);
        assertThat(ground.annotation("note")).isEmpty();
        assertThat(ground.deployment().getSpec().getReplicas()).isZero();
    }

    @Test
    void givesUpOnWhatSomebodyKeepsChanging() {
        Refused refused = catchThrowableOfType(
                Refused.class,
                () -> cluster.change(site(5), found -> {
                    seen.add(found.replicas());
                    scaledBySomebodyElse(seen.size() % 2);
                    return new Change(Map.of("note", "by 5"), Map.of());
                }));

        assertThat(refused.failed().code()).isEqualTo(Failure.CHANGED_MEANWHILE);
        assertThat(refused.failed().retryable()).isTrue();
        assertThat(seen).hasSizeBetween(5, 50);
    }

    private void scaledBySomebodyElse(int replicas) {
        ground.client
                .apps()
                .deployments()
                .inNamespace(ground.namespace)
                .withName("web")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"replicas\":" + replicas + "}}");
    }

    private void overtaken(long token) {
        try (Cluster later = Cluster.of(site(token).request().target(), ground.work())) {
            later.change(site(token), found -> Change.NONE);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Site site(long token) {
        return Site.of(
                Ready.request(
                        token,
                        new Action.Stop(),
                        Ready.target("web", "kubernetes", ground.settings, ground.artifacts),
                        Map.of(),
                        Map.of()),
                ground.work());
    }
}
