package dev.upkeep.executor.driver.helm;

import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.KubernetesAccess;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The API server of a component's cluster, for what is looked at and changed beside Helm, with a name for everything that can
 * come of a call. Opened, used and closed on one thread.
 */
final class Cluster implements AutoCloseable {
    private final KubernetesClient client;
    private final ClassLoader before;

    private Cluster(KubernetesClient client, ClassLoader before) {
        this.client = client;
        this.before = before;
    }

    static Cluster of(Target target, Work work) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The client finds its own classes by the thread's loader, and a thread that carries steps may have any.
        thread.setContextClassLoader(Cluster.class.getClassLoader());
        try {
            return new Cluster(KubernetesAccess.open(target, work), before);
        } catch (RuntimeException e) {
            thread.setContextClassLoader(before);
            throw e;
        }
    }

    KubernetesClient client() {
        return client;
    }

    /**
     * One call.
     *
     * @throws Conflict if the API server says that what was named is not as it was read, or is there already
     * @throws Refused {@link Failure#FORBIDDEN}, {@link Failure#CLUSTER_REFUSED}, {@link Failure#CLUSTER_AWAY}
     */
    <T> T ask(String what, Supplier<T> call) throws InterruptedException {
        try {
            return call.get();
        } catch (KubernetesClientException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw named(what, e);
        }
    }

    private RuntimeException named(String what, KubernetesClientException e) {
        String said = Optional.ofNullable(e.getStatus()).map(Status::getMessage).orElseGet(e::getMessage);
        String reason = "can't " + what + ": " + said;
        return switch (e.getCode()) {
            case 409 -> new Conflict(e);
            case 401, 403 ->
                new Refused(
                        Failed.forGood(
                                Failure.FORBIDDEN, reason, "Give the account of the executor's kubeconfig that right"),
                        e);
            case 400, 404, 405, 415, 422 ->
                new Refused(
                        Failed.forGood(Failure.CLUSTER_REFUSED, reason, "Correct what the API server complains about"),
                        e);
            default ->
                new Refused(
                        Failed.retryable(
                                Failure.CLUSTER_AWAY,
                                reason + (e.getCause() == null ? "" : ": " + e.getCause()),
                                "Check that " + client.getMasterUrl() + " runs and can be reached from the executor"),
                        e);
        };
    }

    @Override
    public void close() {
        Thread.currentThread().setContextClassLoader(before);
        client.close();
    }
}
