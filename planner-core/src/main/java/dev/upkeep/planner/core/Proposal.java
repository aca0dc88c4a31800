package dev.upkeep.planner.core;

import dev.upkeep.contract.step.Action;
import java.util.List;

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

    /** Whether something that it starts brings the schema up by itself. */
    boolean migratesByItself() {
        return crossed.crossing().schemaChanges()
                && forward.stream()
                        .filter(s -> s.starts().isPresent())
                        .flatMap(s -> wiring().moved(s.component()).stream())
                        .anyMatch(targets::migratesOnStart);
    }
}
