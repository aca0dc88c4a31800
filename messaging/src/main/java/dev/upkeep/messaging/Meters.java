package dev.upkeep.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.atomic.AtomicLong;

/** The figures of the inbox and the outbox. */
@ApplicationScoped
class Meters {
    private final MeterRegistry registry;
    private final Counter relayed;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong parked = new AtomicLong();

    Meters(MeterRegistry registry) {
        this.registry = registry;
        relayed = registry.counter("upkeep_outbox_relayed");
        Gauge.builder("upkeep_outbox_waiting", waiting, AtomicLong::doubleValue).register(registry);
        Gauge.builder("upkeep_parked_keys", parked, AtomicLong::doubleValue).register(registry);
    }

    void relayed(int records) {
        relayed.increment(records);
    }

    void waiting(long rows) {
        waiting.set(rows);
    }

    void parked(long keys) {
        parked.set(keys);
    }

    void handled(String consumer, int records) {
        registry.counter("upkeep_inbox_handled", "consumer", consumer).increment(records);
    }

    void duplicates(String consumer, int records) {
        registry.counter("upkeep_inbox_duplicates", "consumer", consumer).increment(records);
    }

    void deadLettered(String consumer) {
        registry.counter("upkeep_deadletters", "consumer", consumer).increment();
    }
}
