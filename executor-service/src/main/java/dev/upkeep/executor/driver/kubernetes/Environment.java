package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.step.Action.CheckSettings;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.SettingsCheck;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvFromSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of the settings in a workload's environment; their values are not looked at. */
final class Environment {
    private final Site site;
    private final Cluster cluster;

    Environment(Site site, Cluster cluster) {
        this.site = site;
        this.cluster = cluster;
    }

    Outcome check(CheckSettings check) throws InterruptedException {
        Set<String> set = new TreeSet<>();
        for (Container container : Image.runBy(site, cluster.workload(site).containers())) {
            container.getEnv().stream().map(EnvVar::getName).forEach(set::add);
            for (EnvFromSource from : container.getEnvFrom()) {
                set.addAll(names(from));
            }
        }
        return SettingsCheck.of(check, site.called(), "Set it there, then retry", set::contains, set::contains);
    }

    private Set<String> names(EnvFromSource from) throws InterruptedException {
        Set<String> keys = new TreeSet<>();
        if (from.getConfigMapRef() != null) {
            cluster.configMap(site.namespace(), from.getConfigMapRef().getName())
                    .ifPresent(map -> keys.addAll(map.getData().keySet()));
        }
        if (from.getSecretRef() != null) {
            String name = from.getSecretRef().getName();
            cluster.ask(
                            "read the names in secret/" + name,
                            () -> Optional.ofNullable(cluster.client()
                                    .secrets()
                                    .inNamespace(site.namespace())
                                    .withName(name)
                                    .get()))
                    .ifPresent(secret -> keys.addAll(secret.getData().keySet()));
        }
        String prefix = Optional.ofNullable(from.getPrefix()).orElse("");
        Set<String> names = new TreeSet<>();
        keys.forEach(key -> names.add(prefix + key));
        return names;
    }
}
