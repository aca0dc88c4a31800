package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.step.Action.CheckSettings;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.SettingsCheck;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The names of the settings in the environment of a release's containers; their values are not looked at. */
final class Environment {
    private final Site site;
    private final ApiServer cluster;

    Environment(Site site, ApiServer cluster) {
        this.site = site;
        this.cluster = cluster;
    }

    Outcome check(Manifest manifest, CheckSettings check) throws InterruptedException {
        Set<String> set = new TreeSet<>();
        for (JsonNode workload : manifest.workloads()) {
            for (JsonNode container :
                    workload.path("spec").path("template").path("spec").path("containers")) {
                container.path("env").forEach(env -> set.add(env.path("name").asText()));
                for (JsonNode from : container.path("envFrom")) {
                    names(from).forEach(key -> set.add(from.path("prefix").asText("") + key));
                }
            }
        }
        return SettingsCheck.of(
                check, site.called(), "Set it through the release's values, then retry", set::contains, set::contains);
    }

    private Set<String> names(JsonNode from) throws InterruptedException {
        Set<String> names = new TreeSet<>();
        if (from.has("configMapRef")) {
            String name = from.path("configMapRef").path("name").asText();
            cluster.ask(
                            "read the names in configmap/" + name,
                            () -> Optional.ofNullable(cluster.client()
                                    .configMaps()
                                    .inNamespace(site.namespace())
                                    .withName(name)
                                    .get()))
                    .ifPresent(map -> names.addAll(map.getData().keySet()));
        }
        if (from.has("secretRef")) {
            String name = from.path("secretRef").path("name").asText();
            cluster.ask(
                            "read the names in secret/" + name,
                            () -> Optional.ofNullable(cluster.client()
                                    .secrets()
                                    .inNamespace(site.namespace())
                                    .withName(name)
                                    .get()))
                    .ifPresent(secret -> names.addAll(secret.getData().keySet()));
        }
        return names;
    }
}
