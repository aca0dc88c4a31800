package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The workloads of a release on the cluster: whether they are up, and how many pods they ask for. */
final class Workloads {
    /** How many replicas one had before it was stopped. */
    static final String REPLICAS = "upkeep.dev/replicas";

    private static final Duration INTERVAL = Duration.ofMillis(300);
    /** For how long an image may fail to be pulled: a registry hiccups. */
    private static final Duration PULL_TROUBLE = Duration.ofSeconds(10);
    /** Of the time left, what is kept to say why it did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(1);

    private static final Set<String> OF_THE_IMAGE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    private static final Set<String> SCALED = Set.of("Deployment", "StatefulSet");

    private final Site site;
    private final ApiServer cluster;
    private final Fence fence;

    Workloads(Site site, ApiServer cluster, Fence fence) {
        this.site = site;
        this.cluster = cluster;
        this.fence = fence;
    }

    /** Waits until all of them run what they say. */
    void awaitUp(Manifest manifest) throws InterruptedException {
        Optional<Instant> unpullable = Optional.empty();
        while (true) {
            fence.check();
            List<GenericKubernetesResource> waiting = new ArrayList<>();
            for (JsonNode one : manifest.workloads()) {
                GenericKubernetesResource now = read(one);
                if (!up(now)) {
                    waiting.add(now);
                }
            }
            if (waiting.isEmpty()) {
                return;
            }
            Optional<Trouble> trouble = trouble(waiting);
            String state = waiting.stream().map(Workloads::called).toList() + " not up yet"
                    + trouble.map(t -> "; " + t.text()).orElse("");
            site.work().progress(state);
            unpullable = trouble.filter(Trouble::ofTheImage).isEmpty()
                    ? Optional.empty()
                    : unpullable.or(() -> Optional.of(site.work().now()));
            boolean pullFailed = unpullable
                    .filter(since ->
                            since.plus(PULL_TROUBLE).isBefore(site.work().now()))
                    .isPresent();
            if (pullFailed || site.work().left().compareTo(RESERVE) < 0) {
                boolean image = trouble.filter(Trouble::ofTheImage).isPresent();
                throw new Refused(Failed.retryable(
                        image ? Failure.IMAGE_NOT_PULLED : Failure.START_FAILED,
                        site.called() + " was upgraded and did not come up: " + state,
                        image
                                ? "Make the image available to the nodes: is it in the registry, may they pull it?"
                                : "Read the pods' events and logs; raise the deadline if they are only slow"));
            }
            site.work().pause(INTERVAL);
        }
    }

    /** Whether all of them run what they say, and none that is to run was scaled to nothing. */
    boolean allUp(Manifest manifest) throws InterruptedException {
        for (JsonNode one : manifest.workloads()) {
            Optional<GenericKubernetesResource> now = find(one);
            if (now.isEmpty() || !up(now.get()) || isStopped(now.get())) {
                return false;
            }
        }
        return true;
    }

    /** The pods that run them, as people list them. */
    List<String> listed(Manifest manifest) throws InterruptedException {
        List<String> listed = new ArrayList<>();
        for (JsonNode one : manifest.workloads()) {
            pods(one)
                    .forEach(pod -> listed.add("pod " + pod.getMetadata().getName() + " is "
                            + pod.getStatus().getPhase()
                            + (pod.getMetadata().getDeletionTimestamp() == null ? "" : " and on its way out")));
        }
        return listed;
    }

    /** Whether the last stop still holds for one of them. */
    boolean anyStopped(Manifest manifest) throws InterruptedException {
        for (JsonNode one : manifest.workloads()) {
            if (find(one).filter(Workloads::isStopped).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static boolean isStopped(GenericKubernetesResource now) {
        return replicas(now) == 0 && annotation(now, REPLICAS).isPresent();
    }

    /** Scales all to nothing and waits until the last pod has gone. */
    int stop(Manifest manifest) throws InterruptedException {
        int stopped = 0;
        for (JsonNode one : manifest.workloads()) {
            if (SCALED.contains(one.path("kind").asText())) {
                Optional<GenericKubernetesResource> now = find(one);
                if (now.isPresent() && replicas(now.get()) > 0) {
                    scale(one, 0);
                    stopped++;
                }
            }
        }
        while (true) {
            List<String> left = new ArrayList<>();
            for (JsonNode one : manifest.workloads()) {
                if (SCALED.contains(one.path("kind").asText())) {
                    pods(one).forEach(pod -> left.add(pod.getMetadata().getName()));
                }
            }
            if (left.isEmpty()) {
                return stopped;
            }
            if (site.work().left().compareTo(RESERVE) < 0) {
                throw new Refused(Failed.retryable(
                        Failure.STOP_FAILED,
                        site.called() + " was scaled to nothing, and these pods have not gone yet: " + left,
                        "Look at what they wait for, or raise the deadline of stop if they are only slow"));
            }
            site.work().progress(left.size() + " pods are still there");
            site.work().pause(INTERVAL);
        }
    }

    /** Whether nothing of them runs. */
    boolean allGone(Manifest manifest) throws InterruptedException {
        for (JsonNode one : manifest.workloads()) {
            if (SCALED.contains(one.path("kind").asText())
                    && (find(one).filter(now -> replicas(now) > 0).isPresent()
                            || !pods(one).isEmpty())) {
                return false;
            }
        }
        return true;
    }

    /** Scales those back whose number the chart leaves to others, such as an autoscaler: Helm leaves them at nothing. */
    void scaleBack(Manifest manifest) throws InterruptedException {
        for (JsonNode one : manifest.workloads()) {
            Optional<GenericKubernetesResource> now = find(one);
            Optional<String> before = now.flatMap(found -> annotation(found, REPLICAS));
            if (now.isPresent() && before.isPresent()) {
                scale(one, replicas(now.get()) == 0 ? Integer.parseInt(before.get()) : replicas(now.get()));
            }
        }
    }

    /** To nothing, noting how many there were; or to something, which takes the note away. */
    private void scale(JsonNode one, int replicas) throws InterruptedException {
        for (int look = 1; ; look++) {
            fence.raise();
            GenericKubernetesResource now = read(one);
            Map<String, Object> annotations = new HashMap<>();
            annotations.put(REPLICAS, replicas == 0 ? Integer.toString(replicas(now)) : null);
            String patch = cluster.client()
                    .getKubernetesSerialization()
                    .asJson(Map.of(
                            "metadata",
                            Map.of(
                                    "resourceVersion",
                                    now.getMetadata().getResourceVersion(),
                                    "annotations",
                                    annotations),
                            "spec",
                            Map.of("replicas", replicas)));
            try {
                cluster.ask(
                        "scale " + called(now),
                        () -> resource(one).patch(PatchContext.of(PatchType.JSON_MERGE), patch));
                return;
            } catch (Conflict itsControllerWasFaster) {
                if (look >= 20 || site.work().left().isZero()) {
                    throw new Refused(Failed.retryable(
                            Failure.CHANGED_MEANWHILE,
                            called(now) + " was changed by somebody else each of the " + look
                                    + " times that it was looked at",
                            "Find out what keeps changing it"));
                }
                site.work().pause(INTERVAL);
            }
        }
    }

    private Resource<GenericKubernetesResource> resource(JsonNode one) {
        return cluster.client()
                .genericKubernetesResources(
                        one.path("apiVersion").asText(), one.path("kind").asText())
                .inNamespace(one.path("metadata").path("namespace").asText(site.namespace()))
                .withName(one.path("metadata").path("name").asText());
    }

    private Optional<GenericKubernetesResource> find(JsonNode one) throws InterruptedException {
        return cluster.ask(
                "read " + one.path("kind").asText(),
                () -> Optional.ofNullable(resource(one).get()));
    }

    private GenericKubernetesResource read(JsonNode one) throws InterruptedException {
        return find(one)
                .orElseThrow(() -> new Refused(Failed.retryable(
                        Failure.WORKLOAD_MISSING,
                        one.path("kind").asText() + " "
                                + one.path("metadata").path("name").asText() + " of " + site.called()
                                + " is not there",
                        "Find out who deleted it")));
    }

    private static boolean up(GenericKubernetesResource now) {
        boolean seen = number(now, "status", "observedGeneration").orElse(0L)
                >= now.getMetadata().getGeneration();
        if (now.getKind().equals("DaemonSet")) {
            long wanted = number(now, "status", "desiredNumberScheduled").orElse(0L);
            return seen
                    && number(now, "status", "updatedNumberScheduled").orElse(0L) == wanted
                    && number(now, "status", "numberAvailable").orElse(0L) == wanted;
        }
        long wanted = replicas(now);
        String ready = now.getKind().equals("StatefulSet") ? "readyReplicas" : "availableReplicas";
        boolean updated = number(now, "status", "updatedReplicas").orElse(0L) == wanted
                || (now.getKind().equals("StatefulSet")
                        && now.get("status", "currentRevision") != null
                        && now.get("status", "currentRevision").equals(now.get("status", "updateRevision")));
        return seen
                && updated
                && number(now, "status", "replicas").orElse(0L) == wanted
                && number(now, "status", ready).orElse(0L) == wanted;
    }

    private static int replicas(GenericKubernetesResource now) {
        return number(now, "spec", "replicas").orElse(1L).intValue();
    }

    private static Optional<Long> number(GenericKubernetesResource now, String... path) {
        Object value = now.get((Object[]) path);
        return value instanceof Number number ? Optional.of(number.longValue()) : Optional.empty();
    }

    private static Optional<String> annotation(GenericKubernetesResource now, String key) {
        return Optional.ofNullable(now.getMetadata().getAnnotations()).map(all -> all.get(key));
    }

    private static String called(GenericKubernetesResource one) {
        return one.getKind().toLowerCase(java.util.Locale.ROOT) + "/"
                + one.getMetadata().getName();
    }

    /**
     * Why a pod does not serve.
     *
     * @param ofTheImage whether its image can't be pulled
     */
    private record Trouble(boolean ofTheImage, String text) {}

    private List<Pod> pods(JsonNode one) throws InterruptedException {
        Map<String, String> labels = new HashMap<>();
        one.path("spec")
                .path("selector")
                .path("matchLabels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        return cluster
                .ask(
                        "list pods",
                        () -> cluster.client()
                                .pods()
                                .inNamespace(
                                        one.path("metadata").path("namespace").asText(site.namespace()))
                                .withLabels(labels)
                                .list())
                .getItems()
                .stream()
                .filter(pod -> pod.getStatus() == null
                        || !List.of("Succeeded", "Failed")
                                .contains(pod.getStatus().getPhase()))
                .toList();
    }

    private Optional<Trouble> trouble(List<GenericKubernetesResource> waiting) throws InterruptedException {
        for (GenericKubernetesResource one : waiting) {
            JsonNode asJson = cluster.client()
                    .getKubernetesSerialization()
                    .unmarshal(cluster.client().getKubernetesSerialization().asJson(one), JsonNode.class);
            for (Pod pod : pods(asJson)) {
                for (ContainerStatus status : pod.getStatus().getContainerStatuses()) {
                    Optional<Trouble> found = trouble(pod, status);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Trouble> trouble(Pod pod, ContainerStatus status) {
        String who = "pod " + pod.getMetadata().getName() + ": ";
        if (status.getState().getWaiting() != null
                && OF_THE_IMAGE.contains(status.getState().getWaiting().getReason())) {
            return Optional.of(new Trouble(
                    true,
                    who + status.getState().getWaiting().getReason() + ": "
                            + status.getState().getWaiting().getMessage()));
        }
        ContainerStateTerminated ended = Optional.ofNullable(status.getState().getTerminated())
                .orElse(
                        status.getLastState() == null
                                ? null
                                : status.getLastState().getTerminated());
        return ended == null || Boolean.TRUE.equals(status.getReady())
                ? Optional.empty()
                : Optional.of(new Trouble(
                        false, who + "container " + status.getName() + " ended with exit code " + ended.getExitCode()));
    }
}
