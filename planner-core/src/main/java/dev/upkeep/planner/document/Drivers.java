package dev.upkeep.planner.document;

import dev.upkeep.planner.core.Actions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Which drivers there are, what each can do, and what it must be told: the executor's table, as the planner knows it. */
final class Drivers {
    /** What the verifier judges and what a person does needs no driver. */
    private static final Set<Actions> NOT_EXECUTED =
            Set.of(Actions.BASELINE, Actions.VERIFY_SHUT, Actions.VERIFY_OPEN, Actions.ASK);

    /** What every platform that runs containers or charts can do to one of its workloads. */
    private static final Set<String> WORKLOAD = Set.of(
            "check-settings",
            "backup-configuration",
            "snapshot-key",
            "pause-work",
            "drain",
            "fetch-artifact",
            "dry-run",
            "stop",
            "migrate",
            "start",
            "redeploy",
            "run-task",
            "run-tasks",
            "resume-work");

    /** What the driver {@code command} can do although no command is named for it. */
    private static final Set<String> WITHOUT_COMMAND = Set.of("run-task", "run-tasks", "end-capture");

    private static final Set<String> KEEPS_KEYS = Set.of("compose", "podman-make", "kubernetes", "helm");

    private static final Map<String, Set<String>> MIGRATES = Map.of("migrate", Set.of("database", "artifact"));

    private static final Map<String, Driver> ALL = Map.ofEntries(
            Map.entry(
                    "postgresql",
                    new Driver(
                            Set.of(
                                    "check-capacity",
                                    "check-compatibility",
                                    "check-schema",
                                    "backup-database",
                                    "prove-backup",
                                    "end-capture"),
                            Set.of("url", "user", "password"),
                            Map.of())),
            Map.entry("migrate", new Driver(Set.of("migrate"), Set.of(), MIGRATES)),
            Map.entry(
                    "process",
                    new Driver(
                            Set.of("fetch-artifact", "stop", "start", "redeploy"),
                            Set.of("home", "command"),
                            Map.of())),
            Map.entry("gate", new Driver(Set.of("park-traffic", "drain", "open-traffic"), Set.of("admin"), Map.of())),
            Map.entry(
                    "command",
                    new Driver(
                            Set.of(
                                    "check-settings",
                                    "check-compatibility",
                                    "backup-database",
                                    "end-capture",
                                    "backup-configuration",
                                    "snapshot-key",
                                    "pause-work",
                                    "dry-run",
                                    "teardown",
                                    "run-task",
                                    "run-tasks",
                                    "resume-work"),
                            Set.of("home"),
                            Map.of())),
            Map.entry(
                    "kafka",
                    new Driver(
                            Set.of("backup-database", "end-capture", "drain"),
                            Set.of("home", "bootstrap", "topics"),
                            Map.of())),
            Map.entry("compose", new Driver(and("teardown"), Set.of("project", "service"), MIGRATES)),
            Map.entry("podman-make", new Driver(and("teardown"), Set.of("directory"), MIGRATES)),
            Map.entry("kubernetes", new Driver(WORKLOAD, Set.of("namespace", "workload"), MIGRATES)),
            Map.entry("helm", new Driver(WORKLOAD, Set.of("namespace", "release", "chart"), MIGRATES)),
            Map.entry("manual", new Driver(Set.of("ask"), Set.of(), Map.of())),
            Map.entry("rehearsal", new Driver(executed(), Set.of(), Map.of())));

    private Drivers() {}

    /**
     * One of them.
     *
     * @param actions the words of a way forward that it carries out
     * @param settings the keys that descriptor or tenant must set
     * @param roles by action, the components that it needs besides its own
     */
    record Driver(Set<String> actions, Set<String> settings, Map<String, Set<String>> roles) {
        /** Whether it carries an action out, or has nothing to do with it. */
        boolean canDo(String word) {
            return actions.contains(word) || !isExecuted(word);
        }
    }

    /**
     * The setting without which a driver can't carry an action out on the way forward, where it is not one that the driver
     * needs anyway; either of them, if there are two.
     */
    static List<String> settingsFor(String driver, String word) {
        if (driver.equals("command")) {
            return WITHOUT_COMMAND.contains(word) ? List.of() : List.of("do." + word);
        }
        if (driver.equals("kafka")) {
            return word.equals("drain") ? List.of("group") : List.of();
        }
        return word.equals("snapshot-key") && KEEPS_KEYS.contains(driver)
                ? List.of("key", "do.snapshot-key")
                : List.of();
    }

    /** Whether a driver is needed: what is judged or asked for is not carried out by one. */
    static boolean isExecuted(String word) {
        return Actions.of(word).filter(NOT_EXECUTED::contains).isEmpty();
    }

    static Map<String, Driver> all() {
        return ALL;
    }

    private static Set<String> and(String further) {
        Set<String> actions = new HashSet<>(WORKLOAD);
        actions.add(further);
        return Set.copyOf(actions);
    }

    private static Set<String> executed() {
        return Arrays.stream(Actions.values())
                .filter(action -> !NOT_EXECUTED.contains(action))
                .map(Actions::word)
                .collect(Collectors.toSet());
    }
}
