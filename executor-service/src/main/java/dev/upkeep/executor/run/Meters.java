package dev.upkeep.executor.run;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Outcome;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The figures of steps. */
@ApplicationScoped
class Meters {
    private final MeterRegistry registry;
    private final Map<String, AtomicInteger> running = new ConcurrentHashMap<>();

    Meters(MeterRegistry registry) {
        this.registry = registry;
    }

    void running(String driver, int change) {
        running.computeIfAbsent(driver, name -> {
                    AtomicInteger count = new AtomicInteger();
                    Gauge.builder("upkeep_steps_running", count, AtomicInteger::doubleValue)
                            .tag("driver", name)
                            .register(registry);
                    return count;
                })
                .addAndGet(change);
    }

    void finished(StepRequested request, @Nullable Outcome outcome, Duration took) {
        String driver = request.target().driver().value();
        String action = request.action().word();
        registry.counter("upkeep_steps_finished", "driver", driver, "action", action, "outcome", word(outcome))
                .increment();
        registry.timer("upkeep_steps_run", "driver", driver, "action", action).record(took);
    }

    void deleted(boolean done) {
        registry.counter("upkeep_backups_deleted", "outcome", done ? "done" : "failed")
                .increment();
    }

    private static String word(@Nullable Outcome outcome) {
        return switch (outcome) {
            case null -> "let-go";
            case Outcome.Done done -> "succeeded";
            case Outcome.Failed failed -> "failed";
            case Outcome.Uncertain uncertain -> "uncertain";
        };
    }
}
