package dev.upkeep.executor.driver.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Deployment or StatefulSet as it was read.
 *
 * @param replicas how many pods it asks for
 * @param paused whether its rollouts are paused
 * @param whole whether all of its pods run the template that it has now, and none another
 * @param available how many pods serve
 * @param stuck why its controller has given up, if it has
 */
record Workload(
        HasMetadata object,
        int replicas,
        PodTemplateSpec template,
        LabelSelector selector,
        boolean paused,
        boolean whole,
        int available,
        Optional<String> stuck) {
    /** Holds the highest token that the workload has seen. */
    static final String TOKEN = "upkeep.dev/token";
    /** How many replicas it had before it was stopped. */
    static final String REPLICAS = "upkeep.dev/replicas";
    /** What its containers ran before the last redeploy, as {@code container=image} separated by blanks. */
    static final String REPLACED = "upkeep.dev/replaced";

    static Workload of(Deployment deployment) {
        DeploymentStatus status = Optional.ofNullable(deployment.getStatus()).orElseGet(DeploymentStatus::new);
        int replicas = orOne(deployment.getSpec().getReplicas());
        boolean seen = seen(deployment, status.getObservedGeneration());
        Optional<String> stuck = status.getConditions().stream()
                .filter(c -> c.getType().equals("Progressing") && c.getStatus().equals("False"))
                .map(c -> c.getReason() + ": " + c.getMessage())
                .findFirst();
        return new Workload(
                deployment,
                replicas,
                deployment.getSpec().getTemplate(),
                deployment.getSpec().getSelector(),
                Boolean.TRUE.equals(deployment.getSpec().getPaused()),
                seen
                        && orNone(status.getUpdatedReplicas()) == replicas
                        && orNone(status.getReplicas()) == replicas
                        && orNone(status.getAvailableReplicas()) == replicas,
                orNone(status.getAvailableReplicas()),
                seen ? stuck : Optional.empty());
    }

    static Workload of(StatefulSet set) {
        StatefulSetStatus status = Optional.ofNullable(set.getStatus()).orElseGet(StatefulSetStatus::new);
        int replicas = orOne(set.getSpec().getReplicas());
        // Its availableReplicas are known to newer clusters only.
        boolean updated = status.getUpdateRevision() == null
                || status.getUpdateRevision().equals(status.getCurrentRevision())
                || orNone(status.getUpdatedReplicas()) == replicas;
        return new Workload(
                set,
                replicas,
                set.getSpec().getTemplate(),
                set.getSpec().getSelector(),
                false,
                seen(set, status.getObservedGeneration())
                        && updated
                        && orNone(status.getReplicas()) == replicas
                        && orNone(status.getReadyReplicas()) == replicas,
                orNone(status.getReadyReplicas()),
                Optional.empty());
    }

    private static boolean seen(HasMetadata object, Long observed) {
        return observed != null && observed >= object.getMetadata().getGeneration();
    }

    long highestToken() {
        return token(object);
    }

    static long token(HasMetadata object) {
        String text = object.getMetadata().getAnnotations().get(TOKEN);
        return text == null ? 0 : Long.parseLong(text);
    }

    Optional<String> annotation(String key) {
        return Optional.ofNullable(object.getMetadata().getAnnotations().get(key));
    }

    Map<String, String> labels() {
        return selector.getMatchLabels();
    }

    List<Container> containers() {
        return template.getSpec().getContainers();
    }

    private static int orOne(Integer replicas) {
        return replicas == null ? 1 : replicas;
    }

    private static int orNone(Integer replicas) {
        return replicas == null ? 0 : replicas;
    }
}
