package dev.upkeep.planner.document;

import java.util.Map;
import java.util.Set;

/** Which drivers there are, what each can do, and what it must be told: the executor's table, as the planner knows it. */
final class Drivers {
    private static final Set<String> EXECUTED = Set.of(
            "check-capacity",
            "check-schema",
            "backup-database",
            "prove-backup",
            "end-capture",
            "park-traffic",
            "drain",
            "fetch-artifact",
            "stop",
            "migrate",
            "start",
            "redeploy",
            "run-task",
            "open-traffic");

    private static final Map<String, Driver> ALL = Map.of(
            "postgresql",
            new Driver(
                    Set.of("check-capacity", "check-schema", "backup-database", "prove-backup", "end-capture"),
                    Set.of("url", "user", "password"),
                    Map.of()),
            "migrate",
            new Driver(Set.of("migrate"), Set.of(), Map.of("migrate", Set.of("database", "artifact"))),
            "process",
            new Driver(Set.of("fetch-artifact", "stop", "start", "redeploy"), Set.of("home", "command"), Map.of()),
            "gate",
            new Driver(Set.of("park-traffic", "drain", "open-traffic"), Set.of("admin"), Map.of()),
            "command",
            new Driver(Set.of("run-task"), Set.of("home"), Map.of()),
            "manual",
            new Driver(Set.of("ask"), Set.of(), Map.of()),
            "rehearsal",
            new Driver(EXECUTED, Set.of(), Map.of()));

    private Drivers() {}

    /**
     * One of them.
     *
     * @param actions the words of a way forward that it carries out
     * @param settings the keys that descriptor or tenant must set
     * @param roles by action, the components that it needs besides its own
     */
    record Driver(Set<String> actions, Set<String> settings, Map<String, Set<String>> roles) {}

    static Map<String, Driver> all() {
        return ALL;
    }
}
