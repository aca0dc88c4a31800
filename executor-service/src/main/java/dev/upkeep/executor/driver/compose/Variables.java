package dev.upkeep.executor.driver.compose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.executor.driver.EnvFile;
import java.util.Map;
import java.util.TreeMap;

/** Which variables a service has: those of the project's {@code .env}, and those that its definition gives it. */
final class Variables {
    private Variables() {}

    /** By name, whether it has a value: an empty one does for nothing that is required. Values are never told. */
    static Map<String, Boolean> of(Project project, JsonNode definition) {
        Map<String, Boolean> set = new TreeMap<>();
        EnvFile.read(project.variables()).forEach((name, value) -> set.put(name, !value.isEmpty()));
        definition
                .path("services")
                .path(project.service())
                .path("environment")
                .properties()
                .forEach(e -> set.merge(
                        e.getKey(),
                        !e.getValue().isNull() && !e.getValue().asText().isEmpty(),
                        Boolean::logicalOr));
        return set;
    }
}
