package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.Bench;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.run.RunningStep.Cause;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A deadline that the driver sees a moment before the runner does: the runner's interrupt then meets the look. */
class CarrierTest {
    private final StepRequested request =
            Bench.step(new TenantId("acme"), 1, 1, new Action.Stop(), Bench.target("app", "late", Map.of()));
    private final RunningStep step = new RunningStep(
            new Claim(1, 1, request, false),
            InstantSource.system(),
            Instant.MAX,
            new Secrets(Map.of()),
            new MemoryBackups());

    @AfterEach
    void clear() {
        Thread.interrupted();
    }

    @Test
    void looksOnceMoreWhereTheRunnerCutTheLookShortInPlaceOfTheAct() throws Exception {
        assertThat(carriedOut(Cause.DEADLINE)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void letsGoWhereTheLeaseIsLostDuringTheLook() {
        assertThatThrownBy(() -> carriedOut(Cause.LEASE_LOST)).isInstanceOf(InterruptedException.class);
    }

    private Outcome carriedOut(Cause duringTheLook) throws InterruptedException {
        step.on(Thread.currentThread());
        return Carrier.carryOut(
                new Late(duringTheLook), request, false, step, () -> step.extended(Duration.ofSeconds(10)));
    }

    /** Sees its deadline by itself; its first look is cancelled. */
    private final class Late implements Driver {
        private final Cause cause;

        Late(Cause cause) {
            this.cause = cause;
        }

        @Override
        public DriverName name() {
            return new DriverName("late");
        }

        @Override
        public Set<Class<? extends Action>> actions() {
            return Set.of(Action.Stop.class);
        }

        @Override
        public Outcome perform(StepRequested asked, Work work) {
            throw new Refused(Outcome.Failed.retryable(Failure.DEADLINE_PASSED, "it took too long", "wait"));
        }

        @Override
        public Look look(StepRequested asked, Work work) throws InterruptedException {
            step.cancel(cause);
            work.pause(Duration.ofMillis(1));
            return new Look.Done(Map.of(), "found done");
        }

        @Override
        public boolean repeatable(Action action) {
            return true;
        }
    }
}
