package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How a product's components hang together.
 *
 * <p>Three roles mean something to the planner: {@code database} is what a component keeps its schema in, {@code server}
 * is the component that a database runs in, and {@code set} names what a component moves together with: what is done to
 * that one is done to each of its members.
 */
record Wiring(Product product) {
    static final String DATABASE = "database";
    static final String SERVER = "server";
    static final String SET = "set";

    private static final Set<String> RUNNING =
            Set.of(Actions.START.word(), Actions.REDEPLOY.word(), Actions.STOP.word());

    /**
     * A component's own roles and the step's, and what those components use in their turn. The set that it moves with is
     * no such component: what the others of the set use is nothing to this one.
     */
    Map<String, ComponentName> uses(ComponentName component, Map<String, ComponentName> ofStep) {
        Map<String, ComponentName> roles = new HashMap<>(uses(component));
        roles.putAll(ofStep);
        for (ComponentName used : List.copyOf(roles.values())) {
            Map<String, ComponentName> further = used.equals(roles.get(SET)) ? own(used) : uses(used);
            further.forEach(roles::putIfAbsent);
        }
        roles.values().removeIf(used -> used.equals(component));
        return roles;
    }

    /** The component itself, and those that move with it as a set. */
    Set<ComponentName> moved(ComponentName component) {
        Set<ComponentName> moved = new LinkedHashSet<>();
        members(component).forEach(moved::add);
        if (moved.isEmpty()) {
            moved.add(component);
        }
        return moved;
    }

    /** Who moves with a component as its set; none if it is no set. */
    List<ComponentName> members(ComponentName set) {
        return product.components().stream()
                .filter(c -> set.equals(c.uses().get(SET)))
                .map(Product.Component::name)
                .toList();
    }

    /** What a component plays a role for another, if it does. */
    Optional<ComponentName> role(ComponentName component, String role) {
        return Optional.ofNullable(uses(component).get(role));
    }

    /** Everything that must be there before a component, however far away. */
    Set<ComponentName> before(ComponentName component) {
        Set<ComponentName> before = new LinkedHashSet<>();
        addBefore(component, before);
        return before;
    }

    private void addBefore(ComponentName component, Set<ComponentName> before) {
        product.component(component).map(Product.Component::after).orElse(List.of()).stream()
                .filter(before::add)
                .forEach(earlier -> addBefore(earlier, before));
    }

    /** Everything that runs in a state of its own: what some procedure starts or stops. */
    Set<ComponentName> running() {
        Set<ComponentName> running = new LinkedHashSet<>();
        product.procedures().stream()
                .flatMap(p -> p.steps().stream())
                .filter(s -> RUNNING.contains(s.word()))
                .forEach(s -> running.addAll(moved(s.component())));
        return running;
    }

    Product.Cadence cadence(ComponentName component) {
        return product.component(component).map(Product.Component::cadence).orElse(Product.Cadence.PRODUCT);
    }

    /** A set uses what its members use. */
    private Map<String, ComponentName> uses(ComponentName component) {
        Map<String, ComponentName> roles = new HashMap<>(own(component));
        for (Product.Component member : product.components()) {
            if (component.equals(member.uses().get(SET))) {
                member.uses().forEach(roles::putIfAbsent);
                roles.remove(SET, component);
            }
        }
        return roles;
    }

    private Map<String, ComponentName> own(ComponentName component) {
        return product.component(component).map(Product.Component::uses).orElse(Map.of());
    }
}
