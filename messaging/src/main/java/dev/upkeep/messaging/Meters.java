package dev.upkeep.messaging;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The figures of the inbox and the outbox; docs/reference/metrics.md says what each means. */
@ApplicationScoped
class Meters {
    private final MeterRegistry registry;
    private final Counter relayed;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong parked = new AtomicLong();
    private final Map<String, AtomicLong> inboxWaiting = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
        relayed = registry.counter("upkeep_outbox_relayed");
        Gauge.builder("upkeep_outbox_waiting", waiting, AtomicLong::doubleValue).register(registry);
        Gauge.builder("upkeep_keys_parked", parked, AtomicLong::doubleValue).register(registry);
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

    void inboxWaiting(String channel, long records) {
        inboxWaiting
                .computeIfAbsent(channel, name -> {
                    AtomicLong count = new AtomicLong();
                    Gauge.builder("upkeep_inbox_waiting", count, AtomicLong::doubleValue)
                            .tag("channel", name)
                            .register(registry);
                    return count;
                })
                .set(records);
    }

    void handled(String consumer, int records) {
        registry.counter("upkeep_inbox_handled", "consumer", consumer).increment(records);
    }

    void repeated(String consumer, int records) {
        registry.counter("upkeep_inbox_repeated", "consumer", consumer).increment(records);
    }

    void deadLettered(String consumer) {
        registry.counter("upkeep_deadletters_written", "consumer", consumer).increment();
    }
}
