package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.step.Action;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A way forward that is looked over before it becomes a plan. */
record Proposal(Product product, Product.Procedure procedure, Crossed crossed, Targets targets, List<Step> forward) {
    Proposal {
        forward = List.copyOf(forward);
    }

    Wiring wiring() {
        return new Wiring(product);
    }

    /** Whether it leaves another schema than it finds. */
    boolean changesSchema() {
        return forward.stream().anyMatch(s -> s.action() instanceof Action.Migrate) || migratesByItself();
    }

    /** The databases whose schema it changes, by migrations of its own or of what it starts. */
    Set<ComponentName> migrated() {
        Stream<Optional<ComponentName>> bySteps = forward.stream()
                .filter(s -> s.action() instanceof Action.Migrate)
                .map(s -> Optional.ofNullable(s.uses().get(Wiring.DATABASE)));
        Stream<Optional<ComponentName>> byStarting = crossed.crossing().schemaChanges()
                ? forward.stream()
                        .filter(s -> s.starts().isPresent())
                        .flatMap(s -> wiring().moved(s.component()).stream())
                        .filter(targets::migratesOnStart)
                        .map(c -> wiring().role(c, Wiring.DATABASE))
                : Stream.empty();
        return Stream.concat(bySteps, byStarting)
                .flatMap(Optional::stream)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether something that it starts brings the schema up by itself. */
    boolean migratesByItself() {
        return crossed.crossing().schemaChanges()
                && forward.stream()
                        .filter(s -> s.starts().isPresent())
                        .flatMap(s -> wiring().moved(s.component()).stream())
                        .anyMatch(targets::migratesOnStart);
    }
}
