package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action.Moment;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Who serves what at one moment of a plan.
 *
 * @param when the moment, for a person: {@code after start app 1.1.0}
 * @param serving by component, the versions of it that run: none while it is stopped, two while one replaces the other
 * @param schema how the database can be found: both ways while migrations run
 * @param silent what does not talk with the rest: its users were asked to stop it or to bring it along
 * @param parked the gates whose traffic is parked
 * @param arrived what this way has brought to where it goes, so far
 */
record Standing(
        String when,
        Map<ComponentName, Set<Version>> serving,
        Set<Moment> schema,
        Set<ComponentName> silent,
        Set<ComponentName> parked,
        Set<ComponentName> arrived) {
    Standing {
        serving = Map.copyOf(serving);
        schema = Set.copyOf(schema);
        silent = Set.copyOf(silent);
        parked = Set.copyOf(parked);
        arrived = Set.copyOf(arrived);
    }

    /** The versions of a component that run. */
    Set<Version> of(ComponentName component) {
        return serving.getOrDefault(component, Set.of());
    }

    /** Whether a component is there and stopped. */
    boolean isDown(ComponentName component) {
        return serving.containsKey(component) && of(component).isEmpty();
    }

    Standing serving(String at, Set<ComponentName> components, Set<Version> versions) {
        Map<ComponentName, Set<Version>> next = new HashMap<>(serving);
        components.stream().filter(serving::containsKey).forEach(c -> next.put(c, versions));
        return new Standing(at, next, schema, silent, parked, arrived);
    }

    Standing schema(String at, Moment first, Moment... rest) {
        return new Standing(at, serving, EnumSet.of(first, rest), silent, parked, arrived);
    }

    Standing silencing(String at, ComponentName component) {
        return new Standing(at, serving, schema, with(silent, Set.of(component)), parked, arrived);
    }

    Standing parking(String at, ComponentName gate) {
        return new Standing(at, serving, schema, silent, with(parked, Set.of(gate)), arrived);
    }

    Standing opening(String at, ComponentName gate) {
        Set<ComponentName> left = new HashSet<>(parked);
        left.remove(gate);
        return new Standing(at, serving, schema, silent, left, arrived);
    }

    Standing arriving(Set<ComponentName> components) {
        return new Standing(when, serving, schema, silent, parked, with(arrived, components));
    }

    /** The same, as it is where another way begins. */
    Standing setOut(String at) {
        return new Standing(at, serving, schema, silent, parked, Set.of());
    }

    private static Set<ComponentName> with(Set<ComponentName> some, Set<ComponentName> more) {
        Set<ComponentName> all = new HashSet<>(some);
        all.addAll(more);
        return all;
    }
}
