package dev.upkeep.executor.driver.compose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which variables a service has: those of the project's {@code .env}, and those that its definition gives it. */
final class Variables {
    private static final Pattern LINE = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)\\s*=(.*)");

    private Variables() {}

    /** By name, whether it has a value: an empty one does for nothing that is required. Values are never told. */
    static Map<String, Boolean> of(Project project, JsonNode definition) {
        Map<String, Boolean> set = new TreeMap<>();
        try {
            for (String line :
                    Files.exists(project.variables()) ? Files.readAllLines(project.variables()) : List.<String>of()) {
                Matcher variable = LINE.matcher(line);
                if (variable.matches()) {
                    set.put(
                            variable.group(1),
                            !variable.group(2)
                                    .strip()
                                    .replaceAll("^(['\"])\\1$", "")
                                    .isEmpty());
                }
            }
        } catch (IOException e) {
            throw Artifacts.trouble("can't read " + project.variables(), e);
        }
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

    static Outcome check(Action.CheckSettings check, Project project, Map<String, Boolean> set) {
        List<String> missing = check.required().stream()
                .filter(name -> !set.getOrDefault(name, false))
                .toList();
        if (!missing.isEmpty()) {
            return Failed.forGood(
                    Failure.SETTING_MISSING,
                    project.service() + " needs " + String.join(", ", missing) + ", and nothing sets it",
                    "Set it in " + project.variables() + ", then retry");
        }
        List<String> stale = check.gone().stream().filter(set::containsKey).toList();
        return new Done(
                stale.isEmpty() ? Map.of() : Map.of(Fact.SETTINGS_STALE, String.join(",", stale)),
                "every setting that it needs is set"
                        + (stale.isEmpty() ? "" : "; nothing reads " + String.join(", ", stale) + " any more"));
    }
}
