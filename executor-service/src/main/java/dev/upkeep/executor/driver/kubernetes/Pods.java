package dev.upkeep.executor.driver.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What pods say of themselves. */
final class Pods {
    private static final Set<String> OF_THE_IMAGE =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");
    /** A pod that has just been made waits for these, and there is nothing wrong with it. */
    private static final Set<String> USUAL = Set.of("ContainerCreating", "PodInitializing");

    private Pods() {}

    /**
     * Why a pod does not serve.
     *
     * @param ofTheImage whether its image can't be pulled
     */
    record Trouble(String pod, boolean ofTheImage, String text) {}

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
