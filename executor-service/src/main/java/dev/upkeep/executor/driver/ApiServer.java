package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Outcome.Failed;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The API server of a component's cluster, with a time limit and a bounded retry on every call and a name for everything that can
 * come of one. Opened, used and closed on one thread.
 */
public final class ApiServer implements AutoCloseable {
    private final KubernetesClient client;
    private final ClassLoader before;

    private ApiServer(KubernetesClient client, ClassLoader before) {
        this.client = client;
        this.before = before;
    }

    /** Opens it, by the way into it that a component's settings name. */
    public static ApiServer of(Target target, Work work) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // The client finds its own classes by the thread's loader, and a thread that carries steps may have any.
        thread.setContextClassLoader(ApiServer.class.getClassLoader());
        try {
            return new ApiServer(KubernetesAccess.open(target, work), before);
        } catch (RuntimeException e) {
            thread.setContextClassLoader(before);
            throw e;
        }
    }

    /** For the calls that are handed to {@link #ask}. */
    public KubernetesClient client() {
        return client;
    }

    /**
     * One call.
     *
     * @throws Conflict if the API server says that what was named is not as it was read, or is there already
     * @throws Refused {@link Failure#FORBIDDEN}, {@link Failure#CLUSTER_REFUSED}, {@link Failure#CLUSTER_AWAY}
     */
    public <T> T ask(String what, Supplier<T> call) throws InterruptedException {
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
