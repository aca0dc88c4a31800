package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** The components of a descriptor, as far as its other parts refer to them. */
record Components(Map<String, JsonNode> byName) {
    static Components of(JsonNode document) {
        Map<String, JsonNode> byName = new LinkedHashMap<>();
        Nodes.each(
                document.path("components"),
                "",
                (pointer, component) ->
                        byName.putIfAbsent(component.path("name").asText(), component));
        return new Components(byName);
    }

    boolean has(String name) {
        return byName.containsKey(name);
    }

    void check(Problems problems, String pointer, JsonNode name) {
        if (!has(name.asText())) {
            problems.add(
                    pointer,
                    "unknown component '" + name.asText() + "'",
                    "use one of " + String.join(", ", byName.keySet()));
        }
    }

    void checkEach(Problems problems, String pointer, JsonNode names) {
        Nodes.each(names, pointer, (at, name) -> check(problems, at, name));
        Nodes.eachValue(names, pointer, (at, name) -> check(problems, at, name));
    }
}
