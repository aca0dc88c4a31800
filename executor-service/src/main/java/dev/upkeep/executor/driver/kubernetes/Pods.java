package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A workload's pods, and what they say of themselves. */
final class Pods {
    private static final Set<String> OF_THE_IMAGE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    /** A pod that has just been made waits for these, and there is nothing wrong with it. */
    private static final Set<String> USUAL = Set.of("ContainerCreating", "PodInitializing");

    private static final int TAIL_LINES = 20;
    private static final int LONGEST_TAIL = 2_000;

    private Pods() {}

    /**
     * Why a pod does not serve.
     *
     * @param ofTheImage whether its image can't be pulled
     */
    record Trouble(String pod, boolean ofTheImage, String text) {}

    /** The pods of a workload that have not ended, those that are on their way out included. */
    static List<Pod> of(Cluster cluster, Site site, Map<String, String> labels) throws InterruptedException {
        return cluster.ask(
                "list the pods of " + site.called(),
                () ->
                        cluster
                                .client()
                                .pods()
                                .inNamespace(site.namespace())
                                .withLabels(labels)
                                .list()
                                .getItems()
                                .stream()
                                .filter(pod -> pod.getStatus() == null
                                        || !List.of("Succeeded", "Failed")
                                                .contains(pod.getStatus().getPhase()))
                                .toList());
    }

    /** Deletes exactly the pod that was read; its controller makes another. */
    static void delete(Cluster cluster, Site site, Pod pod) throws InterruptedException {
        try {
            cluster.ask(
                    "delete pod " + pod.getMetadata().getName(),
                    () -> cluster.client()
                            .resource(pod)
                            .inNamespace(site.namespace())
                            .lockResourceVersion(pod.getMetadata().getResourceVersion())
                            .delete());
        } catch (Conflict itHasMovedOn) {
            // The next look decides anew.
        }
    }

    /** The end of a pod's log, the run before if there is none yet; nothing if it can't be read. */
    static Optional<String> tail(Cluster cluster, Site site, String pod) throws InterruptedException {
        var log = cluster.client().pods().inNamespace(site.namespace()).withName(pod);
        try {
            String text = cluster.ask(
                    "read the log of " + pod, () -> log.tailingLines(TAIL_LINES).getLog());
            String said = text.isBlank()
                    ? cluster.ask(
                            "read the log of " + pod,
                            () -> log.terminated().tailingLines(TAIL_LINES).getLog())
                    : text;
            String tail = said.strip();
            return tail.isEmpty()
                    ? Optional.empty()
                    : Optional.of(tail.substring(Math.max(0, tail.length() - LONGEST_TAIL)));
        } catch (Refused | Conflict thereIsNone) {
            return Optional.empty();
        }
    }

    static boolean going(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    static boolean ready(Pod pod) {
        return status(pod).getConditions().stream()
                .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
    }

    static boolean runs(Pod pod, String image) {
        return pod.getSpec().getContainers().stream().anyMatch(c -> image.equals(c.getImage()));
    }

    /** What is wrong with a pod that is not ready, as far as the cluster knows. */
    static Optional<Trouble> trouble(Pod pod) {
        String name = pod.getMetadata().getName();
        return Stream.concat(
                        status(pod).getInitContainerStatuses().stream(), status(pod).getContainerStatuses().stream())
                .flatMap(container -> trouble(name, container).stream())
                .findFirst()
                .or(() -> status(pod).getConditions().stream()
                        .filter(c -> c.getType().equals("PodScheduled")
                                && c.getStatus().equals("False"))
                        .map(c -> new Trouble(name, false, c.getReason() + ": " + c.getMessage()))
                        .findFirst());
    }

    private static Optional<Trouble> trouble(String pod, ContainerStatus container) {
        ContainerStateWaiting waiting = container.getState().getWaiting();
        if (waiting != null && !USUAL.contains(waiting.getReason())) {
            return Optional.of(new Trouble(
                    pod,
                    OF_THE_IMAGE.contains(waiting.getReason()),
                    waiting.getReason()
                            + (waiting.getMessage() == null ? "" : ": " + waiting.getMessage())
                            + ended(container.getLastState().getTerminated())));
        }
        String ended = ended(container.getState().getTerminated());
        return ended.isEmpty() ? Optional.empty() : Optional.of(new Trouble(pod, false, ended.substring(2)));
    }

    private static String ended(ContainerStateTerminated terminated) {
        return terminated == null
                ? ""
                : "; ended with exit code " + terminated.getExitCode()
                        + (terminated.getReason() == null ? "" : " (" + terminated.getReason() + ")");
    }

    static String names(List<Pod> pods) {
        return String.join(
                ", ", pods.stream().map(pod -> pod.getMetadata().getName()).toList());
    }

    private static PodStatus status(Pod pod) {
        return Optional.ofNullable(pod.getStatus()).orElseGet(PodStatus::new);
    }
}
