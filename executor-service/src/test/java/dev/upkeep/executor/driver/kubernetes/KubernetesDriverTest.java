package dev.upkeep.executor.driver.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("kubernetes")
@Timeout(180)
class KubernetesDriverTest {
    private static final Version OLD = Version.of("1.0.0");
    private static final Version NEW = Version.of("1.1.0");

    @TempDir
    Path directory;

    private Playground ground;
    private final Map<String, Target> uses = new HashMap<>();
    private final Map<String, String> facts = new HashMap<>();

    @BeforeEach
    void layOut() throws Exception {
        ground = Playground.in(directory);
    }

    @AfterEach
    void leave() {
        if (ground != null) {
            ground.close();
        }
    }

    @Test
    void rollsForwardAndBackByDigestWithoutServingWithFewerPods() throws Exception {
        running("Deployment", 2, 1);
        ground.settings.putAll(Map.of("max-surge", "1", "max-unavailable", "0"));

        Outcome.Done forward = done(2, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(ground.versions()).containsExactly("1.1.0", "1.1.0");
        assertThat(forward.found()).containsEntry("rollout.least-available", "2");
        var strategy = ground.deployment().getSpec().getStrategy().getRollingUpdate();
        assertThat(strategy.getMaxSurge().getIntVal()).isEqualTo(1);
        assertThat(strategy.getMaxUnavailable().getIntVal()).isZero();
        assertThat(image()).isEqualTo(ground.image("1.1.0"));

        Outcome.Done back = done(3, new Action.Redeploy(OLD, Moment.FAILED));

        assertThat(ground.versions()).containsExactly("1.0.0", "1.0.0");
        assertThat(back.found()).containsEntry("rollout.least-available", "2");
    }

    @Test
    void redeployingWhatRunsAlreadyChangesNoPod() throws Exception {
        running("Deployment", 1, 1);
        done(2, new Action.Redeploy(NEW, Moment.AFTER));
        String pod = ground.pods().getFirst().getMetadata().getUid();
        DeploymentSpec spec = ground.deployment().getSpec();

        done(3, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(ground.deployment().getSpec()).isEqualTo(spec);
        assertThat(ground.pods().getFirst().getMetadata().getUid()).isEqualTo(pod);
        assertThat(ground.annotation(Workload.TOKEN)).contains("3");
    }

    @Test
    void neverLetsASecondPodGoWhileAnotherIsOnItsWayOut() throws Exception {
        running("Deployment", 2, 5);
        ground.settings.putAll(Map.of("max-surge", "1", "max-unavailable", "0", "drain", "one-pod-at-a-time"));
        CompletableFuture<Outcome> rollout = meanwhile(2, new Action.Redeploy(NEW, Moment.AFTER));

        long most = 0;
        while (!rollout.isDone()) {
            most = Math.max(
                    most,
                    ground.pods().stream()
                            .filter(KubernetesDriverTest::maySurvive)
                            .count());
        }

        assertThat(rollout.get()).isInstanceOf(Outcome.Done.class);
        assertThat(most).isEqualTo(1);
        assertThat(ground.versions()).containsExactly("1.1.0", "1.1.0");
    }

    @Test
    void scalesToNothingMigratesByAJobAndScalesUpAgain() throws Exception {
        running("Deployment", 2, 1);

        Outcome.Done stopped = done(2, new Action.Stop());
        assertThat(stopped.found()).containsEntry("stop.replicas", "2");
        assertThat(ground.pods()).isEmpty();

        ground.settings.put("command", "/bin/busybox sh -c 'echo migrated to {version} in $COLOUR'");
        Outcome.Done migrated = done(3, new Action.Migrate(NEW));
        assertThat(migrated.summary()).endsWith("migrated to 1.1.0 in green");

        done(4, new Action.Start(NEW, Moment.AFTER));
        assertThat(ground.versions()).containsExactly("1.1.0", "1.1.0");
    }

    @Test
    void namesAnImageThatCanNotBePulledAndPutsBackWhatServes() throws Exception {
        running("Deployment", 1, 1);
        ground.settings.putAll(Map.of("max-surge", "1", "max-unavailable", "0"));
        Artifact right = ground.artifacts.get("1.1.0");
        ground.artifacts.put("1.1.0", new Artifact(right.location(), new Digest("sha256:" + "0".repeat(64))));

        Outcome.Failed failed = failed(2, new Action.Redeploy(NEW, Moment.AFTER), Duration.ofSeconds(60));

        assertThat(failed.code()).isEqualTo(Failure.IMAGE_NOT_PULLED);
        assertThat(failed.reason())
                .containsAnyOf("ErrImagePull", "ImagePullBackOff")
                .contains("was put back");
        assertThat(image()).isEqualTo(ground.image("1.0.0"));
        assertThat(ground.versions()).containsExactly("1.0.0");
    }

    @Test
    void scalesToNothingAgainWhatDoesNotComeUpAtItsStart() throws Exception {
        running("Deployment", 1, 1);
        done(2, new Action.Stop());
        edit(d -> {
            d.getSpec()
                    .getTemplate()
                    .getSpec()
                    .getContainers()
                    .getFirst()
                    .setCommand(List.of("/bin/busybox", "sh", "-c", "echo the colour is missing; exit 3"));
        });

        Outcome.Failed failed = failed(3, new Action.Start(NEW, Moment.AFTER), Duration.ofSeconds(20));

        assertThat(failed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(failed.reason()).contains("exit code 3").contains("the colour is missing");
        assertThat(ground.deployment().getSpec().getReplicas()).isZero();
        assertThat(ground.annotation(Workload.REPLICAS)).contains("1");
    }

    @Test
    void leavesAnImageThatSomebodySetMeanwhileAndDoesNotTakeItForDone() throws Exception {
        running("Deployment", 1, 1);
        Artifact right = ground.artifacts.get("1.1.0");
        ground.artifacts.put("1.1.0", new Artifact(right.location(), new Digest("sha256:" + "0".repeat(64))));
        String theirs = TestRegistry.ADDRESS + "/kub-web:1.0.0";
        String ours = ground.image("1.1.0");

        CompletableFuture<Outcome> rollout = meanwhile(2, new Action.Redeploy(NEW, Moment.AFTER));
        awaitThenEdit(ours, d -> pod(d).getContainers().getFirst().setImage(theirs));

        assertThat(rollout.get())
                .isInstanceOfSatisfying(
                        Outcome.Failed.class,
                        failed -> assertThat(failed.reason()).contains("somebody"));
        assertThat(image()).isEqualTo(theirs);
    }

    @Test
    void rollsOnWhereAnAutoscalerScalesMeanwhile() throws Exception {
        running("Deployment", 1, 1);
        String ours = ground.image("1.1.0");

        CompletableFuture<Outcome> rollout = meanwhile(2, new Action.Redeploy(NEW, Moment.AFTER));
        awaitThenEdit(ours, d -> d.getSpec().setReplicas(2));

        assertThat(rollout.get()).isInstanceOf(Outcome.Done.class);
        assertThat(image()).isEqualTo(ours);
        assertThat(ground.deployment().getSpec().getReplicas()).isEqualTo(2);
    }

    @Test
    void bringsInitContainersOfTheSameRepositoryAlong() throws Exception {
        running("Deployment", 1, 1);
        edit(d -> pod(d).setInitContainers(List.of(new ContainerBuilder()
                .withName("first")
                .withImage(ground.image("1.0.0"))
                .withCommand("/bin/busybox", "true")
                .build())));

        done(2, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(image()).isEqualTo(ground.image("1.1.0"));
        assertThat(pod(ground.deployment()).getInitContainers())
                .singleElement()
                .satisfies(init -> assertThat(init.getImage()).isEqualTo(ground.image("1.1.0")));
    }

    @Test
    void rollsAStatefulSetBackAlthoughItWaitsForABrokenPod() throws Exception {
        ground.settings.put("workload", "statefulset/web");
        running("StatefulSet", 1, 1);
        Artifact right = ground.artifacts.get("1.1.0");
        ground.artifacts.put("1.1.0", new Artifact(right.location(), new Digest("sha256:" + "0".repeat(64))));

        Outcome.Failed failed = failed(2, new Action.Redeploy(NEW, Moment.AFTER), Duration.ofSeconds(80));

        assertThat(failed.code()).isEqualTo(Failure.IMAGE_NOT_PULLED);
        assertThat(failed.reason()).contains("was put back");
        done(3, new Action.Redeploy(OLD, Moment.BEFORE));
        assertThat(ground.versions()).containsExactly("1.0.0");
    }

    @Test
    void namesAJobThatFailsAndRunsItAgainOnlyForAHigherToken() throws Exception {
        ground.settings.putAll(Map.of(
                "workload", "job/migrate",
                "command", "/bin/busybox sh -c 'echo relation note exists already; exit 4'"));

        Outcome.Failed failed = failed(2, new Action.Migrate(NEW), Duration.ofSeconds(60));

        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.reason()).contains("exit code 4").contains("relation note exists already");
        String first = job();
        failed(2, new Action.Migrate(NEW), Duration.ofSeconds(60));
        assertThat(job()).isEqualTo(first);
        ground.settings.put("command", "/bin/busybox true");
        done(3, new Action.Migrate(NEW));
        assertThat(job()).isNotEqualTo(first);
    }

    @Test
    void runsAMigrationOnceHoweverOftenItIsAsked() throws Exception {
        ground.settings.putAll(Map.of("workload", "job/migrate", "command", "/bin/busybox true"));
        assertThat(ground.driver.look(request(2, new Action.Migrate(NEW)), ground.work()))
                .isInstanceOf(Look.NotDone.class);
        done(2, new Action.Migrate(NEW));
        String first = job();

        done(3, new Action.Migrate(NEW));

        assertThat(job()).isEqualTo(first);
        assertThat(ground.driver.look(request(4, new Action.Migrate(NEW)), ground.work()))
                .isInstanceOf(Look.Done.class);
        assertThat(failed(2, new Action.Migrate(NEW), Duration.ofSeconds(60)).code())
                .isEqualTo(Failure.STALE_TOKEN);
    }

    @Test
    void aTokenLowerThanTheHighestSeenChangesNothing() throws Exception {
        running("Deployment", 1, 1);
        done(8, new Action.Redeploy(OLD, Moment.BEFORE));

        for (Action action :
                List.of(new Action.Redeploy(NEW, Moment.AFTER), new Action.Stop(), new Action.RestoreConfiguration())) {
            facts.put(Fact.CONFIGURATION_BEFORE, "configmap:" + ground.namespace + "/none");
            String before = ground.deployment().getMetadata().getResourceVersion();

            Outcome.Failed failed = failed(7, action, Duration.ofSeconds(30));

            assertThat(failed.code()).as(action.word()).isEqualTo(Failure.STALE_TOKEN);
            assertThat(ground.deployment().getMetadata().getResourceVersion()).isEqualTo(before);
        }
    }

    @Test
    void putsConfigurationBackButForReplicasAndImages() throws Exception {
        config("green");
        running("Deployment", 1, 1);
        Outcome.Done copied = done(2, new Action.BackupConfiguration());
        assertThat(copied.found()).containsEntry(Fact.CONFIGURATION_PROVEN, "true");
        done(3, new Action.Stop());
        done(4, new Action.Redeploy(NEW, Moment.AFTER));
        done(5, new Action.Stop());
        ground.client
                .configMaps()
                .inNamespace(ground.namespace)
                .withName("web-config")
                .edit(map -> {
                    map.setData(Map.of("SHADE", "dark", "NEWER", "1"));
                    return map;
                });
        edit(d -> {
            d.getSpec().getTemplate().getSpec().getContainers().getFirst().setEnv(List.of());
        });

        facts.putAll(copied.found());
        done(6, new Action.RestoreConfiguration());

        var map = ground.client
                .configMaps()
                .inNamespace(ground.namespace)
                .withName("web-config")
                .get();
        assertThat(map.getData()).isEqualTo(Map.of("SHADE", "green"));
        var container = ground.deployment()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        assertThat(container.getEnv())
                .singleElement()
                .satisfies(env -> assertThat(env.getName()).isEqualTo("COLOUR"));
        assertThat(container.getImage()).isEqualTo(ground.image("1.1.0"));
        assertThat(ground.deployment().getSpec().getReplicas()).isZero();
        done(7, new Action.Start(OLD, Moment.BEFORE));
        assertThat(ground.versions()).containsExactly("1.0.0");
    }

    @Test
    void putsBackWhatAProjectedVolumeHoldsAlsoWhereItIsNoText() throws Exception {
        running("Deployment", 1, 1);
        ground.client
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("web-files")
                        .endMetadata()
                        .withBinaryData(Map.of("seal", "AAEC"))
                        .build())
                .inNamespace(ground.namespace)
                .create();
        edit(d -> pod(d).setVolumes(List.of(new VolumeBuilder()
                .withName("files")
                .withNewProjected()
                .addNewSource()
                .withNewConfigMap()
                .withName("web-files")
                .endConfigMap()
                .endSource()
                .endProjected()
                .build())));
        facts.putAll(done(2, new Action.BackupConfiguration()).found());
        var files = ground.client.configMaps().inNamespace(ground.namespace).withName("web-files");
        files.edit(map -> {
            map.setBinaryData(Map.of("seal", "AwQF"));
            return map;
        });

        done(3, new Action.RestoreConfiguration());

        assertThat(files.get().getBinaryData()).isEqualTo(Map.of("seal", "AAEC"));
    }

    @Test
    void takesACopyForProvenOnlyIfItIsStillWhatRunsButForReplicas() throws Exception {
        running("Deployment", 1, 1);
        done(2, new Action.BackupConfiguration());
        edit(d -> d.getSpec().setReplicas(2));
        done(3, new Action.BackupConfiguration());
        edit(d -> pod(d).getContainers().getFirst().setEnv(List.of()));

        Outcome.Failed failed = failed(4, new Action.BackupConfiguration(), Duration.ofSeconds(30));

        assertThat(failed.code()).isEqualTo(Failure.BACKUP_MISMATCH);
        assertThat(failed.reason()).contains("deployment/web");
    }

    @Test
    void startsWhatSomebodyDeletedOnceItsConfigurationIsBack() throws Exception {
        config("green");
        running("Deployment", 2, 1);
        facts.putAll(done(2, new Action.BackupConfiguration()).found());

        ground.client
                .apps()
                .deployments()
                .inNamespace(ground.namespace)
                .withName("web")
                .withPropagationPolicy(DeletionPropagation.FOREGROUND)
                .withTimeout(60, TimeUnit.SECONDS)
                .delete();
        assertThat(ground.deployment()).isNull();

        done(4, new Action.RestoreConfiguration());
        done(5, new Action.Start(OLD, Moment.BEFORE));
        assertThat(ground.versions()).containsExactly("1.0.0", "1.0.0");
    }

    @Test
    void tellsWhichSettingsAreMissingAndWhichNothingReads() throws Exception {
        config("green");
        running("Deployment", 1, 1);

        Outcome.Done found = done(2, new Action.CheckSettings(List.of("COLOUR", "SHADE"), List.of("SHADE", "OTHER")));
        assertThat(found.found()).isEqualTo(Map.of(Fact.SETTINGS_STALE, "SHADE"));
        Outcome.Failed failed =
                failed(3, new Action.CheckSettings(List.of("COLOUR", "TINT"), List.of()), Duration.ofSeconds(30));
        assertThat(failed.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(failed.reason()).contains("TINT").doesNotContain("COLOUR");
    }

    @Test
    void findsOutWhatARolloutWouldChangeAndChangesNothing() throws Exception {
        running("Deployment", 1, 1);
        String before = ground.deployment().getMetadata().getResourceVersion();

        Outcome.Done dry = done(2, new Action.DryRun(NEW));

        assertThat(dry.found().get(Fact.DRY_RUN_DIFF)).contains(ground.image("1.1.0"));
        assertThat(ground.deployment().getMetadata().getResourceVersion()).isEqualTo(before);
    }

    @Test
    void namesATagThatMovedAnImageThatIsNotThereAndARegistryThatIsAway() throws Exception {
        Artifact right = ground.artifacts.get("1.1.0");
        assertThat(done(2, new Action.FetchArtifact(NEW)).found())
                .containsEntry("artifact.image", ground.image("1.1.0"));

        ground.artifacts.put(
                "1.1.0",
                new Artifact(right.location(), ground.artifacts.get("1.0.0").digest()));
        assertThat(failed(2, new Action.FetchArtifact(NEW), Duration.ofSeconds(30))
                        .code())
                .isEqualTo(Failure.DIGEST_MISMATCH);

        ground.artifacts.put("1.1.0", new Artifact("oci://" + TestRegistry.ADDRESS + "/kub-none:1", right.digest()));
        assertThat(failed(2, new Action.FetchArtifact(NEW), Duration.ofSeconds(30))
                        .code())
                .isEqualTo(Failure.ARTIFACT_UNREACHABLE);

        ground.artifacts.put("1.1.0", new Artifact("oci://127.0.0.1:" + Ready.freePort() + "/web:1", right.digest()));
        Outcome.Failed away = failed(2, new Action.FetchArtifact(NEW), Duration.ofSeconds(30));
        assertThat(away.code()).isEqualTo(Failure.REGISTRY_DOWN);
        assertThat(away.retryable()).isTrue();
    }

    @Test
    void namesAClusterThatIsAwayWithinAMinute() throws Exception {
        String real = Files.readString(Path.of(ground.kubeconfig()));
        Path away = directory.resolve("away");
        Files.writeString(away, real.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:" + Ready.freePort()));
        ground.settings.put("kubeconfig", "file:" + away);
        Instant began = InstantSource.system().instant();

        Outcome.Failed failed = failed(2, new Action.Stop(), Duration.ofSeconds(60));

        assertThat(failed.code()).isEqualTo(Failure.CLUSTER_AWAY);
        assertThat(failed.retryable()).isTrue();
        assertThat(Duration.between(began, InstantSource.system().instant())).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void namesTheRightThatItLacks() throws Exception {
        running("Deployment", 1, 1);
        ground.settings.put("kubeconfig", "file:" + ground.readerKubeconfig(directory.resolve("reader")));

        Outcome.Failed failed = failed(2, new Action.Stop(), Duration.ofSeconds(30));

        assertThat(failed.code()).isEqualTo(Failure.FORBIDDEN);
        assertThat(failed.reason()).contains("cannot patch");
        assertThat(ground.deployment().getSpec().getReplicas()).isEqualTo(1);
    }

    @Test
    void neverStartsAVersionOnASchemaThatIsNotItsOwn() throws Exception {
        running("Deployment", 1, 1);
        done(2, new Action.Stop());
        Database database = Parts.postgres().freshDatabase();
        uses.put(
                "database",
                Ready.target(
                        "database",
                        "postgresql",
                        Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                        Map.of()));
        facts.put(Fact.SCHEMA_BEFORE, "sf1:" + "a".repeat(64));

        Outcome.Failed failed = failed(3, new Action.Start(OLD, Moment.BEFORE), Duration.ofSeconds(30));

        assertThat(failed.code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);
        assertThat(ground.deployment().getSpec().getReplicas()).isZero();
    }

    @Test
    void tellsTheKeysFingerprintAndRefusesAnotherKeyNeverTheKeyItself() throws Exception {
        ground.settings.put("key", "env:KEY");
        Outcome.Done kept = done(2, new Action.SnapshotKey());
        assertThat(kept.found().get(Fact.KEY_FINGERPRINT)).isEqualTo("sha256:" + Site.sha256("secret"));
        assertThat(kept.toString()).doesNotContain("secret");
        facts.putAll(kept.found());
        done(3, new Action.AttachKey());

        facts.put(Fact.KEY_FINGERPRINT, "sha256:" + Site.sha256("another"));
        Outcome.Failed failed = failed(4, new Action.AttachKey(), Duration.ofSeconds(30));

        assertThat(failed.code()).isEqualTo(Failure.BACKUP_MISMATCH);
        assertThat(failed.reason()).doesNotContain("secret");
    }

    @Test
    void takesMigrationsBackByTheComponentsCommandTheLastOneFirst() throws Exception {
        running("Deployment", 1, 1);
        Path effects = directory.resolve("effects");
        ground.settings.put("do.revert", "/bin/sh -c 'echo {migration} >> " + effects + "'");

        done(2, new Action.RevertMigrations(List.of("7", "8")));

        assertThat(Files.readAllLines(effects)).containsExactly("8", "7");
    }

    @Test
    void findsItsClientWhateverLoaderItsThreadHas() throws Exception {
        running("Deployment", 1, 1);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        try {
            done(2, new Action.BackupConfiguration());

            assertThat(thread.getContextClassLoader()).isEqualTo(ClassLoader.getPlatformClassLoader());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void refusesSettingsThatItWouldPassOver() throws Exception {
        for (String setting : List.of("kustomize", "do.stop")) {
            ground.settings.put(setting, "anything");

            Outcome.Failed failed = failed(2, new Action.Stop(), Duration.ofSeconds(30));

            assertThat(failed.code()).isEqualTo(Failure.UNSUPPORTED_ACTION);
            assertThat(failed.reason() + failed.fix()).contains(setting);
            ground.settings.remove(setting);
        }
    }

    @Test
    void neverRunsATaskAgainThatBeganAndDidNotEnd() throws Exception {
        running("Deployment", 1, 1);
        Path effects = directory.resolve("effects");
        ground.settings.put("task.reindex", "/bin/sh -c 'echo once >> " + effects + "'");
        done(2, new Action.RunTask("reindex"));
        done(3, new Action.RunTask("reindex"));
        assertThat(Files.readAllLines(effects)).containsExactly("once");
        String note = ground.deployment().getMetadata().getAnnotations().keySet().stream()
                .filter(key -> key.startsWith("upkeep.dev/task-"))
                .findFirst()
                .orElseThrow();
        edit(d -> {
            d.getMetadata().getAnnotations().put(note, "begun");
        });

        Outcome outcome = ground.driver.perform(request(4, new Action.RunTask("reindex")), ground.work());

        assertThat(outcome).isInstanceOf(Outcome.Uncertain.class);
        assertThat(Files.readAllLines(effects)).containsExactly("once");
    }

    private CompletableFuture<Outcome> meanwhile(long token, Action action) {
        StepRequested request = request(token, action);
        return CompletableFuture.supplyAsync(() -> {
            try {
                return ground.driver.perform(request, ground.work());
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private void awaitThenEdit(String image, Consumer<Deployment> change) {
        ground.client
                .apps()
                .deployments()
                .inNamespace(ground.namespace)
                .withName("web")
                .waitUntilCondition(
                        d -> pod(d).getContainers().getFirst().getImage().equals(image), 60, TimeUnit.SECONDS);
        edit(change);
    }

    /** Edits it as a person does, who looks again where the controller was quicker. */
    private void edit(Consumer<Deployment> change) {
        while (true) {
            try {
                ground.client
                        .apps()
                        .deployments()
                        .inNamespace(ground.namespace)
                        .withName("web")
                        .edit(d -> {
                            change.accept(d);
                            return d;
                        });
                return;
            } catch (KubernetesClientException quicker) {
                if (quicker.getCode() != 409) {
                    throw quicker;
                }
            }
        }
    }

    private static PodSpec pod(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec();
    }

    /** Whether a pod was told to go and need not have gone yet: it carries the time at which it is killed. */
    private static boolean maySurvive(Pod pod) {
        String killed = pod.getMetadata().getDeletionTimestamp();
        return killed != null
                && Instant.parse(killed).isAfter(InstantSource.system().instant());
    }

    private void running(String kind, int replicas, int grace) throws InterruptedException {
        ground.deploy(kind, replicas, ground.image("1.0.0"), grace);
        done(1, new Action.Redeploy(OLD, Moment.BEFORE));
    }

    private void config(String shade) {
        ground.client
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("web-config")
                        .endMetadata()
                        .withData(Map.of("SHADE", shade))
                        .build())
                .inNamespace(ground.namespace)
                .create();
    }

    private String image() {
        return ground.deployment()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getImage();
    }

    private String job() {
        return ground.client.batch().v1().jobs().inNamespace(ground.namespace).list().getItems().stream()
                .map(job -> job.getMetadata().getUid())
                .reduce((one, other) -> one + " and " + other)
                .orElse("none");
    }

    private Outcome.Done done(long token, Action action) throws InterruptedException {
        Outcome outcome = ground.driver.perform(request(token, action), ground.work());
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, Action action, Duration limit) throws InterruptedException {
        return Ready.failure(ground.driver, request(token, action), ground.work(limit));
    }

    private StepRequested request(long token, Action action) {
        return Ready.request(
                token, action, Ready.target("web", "kubernetes", ground.settings, ground.artifacts), uses, facts);
    }
}
