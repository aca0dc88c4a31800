package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.step.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Under which names a hop keeps what its steps find.
 *
 * <p>What is found about the hop's own database goes by its plain name, and about another one under the component's, as
 * in {@code backup.before@events}. So does everything that each component has of its own.
 */
final class Facts {
    private static final List<String> OF_A_DATABASE = List.of("schema.", "migrations.", "backup.", "capture.", "gap.");
    private static final List<String> OF_A_COMPONENT = List.of("configuration.", "key.", "settings.", "dry-run.");
    /** What goes to people and not to later steps. */
    private static final List<String> FOR_PEOPLE = List.of(Evidence.PREFIX, "dry-run.");

    private Facts() {}

    /** The name under which a fact about a component is kept. */
    static String name(Plan plan, ComponentName component, String name) {
        boolean own = isAny(OF_A_COMPONENT, name)
                || (isAny(OF_A_DATABASE, name)
                        && plan.database().filter(component::equals).isEmpty());
        return own ? name + "@" + component : name;
    }

    /** Keeps what a step found. What was so before the change stays what it was, whatever a later step reports. */
    static void keep(Map<String, String> facts, Plan plan, Step step, Map<String, String> found) {
        found.forEach((name, value) -> {
            String kept = name(plan, step.component(), name);
            if (name.endsWith(".before") || name.equals(Fact.KEY_FINGERPRINT)) {
                facts.putIfAbsent(kept, value);
            } else if (!name.equals(Fact.SCHEMA_KNOWN)) {
                facts.put(kept, value);
            }
        });
    }

    /** The facts that go with a step: its component's own by their plain names, and those of no other. */
    static Map<String, String> forExecutors(Step step, Map<String, String> facts) {
        Map<String, String> told = new HashMap<>();
        String mine = "@" + step.component();
        facts.forEach((name, value) -> {
            if (!name.contains("@") && !isAny(FOR_PEOPLE, name)) {
                told.putIfAbsent(name, value);
            }
        });
        facts.forEach((name, value) -> {
            if (name.endsWith(mine) && !isAny(FOR_PEOPLE, name)) {
                told.put(name.substring(0, name.length() - mine.length()), value);
            }
        });
        return told;
    }

    private static boolean isAny(List<String> families, String name) {
        return families.stream().anyMatch(name::startsWith);
    }
}
