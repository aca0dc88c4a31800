package dev.upkeep.executor.driver.podman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.command.CommandDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each action on real pods, by a real Makefile, with images from a real registry. */
@Tag("engine")
@Timeout(180)
class PodmanMakeDriverTest {
    private static final Version OLD = Version.of("1.0.0");
    private static final Version NEW = Version.of("1.1.0");
    private static final Version BROKEN = Version.of("2.0.0");
    private static final List<Path> PATH =
            List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/sbin"));

    @TempDir
    static Path configuration;

    private static Map<String, Artifact> images = Map.of();

    @TempDir
    Path directory;

    private final Map<String, String> stack = new HashMap<>();
    private final Map<String, Map<String, String>> further = new HashMap<>();
    private final Map<String, Artifact> published = new HashMap<>();
    private LocalPrograms programs = new LocalPrograms(PATH);
    private PodmanMakeDriver driver;
    private Path project;
    private Ground ground;
    private int works;

    @BeforeAll
    static void makeImages() throws Exception {
        Optional<String> lacks = Ground.lacks(configuration);
        if (lacks.isPresent()) {
            String what = "the podman-make driver is NOT tested here: " + lacks.get()
                    + "; see docs/how-to/run-the-container-tests.md";
            System.err.println(what);
            assumeTrue(System.getenv("CI") != null, what);
            throw new AssertionError(what);
        }
        images = Ground.makeImages(configuration);
    }

    @AfterAll
    static void dropImages() throws Exception {
        if (!images.isEmpty()) {
            Ground.dropImages(configuration);
        }
    }

    @BeforeEach
    void lay() throws Exception {
        project = Files.createDirectory(directory.resolve("project"));
        ground = new Ground(project, configuration);
        // What another test has fetched is not there yet for this one.
        Ground.dropImages(configuration);
        published.putAll(images);
        stack.putAll(Map.of(
                "directory",
                project.toString(),
                "profile",
                "full",
                "tag-variable",
                "IMAGE_TAG",
                "pods",
                String.join(" ", Ground.PODS),
                "pod-prefix",
                ground.prefix(),
                "files",
                "pod-*.yaml"));
        Ground.environment(configuration).forEach((name, value) -> stack.put("env." + name, value));
        driver = driver(PATH);
    }

    @AfterEach
    void clear() throws Exception {
        if (ground != null) {
            ground.clear();
        }
        programs.close();
    }

    @Test
    void goesForwardPodByPodAndBackByTheTagAndLeavesEveryOtherLineOfTheVariables() throws Exception {
        ground.upByHand();
        String before = Files.readString(project.resolve(".env"));
        String database = ground.runs("database");

        // When it goes forward
        Map<String, String> kept =
                done(1, "stack", new Action.BackupConfiguration()).found();
        for (String pod : List.of("core", "worker", "gateway")) {
            Outcome.Done fetched = done(2, pod, new Action.FetchArtifact(NEW));
            assertThat(fetched.found())
                    .containsEntry(
                            "artifact.digest",
                            images.get(pod + ":1.1.0").digest().value());
        }
        assertThat(project.resolve(".env")).content().isEqualTo(before);
        for (String pod : List.of("core", "worker", "gateway")) {
            assertThat(looked(3, pod, new Action.Redeploy(NEW, Moment.BEFORE))).isInstanceOf(Look.NotDone.class);
            Outcome.Done up = done(3, pod, new Action.Redeploy(NEW, Moment.BEFORE));
            assertThat(up.found()).containsKey("artifact.digest");
            assertThat(ground.version(pod)).isEqualTo("1.1.0");
            assertThat(looked(3, pod, new Action.Redeploy(NEW, Moment.BEFORE))).isInstanceOf(Look.Done.class);
        }
        done(4, "stack", new Action.RunTask("validate"));

        // Then
        assertThat(ground.told()).containsExactly("redeploy core", "redeploy worker", "redeploy gateway", "validate");
        assertThat(ground.runs("database")).isEqualTo(database);
        assertThat(project.resolve(".env")).content().isEqualTo(before.replace("IMAGE_TAG=1.0.0", "IMAGE_TAG=1.1.0"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(project.resolve(".env"))))
                .isEqualTo("rw-r-----");

        // When it goes back
        for (String pod : List.of("gateway", "worker", "core")) {
            done(5, pod, new Action.Stop());
            assertThat(ground.version(pod)).isEmpty();
            assertThat(looked(5, pod, new Action.Stop())).isInstanceOf(Look.Done.class);
        }
        done(6, "stack", new Action.RestoreConfiguration(), kept);
        assertThat(project.resolve(".env")).content().isEqualTo(before);
        for (String pod : List.of("core", "worker", "gateway")) {
            done(7, pod, new Action.FetchArtifact(OLD));
        }
        for (String pod : List.of("core", "worker", "gateway")) {
            done(8, pod, new Action.Start(OLD, Moment.BEFORE));
            assertThat(looked(8, pod, new Action.Start(OLD, Moment.BEFORE))).isInstanceOf(Look.Done.class);
            assertThat(ground.version(pod)).isEqualTo("1.0.0");
        }

        // Then
        assertThat(project.resolve(".env")).content().isEqualTo(before);
        assertThat(ground.runs("database")).isEqualTo(database);
    }

    @Test
    void redeploysOnlyOnceAnAttemptAndStartsNothingThatRunsAnotherImage() throws Exception {
        ground.upByHand();
        done(1, "core", new Action.FetchArtifact(NEW));
        Outcome.Failed other = failed(2, "core", new Action.Start(NEW, Moment.BEFORE));
        done(3, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        String runs = ground.runs("core");

        done(3, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        done(4, "core", new Action.Start(NEW, Moment.BEFORE));

        assertThat(other.code()).isEqualTo(Failure.START_FAILED);
        assertThat(other.reason()).contains("not what the release names");
        assertThat(ground.runs("core")).isEqualTo(runs);
        done(5, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(ground.runs("core")).isNotEqualTo(runs);
    }

    @Test
    void takesAllDownAndBringsItUpAgainWithItsSecretsAndSaysThatItIsWell() throws Exception {
        ground.upByHand();
        for (String pod : List.of("core", "worker", "gateway")) {
            done(1, pod, new Action.FetchArtifact(NEW));
        }

        done(2, "stack", new Action.Teardown());
        assertThat(ground.all()).isEmpty();
        assertThat(looked(2, "stack", new Action.Teardown())).isInstanceOf(Look.Done.class);
        done(3, "database", new Action.Start(NEW, Moment.BEFORE));
        assertThat(looked(4, "stack", new Action.Start(NEW, Moment.BEFORE))).isInstanceOf(Look.NotDone.class);
        done(4, "stack", new Action.Start(NEW, Moment.BEFORE));
        done(5, "stack", new Action.RunTask("bootstrap-secrets"));
        done(6, "stack", new Action.RunTask("validate"));

        assertThat(ground.told())
                .containsExactly(
                        "teardown full",
                        "redeploy database",
                        "deploy full",
                        "redeploy database",
                        "redeploy core",
                        "redeploy worker",
                        "redeploy gateway",
                        "bootstrap-secrets",
                        "validate");
        assertThat(List.of(ground.version("core"), ground.version("worker"), ground.version("gateway")))
                .containsOnly("1.1.0");
        assertThat(looked(4, "stack", new Action.Start(NEW, Moment.BEFORE))).isInstanceOf(Look.Done.class);
        Outcome.Failed one = failed(7, "core", new Action.Teardown());
        assertThat(one.code()).isEqualTo(Failure.UNSUPPORTED_ACTION);
    }

    @Test
    void refusesAnImageThatIsNotTheReleasesAndNamesWhatCanNotBePulledAndChangesNothing() throws Exception {
        ground.upByHand();
        String before = Files.readString(project.resolve(".env"));
        String all = ground.all();
        Artifact young = images.get("core:1.1.0");
        String wrong = "sha256:" + "ab".repeat(32);

        published.put("core:1.1.0", new Artifact(young.location(), new Digest(wrong)));
        Outcome.Failed moved = failed(1, "core", new Action.FetchArtifact(NEW));
        published.put("core:1.3.0", new Artifact("oci://" + Ground.repository("core") + ":1.3.0", new Digest(wrong)));
        Outcome.Failed gone = failed(2, "core", new Action.FetchArtifact(Version.of("1.3.0")));
        published.put("core:1.1.0", new Artifact("oci://127.0.0.1:9/app:1.1.0", new Digest(wrong)));
        Outcome.Failed down = failed(3, "core", new Action.FetchArtifact(NEW));
        Outcome.Failed unfetched = failed(4, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        published.put("worker:1.1.0", new Artifact("oci://" + Ground.repository("worker") + ":1.0.0", young.digest()));
        Outcome.Failed alone = failed(5, "worker", new Action.FetchArtifact(NEW));

        assertThat(moved.code()).isEqualTo(Failure.DIGEST_MISMATCH);
        assertThat(moved.reason()).contains(young.digest().value(), wrong);
        assertThat(moved.retryable()).isFalse();
        assertThat(gone.code()).isEqualTo(Failure.ARTIFACT_UNREACHABLE);
        assertThat(gone.reason()).contains(":1.3.0", "manifest unknown");
        assertThat(down.code()).isEqualTo(Failure.REGISTRY_DOWN);
        assertThat(down.retryable()).isTrue();
        assertThat(unfetched.code()).isEqualTo(Failure.ARTIFACT_MISSING);
        assertThat(alone.code()).isEqualTo(Failure.ARTIFACT_MISSING);
        assertThat(alone.reason()).contains("IMAGE_TAG will be 1.1.0", "the tag 1.0.0");
        assertThat(project.resolve(".env")).content().isEqualTo(before);
        assertThat(ground.all()).isEqualTo(all);
        assertThat(ground.told()).isEmpty();
        // The tag means nothing here, as before.
        assertThat(looked(6, "core", new Action.FetchArtifact(NEW))).isInstanceOf(Look.NotDone.class);
        published.putAll(images);
        assertThat(looked(6, "core", new Action.FetchArtifact(NEW))).isInstanceOf(Look.NotDone.class);
    }

    @Test
    void goesBackByDigestAlthoughTheOldTagWasMovedSinceIfTheDefinitionLeavesTheRegistryAlone() throws Exception {
        Ground.moveTag(configuration, images.get("spare:2.0.0"), Ground.repository("spare") + ":1.0.0");
        done(1, "spare", new Action.FetchArtifact(OLD));
        Outcome.Failed newer = failed(2, "spare", new Action.Start(OLD, Moment.BEFORE));
        Path definition = project.resolve("pod-spare.yaml");
        Files.writeString(definition, Files.readString(definition) + "      imagePullPolicy: IfNotPresent\n");

        done(3, "spare", new Action.FetchArtifact(OLD));
        done(4, "spare", new Action.Start(OLD, Moment.BEFORE));

        // By itself podman brings what is newer under the tag: that is found out, and stopped.
        assertThat(newer.code()).isEqualTo(Failure.START_FAILED);
        assertThat(newer.reason()).contains("not what the release names", "imagePullPolicy");
        assertThat(ground.version("spare")).isEqualTo("1.0.0");
    }

    @Test
    void namesTheTaskThatFailedAndWhyWithoutItsSecretsAndTheOneThatIsNotThere() throws Exception {
        variable("SICK=", "SICK=yes");
        Outcome.Failed sick = failed(1, "stack", new Action.RunTask("validate"));
        variable("SICK=yes", "SICK=");
        Files.writeString(project.resolve("bootstrapped"), "");

        Outcome.Done well = done(2, "stack", new Action.RunTask("validate"));
        done(2, "stack", new Action.RunTask("validate"));
        Outcome.Failed unknown = failed(3, "stack", new Action.RunTask("dance"));

        assertThat(sick.code()).isEqualTo(Failure.TASK_FAILED);
        assertThat(sick.reason())
                .contains("make validate", "core is degraded, asked with ***")
                .doesNotContain("s3cr3t-of-the-api");
        assertThat(well.found()).containsEntry("task.exit", "0");
        assertThat(ground.told()).containsExactly("validate", "validate");
        assertThat(unknown.code()).isEqualTo(Failure.UNKNOWN_TASK);
        assertThat(unknown.reason()).contains("dance");
    }

    @Test
    void runsATaskThatBeganAndDidNotEndAgainOnlyWhereThatIsHarmless() throws Exception {
        Files.createDirectories(project.resolve(".upkeep"));
        for (String task : List.of("bootstrap-secrets", "validate")) {
            Files.writeString(
                    Note.of(request(1, "stack", new Action.RunTask(task), Map.of()), site())
                            .begun(),
                    "1");
        }
        stack.put("again", "bootstrap-secrets");

        assertThat(looked(2, "stack", new Action.RunTask("validate"))).isInstanceOf(Look.Unknown.class);
        assertThat(driver.perform(request(2, "stack", new Action.RunTask("validate"), Map.of()), work()))
                .isInstanceOf(Outcome.Uncertain.class);
        assertThat(ground.told()).isEmpty();
        assertThat(looked(2, "stack", new Action.RunTask("bootstrap-secrets"))).isInstanceOf(Look.NotDone.class);
        done(2, "stack", new Action.RunTask("bootstrap-secrets"));
        assertThat(looked(2, "stack", new Action.RunTask("bootstrap-secrets"))).isInstanceOf(Look.Done.class);
    }

    @Test
    void aStaleTokenChangesNothingEvenWhereTheFenceFileIsLostIfThePodIsMarked() throws Exception {
        Path definition = project.resolve("pod-core.yaml");
        Files.writeString(
                definition,
                Files.readString(definition)
                        .replace("context: core", "context: core, dev.upkeep.token: \"${UPKEEP_TOKEN}\""));
        done(1, "core", new Action.FetchArtifact(NEW));
        done(8, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        String all = ground.all();
        String variables = Files.readString(project.resolve(".env"));
        List<String> told = ground.told();

        for (boolean lost : new boolean[] {false, true}) {
            if (lost) {
                Files.delete(project.resolve(".upkeep/fence"));
            }
            for (Action action : List.of(
                    new Action.Stop(), new Action.Redeploy(OLD, Moment.BEFORE), new Action.Start(OLD, Moment.BEFORE))) {
                Outcome.Failed failed = failed(7, "core", action);
                assertThat(failed.code()).as(action.word()).isEqualTo(Failure.STALE_TOKEN);
                assertThat(failed.retryable()).isFalse();
            }
        }

        assertThat(ground.all()).isEqualTo(all);
        assertThat(ground.told()).isEqualTo(told);
        assertThat(project.resolve(".env")).content().isEqualTo(variables);
    }

    @Test
    void aMakeThatIsNotOverAtItsDeadlineIsKilledWithItsChildren() throws Exception {
        done(1, "core", new Action.FetchArtifact(NEW));
        variable("SLOW=", "SLOW=yes");

        Outcome.Failed failed = Ready.failure(
                driver,
                request(2, "core", new Action.Redeploy(NEW, Moment.BEFORE), Map.of()),
                new TestWork(directory.resolve("short"), Duration.ofSeconds(4), Map.of(), new MemoryBackups()));

        assertThat(failed.code()).isEqualTo(Failure.DEADLINE_PASSED);
        assertThat(failed.reason()).contains("make");
        long child = Long.parseLong(Files.readString(project.resolve("child")).strip());
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() ->
                        ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
        assertThat(ground.all()).isEmpty();
    }

    @Test
    void anExecutorThatTakesOverSeesThatMakeDidNotEndAndDoesItAgain() throws Exception {
        ground.upByHand();
        done(1, "core", new Action.FetchArtifact(NEW));

        killMakeIn("SLOW");

        assertThat(looked(2, "core", new Action.Redeploy(NEW, Moment.BEFORE))).isInstanceOf(Look.NotDone.class);
        done(2, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(ground.version("core")).isEqualTo("1.1.0");
    }

    @Test
    void aPodThatRunsByTheTokenWhileMakeStillWaitsForItIsNotTakenForUp() throws Exception {
        Path definition = project.resolve("pod-core.yaml");
        Files.writeString(
                definition,
                Files.readString(definition)
                        .replace("context: core", "context: core, dev.upkeep.token: \"${UPKEEP_TOKEN}\""));
        done(1, "core", new Action.FetchArtifact(NEW));

        killMakeIn("LATE");

        assertThat(ground.version("core")).isEqualTo("1.1.0");
        assertThat(looked(2, "core", new Action.Redeploy(NEW, Moment.BEFORE))).isInstanceOf(Look.NotDone.class);
        done(2, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(looked(2, "core", new Action.Redeploy(NEW, Moment.BEFORE))).isInstanceOf(Look.Done.class);
    }

    /** Has a redeploy of core with token 2 die where a variable has make sleep. */
    private void killMakeIn(String variable) throws Exception {
        variable(variable + "=", variable + "=yes");
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                driver.perform(request(2, "core", new Action.Redeploy(NEW, Moment.BEFORE), Map.of()), work());
                ended.complete(new AssertionError("it was not cancelled"));
            } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
            }
        });
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(project.resolve("child")));
        first.interrupt();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        variable(variable + "=yes", variable + "=");
        driver = driver(PATH);
    }

    @Test
    void whatMeansMoreToMakeOrAShellThanItSaysIsRefusedBeforeAnythingRuns() throws Exception {
        String before = Files.readString(project.resolve(".env"));
        for (String bad : List.of(
                "core;touch hit",
                "$(shell touch hit)",
                "${SHELL}",
                "core\nhit",
                "core hit",
                "`touch hit`",
                "--eval=x",
                "-f",
                "a=b",
                "../core",
                "")) {
            further.put("core", Map.of("pod", bad));
            assertThat(failed(1, "core", new Action.Redeploy(OLD, Moment.BEFORE))
                            .code())
                    .as("pod " + bad)
                    .isEqualTo(Failure.SETTING_MISSING);
            further.clear();
            for (String key : List.of("profile", "login", "pod-prefix", "tag-variable")) {
                String good = stack.getOrDefault(key, "");
                stack.put(key, bad);
                assertThat(failed(1, "stack", new Action.Start(OLD, Moment.BEFORE))
                                .code())
                        .as(key + " " + bad)
                        .isEqualTo(Failure.SETTING_MISSING);
                if (good.isEmpty()) {
                    stack.remove(key);
                } else {
                    stack.put(key, good);
                }
            }
            assertThat(failed(1, "stack", new Action.RunTask(bad)).code())
                    .as("task " + bad)
                    .isEqualTo(Failure.UNKNOWN_TASK);
        }
        Outcome.Failed build = failed(2, "database", new Action.Start(Version.of("1.1.0+x"), Moment.BEFORE));

        assertThat(build.code()).isEqualTo(Failure.ARTIFACT_MISSING);
        assertThat(project.resolve(".env")).content().isEqualTo(before);
        assertThat(project.resolve("hit")).doesNotExist();
        assertThat(ground.told()).isEmpty();
        assertThat(ground.all()).isEmpty();
    }

    @Test
    void aPasswordGoesOverStandardInputAndIsNeverAnArgumentOrKept() throws Exception {
        watchPodman("""
                echo "$*" >>%s/argv
                case $1 in login) cat >%s/stdin; echo "{}" >"${2#--authfile=}"; exit 0 ;; esac
                exec /usr/bin/podman "$@"
                """);
        stack.put("registry-user", "env:REGISTRY_USER");
        stack.put("registry-password", "env:REGISTRY_PASSWORD");

        done(1, "core", new Action.FetchArtifact(NEW));

        assertThat(directory.resolve("stdin")).content().isEqualTo("pass word $of the registry");
        assertThat(directory.resolve("argv"))
                .content()
                .contains("--username=robot --password-stdin " + Ground.REGISTRY, "pull --authfile=")
                .doesNotContain("pass word");
    }

    @Test
    void logsInByTheTargetThatIsNamedAndSaysWithoutTheTokenThatItWasRefused() throws Exception {
        stack.put("login", "registry-login");
        variable("LOCKED=", "LOCKED=yes");
        Outcome.Failed refused = failed(1, "core", new Action.FetchArtifact(NEW));
        variable("LOCKED=yes", "LOCKED=");

        done(2, "core", new Action.FetchArtifact(NEW));
        done(3, "core", new Action.FetchArtifact(NEW));

        assertThat(refused.code()).isEqualTo(Failure.ARTIFACT_UNREACHABLE);
        assertThat(refused.reason())
                .contains("make registry-login was refused", "***")
                .doesNotContain("hidden-from");
        // What is there by its digest asks no registry.
        assertThat(ground.told()).containsExactly("registry-login", "registry-login");
    }

    @Test
    void saysThatPodmanDoesNotAnswerAndTakesNothingForStopped() throws Exception {
        watchPodman("echo 'Error: unable to connect to Podman socket'; exit 125\n");

        for (Action action :
                List.of(new Action.Stop(), new Action.FetchArtifact(NEW), new Action.Redeploy(NEW, Moment.BEFORE))) {
            Outcome.Failed failed = failed(1, "core", action);
            assertThat(failed.code()).as(action.word()).isEqualTo(Failure.ENGINE_DOWN);
            assertThat(failed.retryable()).isTrue();
        }
        assertThat(ground.told()).isEmpty();
    }

    @Test
    void whatDoesNotComeUpIsStoppedAndToldWithItsLastLines() throws Exception {
        done(1, "core", new Action.FetchArtifact(BROKEN));
        Outcome.Failed failed = failed(2, "core", new Action.Redeploy(BROKEN, Moment.BEFORE));

        assertThat(failed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(failed.reason()).contains("-core-main", "it can not do that", "it was stopped");
        assertThat(ground.runs("core")).isEmpty();

        // What does not read the variable does not run what the release names.
        Path definition = project.resolve("pod-worker.yaml");
        Files.writeString(definition, Files.readString(definition).replace("${IMAGE_TAG}", "1.0.0"));
        done(3, "worker", new Action.FetchArtifact(NEW));
        Outcome.Failed fixed = failed(4, "worker", new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(fixed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(fixed.reason()).contains("${IMAGE_TAG}");
        assertThat(ground.runs("worker")).isEmpty();
    }

    @Test
    void tellsByTheLogOfWhatMigratesWhenItStartsWhichMigrationsRanAndWhichFailed() throws Exception {
        Map<String, String> migrating = Map.of(
                "migrates", "on-start",
                "migration-line", "^migration (?<name>\\S+) (?:ran in (?<took>.+)|(?<skipped>skipped))$",
                "migration-failure", "^migration (?<name>\\S+) failed: (?<reason>.*)$");
        further.put("core", migrating);
        ground.upByHand();
        done(1, "core", new Action.FetchArtifact(NEW));

        Outcome.Done done = done(2, "core", new Action.Redeploy(NEW, Moment.BEFORE));
        done(3, "core", new Action.FetchArtifact(BROKEN));
        Outcome.Failed failed = failed(4, "core", new Action.Redeploy(BROKEN, Moment.BEFORE));

        assertThat(done.found())
                .containsEntry("migrations.ran", "2_tags")
                .containsEntry("migrations.skipped", "1")
                .containsEntry("migrations.took", "2_tags=12 ms");
        assertThat(done.summary()).contains("migration 2_tags in 12 ms ran; 1 had run before");
        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.reason()).isEqualTo("migration 3_more failed: it can not do that");
        assertThat(ground.runs("core")).isEmpty();

        // What make gives up waiting for is told and stopped no less.
        variable("WAIT=", "WAIT=yes");
        Outcome.Failed waited = failed(5, "core", new Action.Redeploy(BROKEN, Moment.BEFORE));
        assertThat(waited.reason()).isEqualTo("migration 3_more failed: it can not do that");
        assertThat(ground.runs("core")).isEmpty();
    }

    @Test
    void writesTheImageAndTheVolumeOfTheMajorIntoThePodsDefinition() throws Exception {
        Path definition = project.resolve("pod-database.yaml");
        String before = Files.readString(definition)
                + "  volumes:\n    - name: data\n      persistentVolumeClaim:\n        claimName: data-1 # of the major\n";
        Files.writeString(definition, before);
        stack.remove("tag-variable");
        further.put("database", Map.of("definition", "pod-database.yaml", "volume", "data-{major}"));
        Map<String, String> kept =
                done(1, "database", new Action.BackupConfiguration()).found();
        done(2, "database", new Action.FetchArtifact(NEW));
        Outcome.Done dry = done(3, "database", new Action.DryRun(NEW));
        done(4, "database", new Action.Redeploy(NEW, Moment.BEFORE));

        assertThat(dry.found().get(Fact.DRY_RUN_DIFF)).contains("-database:1.0.0\"", "+ image: ", "-database:1.1.0\"");
        assertThat(ground.version("database")).isEqualTo("1.1.0");
        assertThat(definition).content().isEqualTo(before.replace("-database:1.0.0", "-database:1.1.0"));
        done(5, "database", new Action.FetchArtifact(BROKEN));
        failed(6, "database", new Action.Redeploy(BROKEN, Moment.BEFORE));
        assertThat(definition).content().contains("claimName: data-2 # of the major");
        done(7, "database", new Action.RestoreConfiguration(), kept);
        assertThat(definition).content().isEqualTo(before);

        further.put("database", Map.of("definition", "pod-database.yaml", "volume", "store-{major}"));
        Outcome.Failed volume = failed(8, "database", new Action.Redeploy(NEW, Moment.BEFORE));
        further.put("database", Map.of("definition", "../pod-database.yaml"));
        Outcome.Failed outside = failed(9, "database", new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(volume.reason()).contains("store-{major}");
        assertThat(outside.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(definition).content().isEqualTo(before);
    }

    @Test
    void looksForSettingsInTheVariables() throws Exception {
        Outcome.Failed missing =
                failed(1, "stack", new Action.CheckSettings(List.of("API_TOKEN", "SICK", "NODE_ID"), List.of()));
        Outcome.Done done = done(2, "stack", new Action.CheckSettings(List.of("API_TOKEN"), List.of("LAST", "FAX")));

        assertThat(missing.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(missing.reason()).contains("SICK, NODE_ID").doesNotContain("API_TOKEN");
        assertThat(done.found()).containsEntry(Fact.SETTINGS_STALE, "LAST");
    }

    private void variable(String line, String then) throws Exception {
        Path variables = project.resolve(".env");
        Files.writeString(variables, Files.readString(variables).replace(line + "\n", then + "\n"));
    }

    /** Has a script stand before podman, to see what it is told. */
    private void watchPodman(String script) throws Exception {
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Path podman = bin.resolve("podman");
        Files.writeString(podman, "#!/bin/sh\n" + script.replace("%s", directory.toString()));
        Files.setPosixFilePermissions(podman, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<Path> path = new ArrayList<>(List.of(bin));
        path.addAll(PATH);
        driver = driver(path);
    }

    private Outcome.Done done(long token, String component, Action action) throws Exception {
        return done(token, component, action, Map.of());
    }

    private Outcome.Done done(long token, String component, Action action, Map<String, String> facts) throws Exception {
        Outcome outcome = driver.perform(request(token, component, action, facts), work());
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, String component, Action action) throws Exception {
        return Ready.failure(driver, request(token, component, action, Map.of()), work());
    }

    private Look looked(long token, String component, Action action) throws Exception {
        return driver.look(request(token, component, action, Map.of()), work());
    }

    private Site site() {
        return Site.of(request(1, "stack", new Action.Teardown(), Map.of()), work());
    }

    private StepRequested request(long token, String component, Action action, Map<String, String> facts) {
        Target set = Ready.target("stack", "podman-make", stack, Map.of());
        String tail = action instanceof Action.RunTask(String task) ? task.replaceAll("[^a-z-]", "x") : "";
        if (component.equals("stack")) {
            return at(tail, Ready.request(token, action, set, Map.of(), facts));
        }
        Map<String, String> settings = new HashMap<>(Map.of("directory", project.toString(), "pod", component));
        settings.putAll(further.getOrDefault(component, Map.of()));
        Map<String, Artifact> artifacts = new HashMap<>();
        if (!component.equals("database") || further.containsKey("database")) {
            published.forEach((name, artifact) -> {
                if (name.startsWith(component + ":")) {
                    artifacts.put(name.substring(component.length() + 1), artifact);
                }
            });
        }
        Target target = Ready.target(component, "podman-make", settings, artifacts);
        return at(tail, Ready.request(token, action, target, Map.of("set", set), facts));
    }

    /** Steps that run different tasks are different steps. */
    private static StepRequested at(String tail, StepRequested r) {
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                new dev.upkeep.contract.StepId(r.step().value() + tail),
                r.attempt(),
                r.token(),
                r.action(),
                r.product(),
                r.from(),
                r.to(),
                r.target(),
                r.uses(),
                r.migrations(),
                r.facts(),
                r.deadline());
    }

    private PodmanMakeDriver driver(List<Path> path) {
        programs.close();
        programs = new LocalPrograms(path);
        Places places = new Places(
                directory.resolve("backups"), directory.resolve("reports"), Optional.empty(), path, Optional.empty());
        return new PodmanMakeDriver(places, programs, new CommandDriver(programs));
    }

    private TestWork work() {
        return new TestWork(
                directory.resolve("work-" + works++),
                Duration.ofSeconds(60),
                Map.of("REGISTRY_USER", "robot", "REGISTRY_PASSWORD", "pass word $of the registry"),
                new MemoryBackups());
    }
}
