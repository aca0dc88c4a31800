package dev.upkeep.executor.driver.kubernetes;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** The kinds that a component's setting {@code workload} can name, by the words that kubectl knows them by. */
enum Kind {
    DEPLOYMENT("apis/apps/v1", "deployments", Set.of("deploy", "deployment", "deployments", "deployments.apps")),
    STATEFUL_SET("apis/apps/v1", "statefulsets", Set.of("sts", "statefulset", "statefulsets", "statefulsets.apps")),
    JOB("apis/batch/v1", "jobs", Set.of("job", "jobs", "jobs.batch"));

    private final String group;
    private final String plural;
    private final Set<String> words;

    Kind(String group, String plural, Set<String> words) {
        this.group = group;
        this.plural = plural;
        this.words = words;
    }

    static Optional<Kind> of(String word) {
        return Arrays.stream(values()).filter(kind -> kind.words.contains(word)).findFirst();
    }

    /** The path of one of them on the API server. */
    String path(String namespace, String name) {
        return "/" + group + "/namespaces/" + namespace + "/" + plural + "/" + name;
    }
}
