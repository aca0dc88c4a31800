package dev.upkeep.planner.runbook;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a runbook's reader must set before the first command, because nobody told the planner. */
final class Needs {
    private final Map<String, String> variables = new LinkedHashMap<>();

    /** The word that stands for something unknown; the shell stops there as long as it is not set. */
    String variable(String name, String what) {
        String variable = Shell.variable(name);
        variables.putIfAbsent(variable, what);
        return "\"${" + variable + ":?}\"";
    }

    /** By variable, what it is to hold. */
    Map<String, String> variables() {
        return variables;
    }
}
