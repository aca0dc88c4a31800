package dev.upkeep.executor.driver.kubernetes;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.kubernetes.Cluster.Change;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies a workload and the ConfigMaps that its pods refer to into a ConfigMap beside them, and puts them back. Secrets are
 * no part of it: they stay where they are.
 *
 * <p>What is put back leaves replicas and images as they are: those are what start and redeploy change, which look at the
 * schema first.
 */
final class Copies {
    private static final String COPY_OF = "upkeep.dev/copy-of";
    private static final String WORKLOAD = "workload.json";
    private static final String PREFIX = "configmap.";
    private static final int KEPT = 3;

    private final Site site;
    private final Cluster cluster;
    private final KubernetesSerialization json;

    Copies(Site site, Cluster cluster) {
        this.site = site;
        this.cluster = cluster;
        this.json = cluster.client().getKubernetesSerialization();
    }

    Outcome backUp() throws InterruptedException {
        Workload found = cluster.change(site, nothing -> Change.NONE);
        String name = site.ofThisStep("upkeep-copy");
        Map<String, String> data = new TreeMap<>();
        data.put(WORKLOAD, json.asJson(bare(found.object())));
        for (String referred : referred(found.template().getSpec())) {
            Optional<ConfigMap> map = cluster.configMap(site.namespace(), referred);
            map.ifPresent(there -> data.put(PREFIX + referred, json.asJson(bare(there))));
        }
        if (cluster.configMap(site.namespace(), name).isEmpty()) {
            create(name, data);
        }
        ConfigMap copy = cluster.configMap(site.namespace(), name).orElseThrow(() -> lost(name));
        for (Map.Entry<String, String> one : data.entrySet()) {
            if (!isCopy(one.getKey(), one.getValue(), copy.getData().get(one.getKey()))) {
                return Failed.forGood(
                        Failure.BACKUP_MISMATCH,
                        "configmap/" + name + ", taken by an earlier attempt, is not what "
                                + (one.getKey().equals(WORKLOAD)
                                        ? site.called()
                                        : one.getKey().substring(PREFIX.length()))
                                + " is now",
                        "Find out who changed it; delete configmap/" + name + " to have it copied again");
            }
        }
        prune(name);
        return new Done(
                Map.of(
                        Fact.CONFIGURATION_BEFORE,
                        "configmap:" + site.namespace() + "/" + name,
                        Fact.CONFIGURATION_PROVEN,
                        "true"),
                "copied " + site.called() + " and " + (data.size() - 1) + " ConfigMaps to configmap/" + name
                        + ", read back and compared");
    }

    private boolean isCopy(String key, String now, @Nullable String copy) {
        return now.equals(copy)
                || (copy != null && key.equals(WORKLOAD) && comparable(now).equals(comparable(copy)));
    }

    /** Without what changes by itself and is not put back: replicas, and the notes of Upkeep and of the controller. */
    private String comparable(String workload) {
        HasMetadata object = json.unmarshal(workload, HasMetadata.class);
        scale(object, 0);
        Map<String, String> annotations = new TreeMap<>(object.getMetadata().getAnnotations());
        annotations.keySet().removeIf(Copies::isNote);
        object.getMetadata().setAnnotations(annotations);
        return json.asJson(object);
    }

    private static boolean isNote(String annotation) {
        return annotation.startsWith("upkeep.dev/") || annotation.startsWith("deployment.kubernetes.io/");
    }

    Outcome putBack() throws InterruptedException {
        cluster.find(site).ifPresent(there -> cluster.refuseStale(site, there.object()));
        String id = Optional.ofNullable(site.request().facts().get(Fact.CONFIGURATION_BEFORE))
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.FACT_MISSING,
                        "it is not known where the configuration was copied to: no fact " + Fact.CONFIGURATION_BEFORE,
                        "Put it back by hand")));
        String name = id.substring(id.lastIndexOf('/') + 1);
        ConfigMap copy = cluster.configMap(site.namespace(), name).orElseThrow(() -> lost(name));
        String workload = requireNonNull(copy.getData().get(WORKLOAD));
        // First the token: the workload alone can tell whether this attempt has been overtaken.
        if (cluster.find(site).isPresent()) {
            cluster.change(site, nothing -> Change.NONE);
        } else {
            putBackWorkload(json.unmarshal(workload, HasMetadata.class));
        }
        int maps = 0;
        for (Map.Entry<String, String> one : copy.getData().entrySet()) {
            if (one.getKey().startsWith(PREFIX)) {
                putBack(json.unmarshal(one.getValue(), ConfigMap.class));
                maps++;
            }
        }
        // Last the workload: its new pods are to find their ConfigMaps as they were.
        putBackWorkload(json.unmarshal(workload, HasMetadata.class));
        return new Done(
                Map.of(), "put " + site.called() + " and " + maps + " ConfigMaps back, but for replicas and images");
    }

    private void putBackWorkload(HasMetadata before) throws InterruptedException {
        for (int look = 1; ; look++) {
            Optional<Workload> there = cluster.find(site);
            try {
                if (there.isEmpty()) {
                    recreate(before);
                    return;
                }
                cluster.refuseStale(site, there.get().object());
                HasMetadata merged = merged(before, there.get());
                cluster.ask(
                        "put back " + site.called(),
                        () -> cluster.client()
                                .resource(merged)
                                .inNamespace(site.namespace())
                                .lockResourceVersion(
                                        there.get().object().getMetadata().getResourceVersion())
                                .update());
                return;
            } catch (Conflict somebodyWasFaster) {
                cluster.awaitNextLook(site, look);
            }
        }
    }

    private void recreate(HasMetadata before) throws InterruptedException {
        Map<String, String> annotations = new HashMap<>(before.getMetadata().getAnnotations());
        annotations.put(Workload.TOKEN, site.token().toString());
        annotations.put(Workload.REPLICAS, Integer.toString(replicas(before)));
        before.getMetadata().setAnnotations(annotations);
        scale(before, 0);
        cluster.ask(
                "create " + site.called(),
                () -> cluster.client()
                        .resource(before)
                        .inNamespace(site.namespace())
                        .create());
    }

    private HasMetadata merged(HasMetadata before, Workload there) {
        Map<String, String> images = new HashMap<>();
        containers(there.object()).forEach(c -> images.put(c.getName(), c.getImage()));
        containers(before).forEach(c -> c.setImage(images.getOrDefault(c.getName(), c.getImage())));
        scale(before, there.replicas());
        Map<String, String> annotations = new HashMap<>(before.getMetadata().getAnnotations());
        there.object().getMetadata().getAnnotations().forEach((key, value) -> {
            if (isNote(key)) {
                annotations.put(key, value);
            }
        });
        annotations.put(Workload.TOKEN, site.token().toString());
        before.getMetadata().setAnnotations(annotations);
        return before;
    }

    private static Stream<Container> containers(HasMetadata workload) {
        PodSpec pod = Cluster.template(workload).getSpec();
        return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream());
    }

    private void putBack(ConfigMap before) throws InterruptedException {
        String name = before.getMetadata().getName();
        for (int look = 1; ; look++) {
            cluster.find(site).ifPresent(workload -> cluster.refuseStale(site, workload.object()));
            Optional<ConfigMap> there = cluster.configMap(site.namespace(), name);
            try {
                if (there.isEmpty()) {
                    cluster.ask(
                            "create configmap/" + name,
                            () -> cluster.client()
                                    .resource(before)
                                    .inNamespace(site.namespace())
                                    .create());
                } else if (!there.get().getData().equals(before.getData())
                        || !there.get().getBinaryData().equals(before.getBinaryData())) {
                    ConfigMap back = new ConfigMapBuilder(there.get())
                            .withData(before.getData())
                            .withBinaryData(before.getBinaryData())
                            .build();
                    cluster.ask(
                            "put back configmap/" + name,
                            () -> cluster.client()
                                    .resource(back)
                                    .inNamespace(site.namespace())
                                    .lockResourceVersion(
                                            there.get().getMetadata().getResourceVersion())
                                    .update());
                }
                return;
            } catch (Conflict somebodyWasFaster) {
                cluster.awaitNextLook(site, look);
            }
        }
    }

    private void create(String name, Map<String, String> data) throws InterruptedException {
        ConfigMap copy = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(site.namespace())
                .addToLabels(COPY_OF, label())
                .endMetadata()
                .withData(data)
                .withImmutable(true)
                .build();
        try {
            cluster.ask(
                    "create configmap/" + name,
                    () -> cluster.client()
                            .resource(copy)
                            .inNamespace(site.namespace())
                            .create());
        } catch (Conflict anotherAttemptWasFaster) {
            // It is read back and compared in any case.
        }
    }

    private void prune(String current) throws InterruptedException {
        List<ConfigMap> all = cluster
                .ask(
                        "list configmaps",
                        () -> cluster.client()
                                .configMaps()
                                .inNamespace(site.namespace())
                                .withLabel(COPY_OF, label())
                                .list())
                .getItems()
                .stream()
                .filter(copy -> !copy.getMetadata().getName().equals(current))
                .sorted(Comparator.comparing(
                                (ConfigMap copy) -> copy.getMetadata().getCreationTimestamp())
                        .reversed())
                .toList();
        for (ConfigMap old : all.subList(Math.min(KEPT - 1, all.size()), all.size())) {
            cluster.ask(
                    "delete configmap/" + old.getMetadata().getName(),
                    () -> cluster.client()
                            .resource(old)
                            .inNamespace(site.namespace())
                            .delete());
        }
    }

    private String label() {
        return site.request().target().component().value();
    }

    /** Without what the API server adds. */
    private <T extends HasMetadata> T bare(T object) {
        T copy = json.clone(object);
        copy.getMetadata().setManagedFields(List.of());
        copy.getMetadata().setResourceVersion(null);
        copy.getMetadata().setUid(null);
        copy.getMetadata().setGeneration(null);
        copy.getMetadata().setCreationTimestamp(null);
        copy.getMetadata().setSelfLink(null);
        switch (copy) {
            case Deployment deployment -> deployment.setStatus(null);
            case StatefulSet set -> set.setStatus(null);
            default -> {}
        }
        return copy;
    }

    private static int replicas(HasMetadata workload) {
        return switch (workload) {
            case Deployment deployment -> deployment.getSpec().getReplicas();
            case StatefulSet set -> set.getSpec().getReplicas();
            default -> 0;
        };
    }

    private static void scale(HasMetadata workload, int replicas) {
        switch (workload) {
            case Deployment deployment -> deployment.getSpec().setReplicas(replicas);
            case StatefulSet set -> set.getSpec().setReplicas(replicas);
            default -> throw new IllegalStateException("no workload: " + workload.getKind());
        }
    }

    private static Set<String> referred(PodSpec pod) {
        Set<String> names = new TreeSet<>();
        Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .forEach(container -> {
                    container.getEnvFrom().stream()
                            .filter(from -> from.getConfigMapRef() != null)
                            .forEach(from -> names.add(from.getConfigMapRef().getName()));
                    container.getEnv().stream()
                            .filter(env -> env.getValueFrom() != null
                                    && env.getValueFrom().getConfigMapKeyRef() != null)
                            .forEach(env -> names.add(
                                    env.getValueFrom().getConfigMapKeyRef().getName()));
                });
        pod.getVolumes().stream()
                .filter(volume -> volume.getConfigMap() != null)
                .forEach(volume -> names.add(volume.getConfigMap().getName()));
        pod.getVolumes().stream()
                .filter(volume -> volume.getProjected() != null)
                .flatMap(volume -> volume.getProjected().getSources().stream())
                .filter(source -> source.getConfigMap() != null)
                .forEach(source -> names.add(source.getConfigMap().getName()));
        return names;
    }

    private Refused lost(String name) {
        return new Refused(Failed.forGood(
                Failure.BACKUP_MISSING,
                "configmap/" + name + " is not there",
                "Find out who deleted it; put the configuration back by hand"));
    }
}
