package dev.upkeep.local;

import com.marcnuri.helm.Helm;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/** A namespace of its own on the cluster that UPKEEP_TEST_KUBECONFIG names, and charts in the registry that it pulls from. */
final class Namespace implements AutoCloseable {
    private static final int LONGEST_SECONDS = 120;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Path kubeconfig;
    private final KubernetesClient client;
    private final String name;

    private Namespace(Path kubeconfig, KubernetesClient client, String name) {
        this.kubeconfig = kubeconfig;
        this.client = client;
        this.name = name;
    }

    /** Why there is nothing to test on here; empty if there is. */
    static String lacks() {
        return System.getenv("UPKEEP_TEST_KUBECONFIG") == null ? "UPKEEP_TEST_KUBECONFIG names no kubeconfig" : "";
    }

    static Namespace make(String product) throws IOException {
        Path kubeconfig = Path.of(Objects.requireNonNull(System.getenv("UPKEEP_TEST_KUBECONFIG")));
        Config config = Config.fromKubeconfig(Files.readString(kubeconfig));
        config.setHttp2Disable(true);
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        String name =
                "upkeep-suite-" + product + "-" + UUID.randomUUID().toString().substring(0, 8);
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return new Namespace(kubeconfig, client, name);
    }

    String name() {
        return name;
    }

    Path kubeconfig() {
        return kubeconfig;
    }

    KubernetesClient client() {
        return client;
    }

    /** Installs a chart as a release, and waits until it is up. */
    void install(Path chart, String release, Map<String, String> values) {
        var install = new Helm(chart)
                .install()
                .withName(release)
                .withNamespace(name)
                .withKubeConfig(kubeconfig)
                .waitReady()
                .withTimeout(LONGEST_SECONDS);
        values.forEach(install::set);
        install.call();
    }

    /** Pushes a chart; returns its manifest's digest. */
    String push(Path chart, String repository, String chartName, String version) throws Exception {
        Path packages = Files.createTempDirectory(chart.getParent(), "chart");
        new Helm(chart).packageIt().withDestination(packages).call();
        Helm.push()
                .withChart(packages.resolve(chartName + "-" + version + ".tgz"))
                .withRemote(URI.create("oci://" + repository))
                .plainHttp()
                .call();
        int slash = repository.indexOf('/');
        URI manifest = URI.create("http://" + repository.substring(0, slash) + "/v2" + repository.substring(slash) + "/"
                + chartName + "/manifests/" + version);
        return http.send(
                        HttpRequest.newBuilder(manifest)
                                .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                                .build(),
                        BodyHandlers.discarding())
                .headers()
                .firstValue("docker-content-digest")
                .orElseThrow();
    }

    /** The images of the pods that run a release, without those on their way out. */
    List<String> images(String release) {
        return pods(release).stream()
                .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
                .toList();
    }

    List<Pod> pods(String release) {
        return client.pods().inNamespace(name).withLabel("app", release).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    @Override
    public void close() {
        client.namespaces().withName(name).delete();
        client.close();
        http.close();
    }
}
