package dev.upkeep.executor.driver.kubernetes;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.Work;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A namespace of its own on the cluster that UPKEEP_TEST_KUBECONFIG names, and images that its nodes can pull. */
final class Playground implements AutoCloseable {
    final Map<String, String> settings = new HashMap<>();
    final Map<String, Artifact> artifacts = new HashMap<>();
    final KubernetesDriver driver =
            new KubernetesDriver(new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin"))));
    final KubernetesClient client;
    final String namespace;
    private final Path directory;
    private final String kubeconfig;

    private Playground(String kubeconfig, Path directory) throws Exception {
        this.kubeconfig = kubeconfig;
        this.directory = directory;
        Config config = Config.fromKubeconfig(Files.readString(Path.of(kubeconfig)));
        config.setHttp2Disable(true);
        client = new KubernetesClientBuilder().withConfig(config).build();
        namespace = "upkeep-test-" + UUID.randomUUID();
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        TestRegistry registry = new TestRegistry();
        artifacts.put("1.0.0", registry.push("kub-web", "1.0.0", directory));
        artifacts.put("1.1.0", registry.push("kub-web", "1.1.0", directory));
        settings.putAll(
                Map.of("kubeconfig", "file:" + kubeconfig, "namespace", namespace, "workload", "deployment/web"));
    }

    /** Skips the test, loudly, where there is no cluster; on CI there must be one. */
    static Playground in(Path directory) throws Exception {
        String kubeconfig = System.getenv("UPKEEP_TEST_KUBECONFIG");
        if (kubeconfig == null && System.getenv("CI") != null) {
            fail("UPKEEP_TEST_KUBECONFIG is not set: on CI these tests run, on the cluster that .ci/cluster starts");
        }
        if (kubeconfig == null) {
            String why = "NOT TESTED ON KUBERNETES: UPKEEP_TEST_KUBECONFIG names no kubeconfig; see"
                    + " docs/how-to/run-the-container-tests.md";
            System.err.println(why);
            return abort(why);
        }
        return new Playground(kubeconfig, directory);
    }

    String kubeconfig() {
        return kubeconfig;
    }

    String image(String version) {
        Artifact artifact = artifacts.get(version);
        return TestRegistry.ADDRESS + "/kub-web@" + artifact.digest();
    }

    Work work(Duration limit) {
        return new TestWork(directory.resolve("scratch"), limit, Map.of("KEY", "secret"), new MemoryBackups());
    }

    Work work() {
        return work(Duration.ofSeconds(90));
    }

    /** A Deployment or StatefulSet named web of {@code image}, whose pods take {@code grace} seconds to go. */
    void deploy(String kind, int replicas, String image, int grace) {
        client.load(new java.io.ByteArrayInputStream("""
                apiVersion: apps/v1
                kind: %s
                metadata: {name: web}
                spec:
                  replicas: %d
                  %s
                  selector: {matchLabels: {app: web}}
                  template:
                    metadata: {labels: {app: web}}
                    spec:
                      terminationGracePeriodSeconds: %d
                      containers:
                        - name: web
                          image: %s
                          env: [{name: COLOUR, value: green}]
                          envFrom: [{configMapRef: {name: web-config, optional: true}}]
                          readinessProbe: {httpGet: {path: /version, port: 8080}, periodSeconds: 1}
                """.formatted(
                                kind, replicas, kind.equals("StatefulSet") ? "serviceName: web" : "", grace, image)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .create();
    }

    /** Writes the kubeconfig of an account that may read all there is in the namespace and change nothing. */
    Path readerKubeconfig(Path file) throws Exception {
        client.load(new java.io.ByteArrayInputStream(
                        """
                apiVersion: v1
                kind: ServiceAccount
                metadata: {name: reader}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata: {name: reader}
                rules: [{apiGroups: ["*"], resources: ["*"], verbs: [get, list, watch]}]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: reader}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
                subjects: [{kind: ServiceAccount, name: reader, namespace: %s}]
                """.formatted(namespace).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                .inNamespace(namespace)
                .create();
        String token = client.serviceAccounts()
                .inNamespace(namespace)
                .withName("reader")
                .tokenRequest()
                .getStatus()
                .getToken();
        var kube = io.fabric8.kubernetes.client.utils.Serialization.unmarshal(
                Files.readString(Path.of(kubeconfig)), io.fabric8.kubernetes.api.model.Config.class);
        kube.getUsers().forEach(user -> {
            user.getUser().setClientCertificateData(null);
            user.getUser().setClientKeyData(null);
            user.getUser().setToken(token);
        });
        Files.writeString(file, io.fabric8.kubernetes.client.utils.Serialization.asYaml(kube));
        return file;
    }

    Deployment deployment() {
        return client.apps()
                .deployments()
                .inNamespace(namespace)
                .withName("web")
                .get();
    }

    Optional<String> annotation(String key) {
        return Optional.ofNullable(deployment().getMetadata().getAnnotations().get(key));
    }

    List<Pod> pods() {
        return client.pods()
                .inNamespace(namespace)
                .withLabel("app", "web")
                .list()
                .getItems();
    }

    /** What the pods say they are, each asked by its address. */
    List<String> versions() throws Exception {
        HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        List<String> versions = new java.util.ArrayList<>();
        for (Pod pod : pods()) {
            if (!Pods.going(pod)) {
                URI address = URI.create("http://" + pod.getStatus().getPodIP() + ":8080/version");
                versions.add(http.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
                        .body());
            }
        }
        return versions;
    }

    @Override
    public void close() {
        client.namespaces().withName(namespace).delete();
        client.close();
    }
}
