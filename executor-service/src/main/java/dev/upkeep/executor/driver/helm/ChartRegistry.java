package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.OciRegistry;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Fetches charts from a registry; every byte is checked against its digest. */
final class ChartRegistry {
    private static final String CHART = "application/vnd.cncf.helm.config.v1+json";
    private static final String CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

    private final OciRegistry registry = new OciRegistry(Duration.ofSeconds(30));
    private final ObjectMapper json = new ObjectMapper();

    /**
     * Fetches what a reference names, if it is a chart.
     *
     * @param repository with its registry: {@code registry.example/charts/app}
     * @param reference a digest, or a tag
     * @return whether it is a chart: else nothing was fetched
     */
    boolean fetch(Site site, String repository, String reference, Path file) throws InterruptedException {
        byte[] bytes = get(site, repository, "/manifests/" + reference, OciRegistry.MANIFESTS);
        if (reference.startsWith("sha256:")) {
            checkDigest(repository + "@" + reference, reference, bytes);
        }
        try {
            JsonNode manifest = json.readTree(bytes);
            if (!manifest.path("config").path("mediaType").asText().equals(CHART)) {
                return false;
            }
            for (JsonNode layer : manifest.path("layers")) {
                if (layer.path("mediaType").asText().equals(CONTENT)) {
                    String digest = layer.path("digest").asText();
                    byte[] content = get(site, repository, "/blobs/" + digest, "*/*");
                    checkDigest(repository + "@" + digest, digest, content);
                    Files.write(file, content);
                    return true;
                }
            }
        } catch (IOException e) {
            throw unreadable(repository, reference, e);
        }
        throw unreadable(repository, reference, new IOException("it has no layer that is a chart"));
    }

    private static void checkDigest(String what, String digest, byte[] bytes) {
        String found = "sha256:" + Site.sha256(bytes);
        if (!found.equals(digest)) {
            throw new Refused(Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    what + " has digest " + found,
                    "Find out what the registry gives out; publish a new release if its digest is wrong"));
        }
    }

    private byte[] get(Site site, String repository, String path, String accept) throws InterruptedException {
        return registry.ask(site.request().target(), site.work(), "GET", repository, path, accept)
                .orElseThrow(() -> new Refused(Failed.retryable(
                        Failure.ARTIFACT_UNREACHABLE,
                        "the registry has no " + repository + path.replaceFirst("^/\\w+/", " "),
                        "Push the chart to its repository")))
                .body();
    }

    private static Refused unreadable(String repository, String reference, IOException e) {
        return new Refused(
                Failed.forGood(
                        Failure.ARTIFACT_UNREACHABLE,
                        repository + " " + reference + " can't be read: " + e.getMessage(),
                        "Push the chart again, by helm push"),
                e);
    }
}
