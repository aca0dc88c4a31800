package dev.upkeep.executor.driver.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.helm.Revisions.Revision;
import dev.upkeep.executor.driver.kubernetes.TestRegistry;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("kubernetes")
@Timeout(180)
class HelmDriverTest {
    private static final Version OLD = Version.of("1.0.0");
    private static final Version NEW = Version.of("1.1.0");
    private static final List<Path> PATH = List.of(Path.of("/usr/bin"), Path.of("/bin"));

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, Artifact> artifacts = new HashMap<>();
    private final Map<String, String> facts = new HashMap<>();
    private KubernetesClient client;
    private HelmDriver driver;
    private String namespace;

    @BeforeEach
    void install() throws Exception {
        String kubeconfig = System.getenv("UPKEEP_TEST_KUBECONFIG");
        if (kubeconfig == null && System.getenv("CI") != null) {
            fail("UPKEEP_TEST_KUBECONFIG is not set: on CI these tests run, on the cluster that .ci/cluster starts");
        }
        if (kubeconfig == null) {
            String why = "NOT TESTED WITH HELM: UPKEEP_TEST_KUBECONFIG names no kubeconfig; see"
                    + " docs/how-to/run-the-container-tests.md";
            System.err.println(why);
            abort(why);
            return;
        }
        Config config = Config.fromKubeconfig(Files.readString(Path.of(kubeconfig)));
        config.setHttp2Disable(true);
        client = new KubernetesClientBuilder().withConfig(config).build();
        namespace = "helmtest-" + UUID.randomUUID();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        TestRegistry registry = new TestRegistry();
        for (Version version : List.of(OLD, NEW)) {
            artifacts.put(version.toString(), registry.push("helmtest-web", version.toString(), directory));
            chart(version);
        }
        settings.putAll(Map.of(
                "kubeconfig",
                "file:" + kubeconfig,
                "namespace",
                namespace,
                "release",
                "web",
                "chart",
                directory + "/chart-{version}",
                "values",
                "values.yaml",
                "set.image",
                "{image}"));
        driver = new HelmDriver(
                new Places(directory.resolve("backups"), directory, Optional.empty(), PATH, Optional.empty()),
                new LocalPrograms(PATH));
        new Helm(directory.resolve("chart-1.0.0"))
                .install()
                .withName("web")
                .withNamespace(namespace)
                .withKubeConfig(Path.of(kubeconfig))
                .set("image", image(OLD))
                .set("colour", "red")
                .set("password", "hunter2")
                .waitReady()
                .withTimeout(60)
                .call();
    }

    @AfterEach
    void leave() {
        if (client != null) {
            client.namespaces().withName(namespace).delete();
            client.close();
        }
    }

    @Test
    void goesForwardByDigestWithAllValuesKeptAndBackToTheCopiedChartAndValues() throws Exception {
        Outcome.Done copied = done(2, new Action.BackupConfiguration());
        assertThat(copied.found())
                .containsEntry(Fact.CONFIGURATION_PROVEN, "true")
                .containsEntry("configuration.revision", "1");
        assertThat(copied.toString()).doesNotContain("hunter2");
        facts.putAll(copied.found());
        assertThat(look(3, new Action.Redeploy(NEW, Moment.AFTER))).isInstanceOf(Look.NotDone.class);

        Outcome.Done brought = done(3, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(brought.summary()).containsPattern("pod web-\\S+ is Running");
        assertThat(running()).isEqualTo(image(NEW) + " red");
        assertThat(secret("chart")).isEqualTo("1.1.0");
        assertThat(secret("password")).isEqualTo("hunter2");
        assertThat(look(3, new Action.Redeploy(NEW, Moment.AFTER))).isInstanceOf(Look.Done.class);
        int revisions = revisions().size();
        done(3, new Action.Redeploy(NEW, Moment.AFTER));
        assertThat(revisions()).hasSize(revisions);

        done(4, new Action.RestoreConfiguration());
        done(5, new Action.Redeploy(OLD, Moment.BEFORE));

        assertThat(running()).isEqualTo(image(OLD) + " red");
        assertThat(secret("chart")).isEqualTo("1.0.0");
        assertThat(secret("password")).isEqualTo("hunter2");
    }

    @Test
    void keepsTheCopyForTheExecutorsUserAloneAndRefusesADamagedOne() throws Exception {
        facts.putAll(done(2, new Action.BackupConfiguration()).found());
        Path values;
        try (var files = Files.walk(directory.resolve("backups"))) {
            values = files.filter(file -> file.endsWith("values.json"))
                    .findFirst()
                    .orElseThrow();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(values)))
                .isEqualTo("rw-------");

        Files.writeString(values, "{}");

        assertThat(failed(3, new Action.RestoreConfiguration(), 30).code()).isEqualTo(Failure.BACKUP_DAMAGED);
    }

    @Test
    void tellsWhatADryRunWouldChangeWithoutChangingItOrShowingASecret() throws Exception {
        Outcome.Done tried = done(2, new Action.DryRun(NEW));

        assertThat(tried.found().get(Fact.DRY_RUN_DIFF))
                .contains("~ Deployment web", "- ", image(OLD), "+ ", image(NEW), "~ Secret web", "(hidden")
                .doesNotContain("hunter2")
                .doesNotContain("1.1.0\"");
        assertThat(running()).isEqualTo(image(OLD) + " red");
        assertThat(revisions()).hasSize(1);
    }

    @Test
    void namesAnImageThatCanNotBePulledWithinTheDeadlineAndGoesBack() throws Exception {
        facts.putAll(done(2, new Action.BackupConfiguration()).found());
        settings.put("set.image", TestRegistry.ADDRESS + "/helmtest-web@sha256:" + "0".repeat(64));
        artifacts.remove("1.1.0");

        Instant began = InstantSource.system().instant();
        Outcome.Failed failed = failed(3, new Action.Redeploy(NEW, Moment.AFTER), 40);

        assertThat(failed.code()).isEqualTo(Failure.IMAGE_NOT_PULLED);
        assertThat(Duration.between(began, InstantSource.system().instant())).isLessThan(Duration.ofSeconds(41));
        done(4, new Action.Redeploy(OLD, Moment.BEFORE));
        assertThat(running()).isEqualTo(image(OLD) + " red");
    }

    @Test
    void aTokenLowerThanTheHighestSeenChangesNothing() throws Exception {
        facts.putAll(done(8, new Action.BackupConfiguration()).found());

        for (Action action :
                List.of(new Action.Redeploy(NEW, Moment.AFTER), new Action.Stop(), new Action.RestoreConfiguration())) {
            assertThat(failed(7, action, 30).code()).as(action.word()).isEqualTo(Failure.STALE_TOKEN);
        }

        assertThat(revisions()).hasSize(1);
        assertThat(running()).isEqualTo(image(OLD) + " red");
    }

    @Test
    void leavesAPendingRevisionOfSomebodyElseAndEndsOneOfAnAttemptWhoseTimeIsUp() throws Exception {
        facts.putAll(done(2, new Action.BackupConfiguration()).found());
        pending(2);

        Outcome.Failed failed = failed(3, new Action.Redeploy(NEW, Moment.AFTER), 20);
        assertThat(failed.code()).isEqualTo(Failure.CHANGED_MEANWHILE);
        assertThat(failed.reason()).contains("not by Upkeep");
        client.configMaps().inNamespace(namespace).withName(Fence.name("web")).edit(map -> {
            map.setData(Map.of(
                    "acting.revision",
                    "2",
                    "acting.until",
                    InstantSource.system().instant().minusSeconds(1).toString()));
            return map;
        });

        done(4, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(running()).isEqualTo(image(NEW) + " red");
        assertThat(revisions()).containsExactly("1 superseded", "2 failed", "3 deployed");
    }

    @Test
    void stopsMigratesOnceAndStartsTheNewVersion() throws Exception {
        facts.putAll(done(2, new Action.BackupConfiguration()).found());
        Path effects = directory.resolve("effects");
        settings.put("do.migrate", "/bin/sh -c 'echo {version} >> " + effects + "'");

        done(3, new Action.Stop());
        assertThat(client.pods().inNamespace(namespace).list().getItems()).isEmpty();
        assertThat(look(3, new Action.Stop())).isInstanceOf(Look.Done.class);
        done(4, new Action.Migrate(NEW));
        done(5, new Action.Migrate(NEW));
        assertThat(Files.readAllLines(effects)).containsExactly("1.1.0");
        done(6, new Action.Start(NEW, Moment.AFTER));

        assertThat(running()).isEqualTo(image(NEW) + " red");
        assertThat(client.pods().inNamespace(namespace).list().getItems()).hasSize(1);
    }

    @Test
    void neverMigratesWhatMigratesWhenItStarts() throws Exception {
        settings.putAll(Map.of("migrates", "on-start", "do.migrate", "/bin/touch " + directory + "/effects"));

        assertThat(failed(2, new Action.Migrate(NEW), 30).code()).isEqualTo(Failure.UNSUPPORTED_ACTION);

        assertThat(directory.resolve("effects")).doesNotExist();
    }

    @Test
    void refusesAPaceThatTheChartDoesNotHaveAndAChartOfAnotherVersion() throws Exception {
        settings.put("max-surge", "1");
        assertThat(failed(2, new Action.DryRun(NEW), 30).code()).isEqualTo(Failure.SETTING_MISSING);
        settings.put("max-surge", "25%");
        done(2, new Action.DryRun(NEW));

        settings.put("chart", directory + "/chart-1.0.0");

        assertThat(failed(3, new Action.FetchArtifact(NEW), 30).code()).isEqualTo(Failure.DIGEST_MISMATCH);
    }

    @Test
    void bringsAChartFromARegistryByTheDigestThatTheReleaseNames() throws Exception {
        settings.put("set.image", image(NEW));
        settings.remove("chart");
        new Helm(directory.resolve("chart-1.1.0"))
                .packageIt()
                .withDestination(directory)
                .call();
        Helm.push()
                .withChart(directory.resolve("web-1.1.0.tgz"))
                .withRemote(URI.create("oci://" + TestRegistry.ADDRESS + "/helmtest"))
                .plainHttp()
                .call();
        String digest = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .build()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://" + TestRegistry.ADDRESS + "/v2/helmtest/web/manifests/1.1.0"))
                                .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .headers()
                .firstValue("docker-content-digest")
                .orElseThrow();
        String location = "oci://" + TestRegistry.ADDRESS + "/helmtest/web:1.1.0";
        artifacts.put("1.1.0", new Artifact(location, new Digest("sha256:" + "0".repeat(64))));
        assertThat(failed(2, new Action.FetchArtifact(NEW), 30).code()).isEqualTo(Failure.ARTIFACT_UNREACHABLE);
        artifacts.put("1.1.0", new Artifact(location, new Digest(digest)));

        assertThat(done(2, new Action.FetchArtifact(NEW)).found().get("artifact.chart"))
                .endsWith("helmtest/web@" + digest);
        done(3, new Action.Redeploy(NEW, Moment.AFTER));

        assertThat(secret("chart")).isEqualTo("1.1.0");
        assertThat(secret("password")).isEqualTo("hunter2");
    }

    private void chart(Version version) throws IOException {
        Path from = Path.of("src/test/resources/helm/web");
        Path to = directory.resolve("chart-" + version);
        for (Path file : Charts.files(from)) {
            Path copy = to.resolve(from.relativize(file).toString());
            Files.createDirectories(copy.getParent());
            Files.writeString(copy, Files.readString(file).replace("version: 1.0.0", "version: " + version));
        }
    }

    /** As an executor leaves it that is killed in the middle of an upgrade. */
    private void pending(int number) throws Exception {
        try (ApiServer cluster = ApiServer.of(target(), work(30))) {
            Revision latest = new Revisions(Site.of(request(1, new Action.Stop()), work(30)), cluster).need();
            ObjectNode content = latest.content().deepCopy();
            content.put("version", number);
            ((ObjectNode) content.path("info"))
                    .put("status", "pending-upgrade")
                    .put("description", "Preparing upgrade");
            Secret secret = new SecretBuilder()
                    .withNewMetadata()
                    .withName("sh.helm.release.v1.web.v" + number)
                    .withLabels(
                            Map.of("owner", "helm", "name", "web", "version", "" + number, "status", "pending-upgrade"))
                    .endMetadata()
                    .withType("helm.sh/release.v1")
                    .addToData("release", Revisions.encoded(content))
                    .build();
            client.resource(secret).inNamespace(namespace).create();
        }
    }

    private List<String> revisions() {
        return client.secrets().inNamespace(namespace).withLabel("owner", "helm").list().getItems().stream()
                .map(secret -> secret.getMetadata().getLabels())
                .map(labels -> labels.get("version") + " " + labels.get("status"))
                .sorted()
                .toList();
    }

    private String running() {
        var container = client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        return container.getImage() + " " + container.getEnv().getFirst().getValue();
    }

    private String secret(String key) {
        String value = client.secrets()
                .inNamespace(namespace)
                .withName("web")
                .get()
                .getData()
                .get(key);
        return new String(java.util.Base64.getDecoder().decode(value), java.nio.charset.StandardCharsets.UTF_8);
    }

    private String image(Version version) {
        return TestRegistry.ADDRESS + "/helmtest-web@"
                + artifacts.get(version.toString()).digest();
    }

    private Target target() {
        return Ready.target("web", "helm", settings, artifacts);
    }

    private StepRequested request(long token, Action action) {
        return Ready.request(token, action, target(), Map.of(), facts);
    }

    private Work work(int seconds) {
        return new TestWork(directory.resolve("scratch"), Duration.ofSeconds(seconds), Map.of(), new MemoryBackups());
    }

    private Look look(long token, Action action) throws Exception {
        return driver.look(request(token, action), work(30));
    }

    private Outcome.Done done(long token, Action action) throws Exception {
        Outcome outcome = driver.perform(request(token, action), work(90));
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, Action action, int seconds) throws Exception {
        return Ready.failure(driver, request(token, action), work(seconds));
    }
}
