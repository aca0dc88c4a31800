package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds a version's chart: the release's artifact if that is a chart, else by the setting {@code chart}: {@code NAME/CHART} of the
 * repository whose URL is {@code repository}, {@code oci://…}, or a directory or archive on the executor's machine.
 */
final class Charts {
    private static final Duration REQUEST = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final Artifacts artifacts = new Artifacts();
    private final ChartRegistry registry = new ChartRegistry();

    /**
     * A chart that was fetched.
     *
     * @param path of its directory or archive
     * @param from where it is from, for people
     * @param image what the release names, if that is an image and no chart
     */
    record Chart(Path path, String from, Optional<ImageName> image) {
        /** What tells its content from every other. */
        String digest() {
            try {
                return contentDigest(path);
            } catch (IOException e) {
                throw Artifacts.trouble("can't read the chart " + path, e);
            }
        }
    }

    Chart of(Site site, Version version) throws InterruptedException {
        Path file = site.work().scratch().resolve("chart.tgz");
        Optional<Artifact> artifact = artifact(site, version);
        Optional<ImageName> named = artifact.flatMap(ImageName::of);
        if (artifact.isPresent() && named.isEmpty()) {
            artifacts.fetch(artifact.get(), file, site.work());
            return new Chart(file, artifact.get().location(), Optional.empty());
        }
        if (named.isPresent()
                && registry.fetch(site, named.get().repository(), named.get().digest(), file)) {
            return new Chart(file, "oci://" + named.get().reference(), Optional.empty());
        }
        return bySetting(site, version, file, named);
    }

    private static Optional<Artifact> artifact(Site site, Version version) {
        Target own = site.request().target();
        Target holder =
                Optional.ofNullable(site.request().uses().get("artifact")).orElse(own);
        return Optional.ofNullable(holder.artifacts().get(version.toString()))
                .or(() -> Optional.ofNullable(own.artifacts().get(version.toString())));
    }

    private Chart bySetting(Site site, Version version, Path file, Optional<ImageName> image)
            throws InterruptedException {
        String chart =
                site.work().secrets().need(site.request().target(), "chart").replace("{version}", version.toString());
        if (chart.startsWith("oci://")) {
            String repository = chart.substring("oci://".length());
            // A tag has no plus sign; helm push writes an underscore.
            if (!registry.fetch(site, repository, version.toString().replace('+', '_'), file)) {
                throw site.malformed("chart", chart, "Name a chart; that is an image");
            }
            return checked(site, version, new Chart(file, chart + ":" + version, image));
        }
        if (chart.startsWith("/")) {
            Path path = Path.of(chart);
            if (Files.notExists(path)) {
                throw new Refused(Failed.retryable(
                        Failure.ARTIFACT_UNREACHABLE,
                        "there is no chart " + path,
                        "Bring the chart of " + version + " there, or correct the setting chart"));
            }
            return checked(site, version, new Chart(path, chart, image));
        }
        if (chart.matches("[^/:]+/[^/:]+")) {
            return checked(site, version, fromRepository(site, version, chart, file, image));
        }
        throw site.malformed(
                "chart", chart, "Use NAME/CHART with the setting repository, oci://REGISTRY/CHART, or /a/path");
    }

    /** Its index is read anew each time: that is what updating a repository is. */
    private Chart fromRepository(Site site, Version version, String chart, Path file, Optional<ImageName> image)
            throws InterruptedException {
        String repository = site.work().secrets().need(site.request().target(), "repository");
        URI base = URI.create(repository.endsWith("/") ? repository : repository + "/");
        JsonNode index = index(base);
        String name = chart.substring(chart.indexOf('/') + 1);
        for (JsonNode entry : index.path("entries").path(name)) {
            if (entry.path("version").asText().equals(version.toString())) {
                URI from = base.resolve(entry.path("urls").path(0).asText());
                String digest = entry.path("digest").asText("");
                if (digest.isEmpty()) {
                    throw new Refused(Failed.forGood(
                            Failure.DIGEST_MISMATCH,
                            "the index of " + repository + " has no digest for " + name + " " + version,
                            "Make the index anew, by helm repo index"));
                }
                artifacts.fetch(
                        new Artifact(
                                from.toString(),
                                new Digest(digest.startsWith("sha256:") ? digest : "sha256:" + digest)),
                        file,
                        site.work());
                return new Chart(file, from.toString(), image);
            }
        }
        throw new Refused(Failed.retryable(
                Failure.ARTIFACT_UNREACHABLE,
                "the repository " + repository + " has no version " + version + " of chart " + name,
                "Publish the chart there"));
    }

    private JsonNode index(URI base) throws InterruptedException {
        HttpRequest get = HttpRequest.newBuilder(base.resolve("index.yaml"))
                .timeout(REQUEST)
                .GET()
                .build();
        try {
            HttpResponse<String> answer = http.send(get, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            return Serialization.unmarshal(answer.body(), JsonNode.class);
        } catch (IOException | IllegalArgumentException e) {
            throw new Refused(
                    Failed.retryable(
                            Failure.ARTIFACT_UNREACHABLE,
                            "the index of chart repository " + base + " can't be read: " + e,
                            "Check the setting repository, and that the repository can be reached from the executor"),
                    e);
        }
    }

    /** What a name leads to must be the version that was asked for. */
    private static Chart checked(Site site, Version version, Chart chart) throws InterruptedException {
        String found = Helming.show(site, chart.path()).path("version").asText();
        if (!found.equals(version.toString())) {
            throw new Refused(Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    chart.from() + " is the chart of version " + found + ", not of " + version,
                    "Publish the chart of " + version + "; {version} in the setting chart stands for it"));
        }
        return chart;
    }

    /** Of a file, or of all files of a directory with their names. */
    static String contentDigest(Path path) throws IOException {
        if (Files.isRegularFile(path)) {
            return Artifacts.digest(path).value();
        }
        MessageDigest all = Site.sha256();
        for (Path file : files(path)) {
            all.update((path.relativize(file) + " " + Artifacts.digest(file).value() + "\n")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        return "sha256:" + HexFormat.of().formatHex(all.digest());
    }

    static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
