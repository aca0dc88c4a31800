package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.planner.core.Product;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reads a descriptor's components. */
final class ComponentDocument {
    private final JsonNode document;
    private final Components components;
    private final Problems problems;

    private ComponentDocument(JsonNode document, Components components, Problems problems) {
        this.document = document;
        this.components = components;
        this.problems = problems;
    }

    static void check(JsonNode document, Components components, Problems problems) {
        ComponentDocument reading = new ComponentDocument(document, components, problems);
        problems.unique(document, "/components", "name");
        Nodes.each(document.path("components"), "/components", reading::checkComponent);
        reading.checkCycles();
    }

    private void checkComponent(String pointer, JsonNode component) {
        String driver = component.path("driver").asText();
        if (component.has("driver") && !Drivers.all().containsKey(driver)) {
            problems.add(
                    pointer + "/driver",
                    "unknown driver '" + driver + "'",
                    "use one of "
                            + String.join(", ", new TreeSet<>(Drivers.all().keySet())));
        }
        components.checkEach(problems, pointer + "/after", component.path("after"));
        components.checkEach(problems, pointer + "/uses", component.path("uses"));
        problems.noSecretsInClear(pointer + "/settings", component.path("settings"));
        Settings.check(
                problems,
                pointer + "/settings",
                component.path("settings"),
                driver,
                setting -> isRead(component, setting));
        Settings.checkEngine(problems, pointer + "/settings", component.path("settings"));
    }

    private boolean isRead(JsonNode component, String setting) {
        String text = "{" + component.path("name").asText() + "." + setting + "}";
        return document.path("probes").toString().contains(text)
                || document.path("metrics").toString().contains(text);
    }

    private void checkCycles() {
        Set<String> done = new HashSet<>();
        Nodes.each(document.path("components"), "/components", (pointer, component) -> {
            List<String> cycle = cycleFrom(component.path("name").asText(), new LinkedHashSet<>(), done);
            if (!cycle.isEmpty()) {
                problems.add(
                        pointer + "/after",
                        "the order of components is a cycle: " + String.join(" → ", cycle),
                        "remove one of these from 'after'");
            }
        });
    }

    private List<String> cycleFrom(String name, LinkedHashSet<String> path, Set<String> done) {
        if (done.contains(name)) {
            return List.of();
        }
        if (!path.add(name)) {
            List<String> cycle = new ArrayList<>(path);
            List<String> found = new ArrayList<>(cycle.subList(cycle.indexOf(name), cycle.size()));
            found.add(name);
            return found;
        }
        JsonNode component = components.byName().get(name);
        List<String> found = List.of();
        if (component != null) {
            for (JsonNode before : component.path("after")) {
                found = found.isEmpty() ? cycleFrom(before.asText(), path, done) : found;
            }
        }
        path.remove(name);
        done.add(name);
        return found;
    }

    static Product.Component component(JsonNode node) {
        return new Product.Component(
                new ComponentName(node.get("name").asText()),
                new DriverName(node.get("driver").asText()),
                Nodes.names(node.path("after")),
                Nodes.roles(node.path("uses")),
                Nodes.texts(node.path("settings")),
                Nodes.constant(node, "cadence", Product.Cadence.PRODUCT));
    }
}
