package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Placeholders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** What a component's settings can say, as far as it is known; what a probe reads of them may have any name. */
final class Settings {
    private static final String ENGINE = "engine";
    private static final String COMMAND = "command";

    /** What is read by the planner, or by the component's driver as one of a few words. */
    private static final Map<String, List<String>> WORDS =
            Map.of("migrates", List.of("on-start"), "reverts", List.of("last"), ENGINE, List.of("flyway", COMMAND));

    private static final Set<String> OF_ALL = Set.of("migrates", "reverts", "driver");

    /** What a driver reads besides what it needs. */
    private static final Map<String, Set<String>> FURTHER = Map.of(
            "postgresql", Set.of("data-directory", "history-table"),
            "migrate", Set.of(ENGINE, "location", "table", "lock-timeout", COMMAND, "revert-command"),
            "process", Set.of("port", "host", "stop-within", "java"),
            "compose",
                    Set.of(
                            "file",
                            "override",
                            "image-variable",
                            "files",
                            "migrate",
                            "migration-line",
                            "migration-failure",
                            "tag-variable",
                            "checkout",
                            "volume",
                            "key"),
            "podman-make",
                    Set.of(
                            "tag-variable",
                            "volume",
                            "pod",
                            "pods",
                            "pod-prefix",
                            "definition",
                            "profile",
                            "login",
                            "registry-user",
                            "registry-password",
                            "files",
                            "again",
                            "migration-line",
                            "migration-failure",
                            "key"),
            "kubernetes",
                    Set.of(
                            "container",
                            "kustomize",
                            "max-surge",
                            "max-unavailable",
                            "drain",
                            "replicas",
                            COMMAND,
                            "keep-jobs",
                            "kubeconfig",
                            "registry-user",
                            "registry-password",
                            "context",
                            "key"),
            "helm",
                    Set.of(
                            "values",
                            "repository",
                            "max-surge",
                            "max-unavailable",
                            "kubeconfig",
                            "registry-user",
                            "registry-password",
                            "context",
                            "key"));

    /** What stands for something in a command, whichever driver runs it. */
    private static final Set<String> IN_COMMANDS = Set.of(
            "java", "artifact", "version", "home", "port", "from", "to", "tenant", "upgrade", "migration", "major");

    private Settings() {}

    /** Adds what is wrong with settings that are written at a place. */
    static void check(Problems problems, String pointer, JsonNode settings, String driver, Predicate<String> isRead) {
        settings.properties().forEach(setting -> {
            String name = setting.getKey();
            String value = setting.getValue().asText();
            String at = pointer + "/" + Kind.escaped(name);
            List<String> words = WORDS.getOrDefault(name, List.of());
            if (!words.isEmpty() && !words.contains(value)) {
                problems.add(
                        at,
                        "'" + value + "' is nothing that '" + name + "' can be",
                        "write " + String.join(" or ", words) + ", or remove the setting");
            }
            misspelt(name, driver)
                    .filter(meant -> !isRead.test(name))
                    .ifPresent(meant -> problems.add(
                            at,
                            "driver '" + driver + "' knows no setting '" + name + "', and no probe or metric reads it",
                            "did you mean '" + meant + "'?"));
            if (isCommand(name)) {
                Placeholders.names(value).stream()
                        .filter(placeholder -> !IN_COMMANDS.contains(placeholder))
                        .forEach(placeholder -> problems.add(
                                at,
                                "{" + placeholder + "} stands for nothing in a command",
                                "write what it should be, or one of " + String.join(", ", new TreeSet<>(IN_COMMANDS))
                                        + " in braces"));
            }
        });
    }

    /** Adds that the engine is a command and there is none. */
    static void checkEngine(Problems problems, String pointer, JsonNode settings) {
        if (settings.path(ENGINE).asText().equals(COMMAND) && !settings.has(COMMAND)) {
            problems.add(
                    pointer + "/" + COMMAND,
                    "the engine is a command, and there is no 'command'",
                    "add 'command': what migrates, or remove 'engine' if Flyway does");
        }
    }

    private static boolean isCommand(String name) {
        return name.equals(COMMAND)
                || name.equals("revert-command")
                || name.startsWith("task.")
                || name.startsWith("do.");
    }

    /** The setting that is most likely meant by one that a driver does not know; nothing if it knows it, or may. */
    static Optional<String> misspelt(String name, String driver) {
        Drivers.Driver known = Drivers.all().get(driver);
        if (known == null || !FURTHER.containsKey(driver) || name.contains(".")) {
            return Optional.empty();
        }
        Set<String> all = new TreeSet<>(OF_ALL);
        Drivers.all().values().forEach(d -> all.addAll(d.settings()));
        FURTHER.values().forEach(all::addAll);
        if (all.contains(name)) {
            return Optional.empty();
        }
        List<String> own = new ArrayList<>(known.settings());
        own.addAll(FURTHER.getOrDefault(driver, Set.of()));
        own.addAll(OF_ALL);
        return Kind.closest(own.stream().sorted().toList(), name);
    }
}
