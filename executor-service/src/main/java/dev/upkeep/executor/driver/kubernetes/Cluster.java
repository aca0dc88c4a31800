package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The workloads in a component's cluster, looked at and changed.
 *
 * <p>Ordering: what is changed is changed in one patch that names the version it was read in and carries our token, so an
 * attempt that has been overtaken changes nothing.
 *
 * <p>Opened, used and closed on one thread.
 */
final class Cluster implements AutoCloseable {
    private static final int LOOKS = 20;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private final ApiServer server;
    private final KubernetesClient client;

    private Cluster(ApiServer server) {
        this.server = server;
        this.client = server.client();
    }

    static Cluster of(Target target, Work work) {
        return new Cluster(ApiServer.of(target, work));
    }

    KubernetesClient client() {
        return client;
    }

    /** The workload, which must be there. */
    Workload workload(Site site) throws InterruptedException {
        return find(site)
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.WORKLOAD_MISSING,
                        "there is no " + site.called(),
                        "Deploy it, or correct the setting workload")));
    }

    Optional<Workload> find(Site site) throws InterruptedException {
        return ask("read " + site.called(), () -> switch (site.kind()) {
            case DEPLOYMENT ->
                Optional.ofNullable(client.apps()
                                .deployments()
                                .inNamespace(site.namespace())
                                .withName(site.name())
                                .get())
                        .map(Workload::of);
            case STATEFUL_SET ->
                Optional.ofNullable(client.apps()
                                .statefulSets()
                                .inNamespace(site.namespace())
                                .withName(site.name())
                                .get())
                        .map(Workload::of);
            case JOB ->
                throw Site.malformed(
                        site.request().target(),
                        "workload",
                        "job/" + site.name(),
                        "A Job only migrates; name a Deployment or a StatefulSet");
        });
    }

    /** What a workload makes its pods of. */
    static PodTemplateSpec template(HasMetadata workload) {
        return switch (workload) {
            case Deployment deployment -> deployment.getSpec().getTemplate();
            case StatefulSet set -> set.getSpec().getTemplate();
            case Job job -> job.getSpec().getTemplate();
            default -> throw new IllegalStateException("no workload: " + workload.getKind());
        };
    }

    Optional<ConfigMap> configMap(String namespace, String name) throws InterruptedException {
        return ask(
                "read configmap/" + name,
                () -> Optional.ofNullable(client.configMaps()
                        .inNamespace(namespace)
                        .withName(name)
                        .get()));
    }

    /**
     * What to change of a workload.
     *
     * @param annotations with their new values; null takes one away
     * @param spec a strategic merge patch of its spec; empty changes nothing
     */
    record Change(Map<String, String> annotations, Map<String, Object> spec) {
        static final Change NONE = new Change(Map.of(), Map.of());

        boolean isNone() {
            return annotations.isEmpty() && spec.isEmpty();
        }
    }

    /**
     * Changes a workload as {@code decide} says of what is found, together with the token, or not at all; raises the token
     * also where there is nothing to change.
     *
     * @throws Refused {@link Failure#STALE_TOKEN} if a higher token has been here, {@link Failure#CHANGED_MEANWHILE} if
     *     somebody else kept changing it
     */
    Workload change(Site site, Function<Workload, Change> decide) throws InterruptedException {
        for (int look = 1; ; look++) {
            Workload found = workload(site);
            refuseStale(site, found.object());
            Change change = decide.apply(found);
            if (change.isNone() && found.highestToken() == site.token().value()) {
                return found;
            }
            try {
                patch(site, found.object().getMetadata(), change, false);
                return workload(site);
            } catch (Conflict somebodyWasFaster) {
                awaitNextLook(site, look);
            }
        }
    }

    /** What the API server would make of a change; nothing is changed. */
    void tryOut(Site site, Workload found, Change change) throws InterruptedException {
        patch(site, found.object().getMetadata(), change, true);
    }

    private void patch(Site site, ObjectMeta found, Change change, boolean dry) throws InterruptedException {
        Map<String, Object> metadata = new HashMap<>();
        // The API server answers 409 if this is not its version any more.
        metadata.put("resourceVersion", found.getResourceVersion());
        metadata.put("uid", found.getUid());
        Map<String, String> annotations = new HashMap<>(change.annotations());
        annotations.put(Workload.TOKEN, site.token().toString());
        metadata.put("annotations", annotations);
        Map<String, Object> patch = new HashMap<>(Map.of("metadata", metadata));
        if (!change.spec().isEmpty()) {
            patch.put("spec", change.spec());
        }
        String json = client.getKubernetesSerialization().asJson(patch);
        PatchContext how = PatchContext.of(PatchType.STRATEGIC_MERGE);
        how.setFieldManager("upkeep");
        if (dry) {
            how.setDryRun(List.of("All"));
        }
        ask("change " + site.called(), () -> switch (site.kind()) {
            case DEPLOYMENT ->
                client.apps()
                        .deployments()
                        .inNamespace(site.namespace())
                        .withName(site.name())
                        .patch(how, json);
            case STATEFUL_SET ->
                client.apps()
                        .statefulSets()
                        .inNamespace(site.namespace())
                        .withName(site.name())
                        .patch(how, json);
            case JOB ->
                client.batch()
                        .v1()
                        .jobs()
                        .inNamespace(site.namespace())
                        .withName(found.getName())
                        .patch(how, json);
        });
    }

    /** Raises the token of any object of the site's kind, such as one Job; false if it changed meanwhile. */
    boolean raise(Site site, HasMetadata found) throws InterruptedException {
        refuseStale(site, found);
        if (Workload.token(found) == site.token().value()) {
            return true;
        }
        try {
            patch(site, found.getMetadata(), Change.NONE, false);
            return true;
        } catch (Conflict somebodyWasFaster) {
            return false;
        }
    }

    /** Deletes exactly the object that was read, and what it owns; false if it changed meanwhile. */
    boolean delete(Site site, Kind kind, HasMetadata found) throws InterruptedException {
        ObjectMeta meta = found.getMetadata();
        Map<String, Object> options = Map.of(
                "apiVersion",
                "v1",
                "kind",
                "DeleteOptions",
                "propagationPolicy",
                "Foreground",
                "preconditions",
                Map.of("uid", meta.getUid(), "resourceVersion", meta.getResourceVersion()));
        try {
            ask(
                    "delete " + meta.getName(),
                    () -> Optional.ofNullable(
                            client.raw(kind.path(site.namespace(), meta.getName()), "DELETE", options)));
            return true;
        } catch (Conflict somebodyWasFaster) {
            return false;
        }
    }

    void refuseStale(Site site, HasMetadata found) {
        long highest = Workload.token(found);
        if (highest > site.token().value()) {
            throw new Refused(Failed.forGood(
                    Failure.STALE_TOKEN,
                    "token " + site.token() + " is lower than " + highest + ", the highest that "
                            + found.getMetadata().getName() + " has seen",
                    "Nothing to do: a later attempt has taken over"));
        }
    }

    /** Gives whoever changes it time to end; at some point it's not us who are slow. */
    void awaitNextLook(Site site, int look) throws InterruptedException {
        if (look >= LOOKS || site.work().left().isZero()) {
            throw new Refused(Failed.retryable(
                    Failure.CHANGED_MEANWHILE,
                    site.called() + " was changed by somebody else each of the " + look
                            + " times that it was looked at",
                    "Find out what keeps changing it: another operator, an autoscaler, a GitOps controller?"));
        }
        site.work().pause(BETWEEN_LOOKS);
    }

    /** One call, as {@link ApiServer#ask}. */
    <T> T ask(String what, Supplier<T> call) throws InterruptedException {
        return server.ask(what, call);
    }

    @Override
    public void close() {
        server.close();
    }
}
