package dev.upkeep.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
    @TempDir
    Path directory;

    @Test
    void staysDrainedOnceItIsParkedAndNothingIsInFlight() throws Exception {
        // Given: callers that enter and leave as fast as they can, and note when they entered a drained gate
        Gate gate = new Gate(new PositionFile(directory), InstantSource.system());
        AtomicBoolean drained = new AtomicBoolean();
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger entered = new AtomicInteger();
        AtomicInteger late = new AtomicInteger();
        List<Future<?>> callers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 4; i++) {
                callers.add(threads.submit(() -> {
                    while (!stop.get()) {
                        if (gate.enter()) {
                            entered.incrementAndGet();
                            if (drained.get()) {
                                late.incrementAndGet();
                            }
                            gate.left();
                        } else {
                            LockSupport.parkNanos(20_000);
                        }
                    }
                }));
            }
            for (int round = 1; round <= 100; round++) {
                // When
                gate.obey(new Order(State.PARKED, 2L * round, 5));
                while (gate.inFlight() > 0) {
                    Thread.onSpinWait();
                }
                drained.set(true);
                Thread.yield();
                drained.set(false);
                gate.obey(new Order(State.OPEN, 2L * round + 1, 5));
            }
            stop.set(true);
            for (Future<?> caller : callers) {
                caller.get(10, TimeUnit.SECONDS);
            }
        }
        // Then
        assertThat(entered).hasPositiveValue();
        assertThat(late).hasValue(0);
        assertThat(gate.inFlight()).isZero();
    }
}
