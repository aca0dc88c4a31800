package dev.upkeep.local;

import dev.upkeep.local.Scene.Run;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** I12 at every step of the way forward and of the way back: whoever carries it out is killed, and once more when it is back. */
@Tag("long")
class KilledAtEveryStepTest {
    private static final Set<String> JUDGED = Set.of("baseline", "verify-shut", "verify-open");

    /** The steps that take the sample back by its longest route, in their order. */
    private static final List<String> WAY_BACK = List.of(
            "check-schema",
            "park-traffic",
            "drain",
            "stop",
            "backup-database",
            "export-writes",
            "restore-database",
            "fetch-artifact",
            "start",
            "verify-shut",
            "open-traffic",
            "end-capture");

    @Nested
    @Tag("long")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Forward {
        private Scene scene;

        @BeforeAll
        void start(@TempDir Path directory) {
            scene = Scene.start(
                    directory,
                    Scene.FIRST,
                    Scene.oneFor("at-", Scene.actions(), Scene.rings().getFirst()));
        }

        @AfterAll
        void stop() {
            if (scene != null) {
                scene.close();
            }
        }

        Stream<String> actions() {
            return Scene.actions().stream();
        }

        @ParameterizedTest
        @MethodSource("actions")
        void confirmsAsIfNothingHadHappened(String action) throws Exception {
            Run run = scene.rollOut("at-" + action, Scene.GOOD, List.of("at-" + action));
            scene.awaitBegun(run, run.tenant(0), action);

            killTwice(scene, action);

            scene.assertConfirmedAsIfNothingHadHappened(run);
        }
    }

    @Nested
    @Tag("long")
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class Back {
        private Scene scene;

        @BeforeAll
        void start(@TempDir Path directory) {
            scene = Scene.start(
                    directory,
                    Scene.GOOD,
                    Scene.oneFor("back-at-", WAY_BACK, Scene.rings().getFirst()));
        }

        @AfterAll
        void stop() {
            if (scene != null) {
                scene.close();
            }
        }

        Stream<String> actions() {
            return WAY_BACK.stream();
        }

        @ParameterizedTest
        @MethodSource("actions")
        void comesBackAsIfNothingHadHappened(String action) throws Exception {
            Run run = scene.rollOut("back-at-" + action, Scene.BAD, List.of("back-at-" + action));
            scene.awaitBegunOnTheWayBack(run, run.tenant(0), action);

            killTwice(scene, action);

            scene.assertBackAsIfNothingHadHappened(run);
        }
    }

    private static void killTwice(Scene scene, String action) {
        Service carrier = JUDGED.contains(action) ? Service.VERIFIER : Service.EXECUTOR;
        long first = scene.kill(carrier);
        scene.awaitBack(carrier, first);
        scene.kill(carrier);
    }
}
