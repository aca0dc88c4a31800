package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A release's history as Helm keeps it: one Secret for each revision, with the chart, the values and the manifest in it. What is
 * read of it is secret too.
 */
final class Revisions {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Site site;
    private final ApiServer cluster;

    Revisions(Site site, ApiServer cluster) {
        this.site = site;
        this.cluster = cluster;
    }

    /** One revision. */
    record Revision(int number, String status, JsonNode content, Secret secret) {
        boolean pending() {
            return status.startsWith("pending-");
        }

        boolean deployed() {
            return status.equals("deployed");
        }

        /** What whoever made it has written to it. */
        String description() {
            return content.path("info").path("description").asText("");
        }

        /** The values that whoever made it gave, without the chart's own. */
        JsonNode values() {
            JsonNode config = content.path("config");
            return config.isObject() ? config : JSON.createObjectNode();
        }

        JsonNode chart() {
            return content.path("chart");
        }

        String chartVersion() {
            return chart().path("metadata").path("version").asText("");
        }

        String manifest() {
            return content.path("manifest").asText("");
        }

        /** Never shows what is in it. */
        @Override
        public String toString() {
            return "revision " + number + " (" + status + ", chart "
                    + chart().path("metadata").path("name").asText("") + " " + chartVersion() + ")";
        }
    }

    /** All that Helm has kept, the latest first. */
    List<Revision> all() throws InterruptedException {
        return cluster
                .ask(
                        "read the history of " + site.called(),
                        () -> cluster.client()
                                .secrets()
                                .inNamespace(site.namespace())
                                .withLabel("owner", "helm")
                                .withLabel("name", site.release())
                                .list())
                .getItems()
                .stream()
                .map(Revisions::read)
                .sorted(Comparator.comparing(Revision::number).reversed())
                .toList();
    }

    Optional<Revision> latest() throws InterruptedException {
        return all().stream().findFirst();
    }

    /** The latest, which must be there. */
    Revision need() throws InterruptedException {
        return latest().orElseThrow(() -> new Refused(Failed.forGood(
                Failure.WORKLOAD_MISSING,
                "there is no " + site.called(),
                "Install it, or correct the settings namespace and release; Helm must keep its history in"
                        + " Secrets")));
    }

    /** The one that runs. */
    Revision deployed() throws InterruptedException {
        return all().stream()
                .filter(Revision::deployed)
                .findFirst()
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.WORKLOAD_MISSING,
                        "no revision of " + site.called() + " is deployed",
                        "Look at: helm -n " + site.namespace() + " history " + site.release())));
    }

    /**
     * Writes into the history that a revision has failed, which its maker can't any more. Helm then starts the next one from the
     * revision that was deployed before.
     *
     * @throws Conflict if it has changed since it was read: its maker lives
     */
    void markFailed(Revision pending, String why) throws InterruptedException {
        ObjectNode content = pending.content().deepCopy();
        ObjectNode information = (ObjectNode) content.path("info");
        information.put("status", "failed");
        information.put("description", why);
        Secret changed = new SecretBuilder(pending.secret())
                .editMetadata()
                .addToLabels("status", "failed")
                .addToLabels("modifiedAt", Long.toString(site.work().now().getEpochSecond()))
                .endMetadata()
                .addToData("release", encoded(content))
                .build();
        cluster.ask(
                "mark revision " + pending.number() + " as failed",
                () -> cluster.client()
                        .resource(changed)
                        .inNamespace(site.namespace())
                        .lockResourceVersion(pending.secret().getMetadata().getResourceVersion())
                        .update());
    }

    /** When it was begun, for people. */
    static Instant begun(Revision revision) {
        return Instant.parse(revision.secret().getMetadata().getCreationTimestamp());
    }

    private static Revision read(Secret secret) {
        byte[] inner = Base64.getDecoder()
                .decode(Base64.getDecoder().decode(secret.getData().get("release")));
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(inner))) {
            return new Revision(
                    Integer.parseInt(secret.getMetadata().getLabels().get("version")),
                    secret.getMetadata().getLabels().getOrDefault("status", "unknown"),
                    JSON.readTree(in),
                    secret);
        } catch (IOException e) {
            throw new Refused(
                    Failed.forGood(
                            Failure.CLUSTER_REFUSED,
                            "secret/" + secret.getMetadata().getName() + " is no revision that can be read",
                            "Find out who wrote it"),
                    e);
        }
    }

    static String encoded(JsonNode content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(JSON.writeValueAsBytes(content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String inner = Base64.getEncoder().encodeToString(bytes.toByteArray());
        return Base64.getEncoder().encodeToString(inner.getBytes(StandardCharsets.UTF_8));
    }
}
