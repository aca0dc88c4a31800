package dev.upkeep.planner.desk;

import dev.upkeep.contract.wire.Wire;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;

/** Counts what is decided; a transaction that has to be run again counts again. */
@ApplicationScoped
class Meters {
    private final MeterRegistry registry;

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    void count(Batch batch) {
        batch.says()
                .forEach(said -> registry.counter("upkeep_events_said", "type", Wire.type(said.event()))
                        .increment());
        registry.summary("upkeep_upgrades_batched").record(batch.upgrades().size());
    }
}
