package dev.upkeep.executor.driver.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The objects of a release's manifest, by what they are called. What a Secret holds is never shown. */
final class Manifest {
    private static final Pattern BETWEEN = Pattern.compile("(?m)^---.*$");
    private static final Set<String> WORKLOADS = Set.of("Deployment", "StatefulSet", "DaemonSet");

    private final Map<String, JsonNode> objects;

    private Manifest(Map<String, JsonNode> objects) {
        this.objects = objects;
    }

    /** Without the hooks, which Helm does not keep. */
    static Manifest of(String yaml) {
        Map<String, JsonNode> objects = new TreeMap<>();
        for (String document : BETWEEN.split(yaml)) {
            if (document.lines().allMatch(line -> line.isBlank() || line.startsWith("#"))) {
                continue;
            }
            JsonNode object = Serialization.unmarshal(document, JsonNode.class);
            JsonNode meta = object.path("metadata");
            if (!meta.path("annotations").has("helm.sh/hook")) {
                String namespace = meta.path("namespace").asText("");
                objects.put(
                        object.path("kind").asText() + " " + (namespace.isEmpty() ? "" : namespace + "/")
                                + meta.path("name").asText(),
                        object);
            }
        }
        return new Manifest(objects);
    }

    /** The workloads that run all the time. */
    List<JsonNode> workloads() {
        return objects.values().stream()
                .filter(object -> WORKLOADS.contains(object.path("kind").asText()))
                .toList();
    }

    boolean names(String text) {
        return objects.values().stream().anyMatch(object -> object.toString().contains(text));
    }

    /** What is another in the other one, line by line; empty if nothing is. */
    String changesTo(Manifest other) {
        Set<String> names = new TreeSet<>(objects.keySet());
        names.addAll(other.objects.keySet());
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            List<String> before = lines(objects.get(name), other.objects.get(name));
            List<String> after = lines(other.objects.get(name), objects.get(name));
            if (before.isEmpty()) {
                text.append("+ ").append(name).append('\n');
            } else if (after.isEmpty()) {
                text.append("- ").append(name).append('\n');
            }
            List<String> changed = between(before, after);
            if (!changed.isEmpty() && !before.isEmpty() && !after.isEmpty()) {
                text.append("~ ").append(name).append('\n');
            }
            changed.forEach(line -> text.append("    ").append(line).append('\n'));
        }
        return text.toString().stripTrailing();
    }

    private static List<String> lines(@Nullable JsonNode object, @Nullable JsonNode other) {
        return object == null
                ? List.of()
                : Serialization.asYaml(masked(object, other))
                        .lines()
                        .filter(line -> !line.equals("---"))
                        .toList();
    }

    /** Which keys a Secret has, and which of them hold something else there. */
    private static JsonNode masked(JsonNode object, @Nullable JsonNode other) {
        if (!object.path("kind").asText().equals("Secret")) {
            return object;
        }
        ObjectNode shown = object.deepCopy();
        for (String part : List.of("data", "stringData")) {
            for (Iterator<String> keys = object.path(part).fieldNames(); keys.hasNext(); ) {
                String key = keys.next();
                boolean another = other != null
                        && other.path(part).has(key)
                        && !other.path(part).path(key).equals(object.path(part).path(key));
                ((ObjectNode) shown.get(part)).put(key, another ? "(hidden, another one)" : "(hidden)");
            }
        }
        // What kubectl apply once kept of it holds the values as well.
        Optional.ofNullable((ObjectNode) shown.path("metadata").get("annotations"))
                .ifPresent(annotations -> annotations.remove("kubectl.kubernetes.io/last-applied-configuration"));
        return shown;
    }

    /** By the longest common subsequence; an object has hundreds of lines, not more. */
    private static List<String> between(List<String> before, List<String> after) {
        int[][] common = new int[before.size() + 1][after.size() + 1];
        for (int i = before.size() - 1; i >= 0; i--) {
            for (int j = after.size() - 1; j >= 0; j--) {
                common[i][j] = before.get(i).equals(after.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        List<String> changed = new ArrayList<>();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            if (i < before.size() && j < after.size() && before.get(i).equals(after.get(j))) {
                showHidden(before.get(i), changed);
                i++;
                j++;
            } else if (j == after.size() || (i < before.size() && common[i + 1][j] >= common[i][j + 1])) {
                changed.add("- " + before.get(i++));
            } else {
                changed.add("+ " + after.get(j++));
            }
        }
        return changed;
    }

    /** Both sides of a secret value that changes look alike. */
    private static void showHidden(String line, List<String> changed) {
        if (line.contains("(hidden, another one)")) {
            changed.add("~ " + line);
        }
    }
}
