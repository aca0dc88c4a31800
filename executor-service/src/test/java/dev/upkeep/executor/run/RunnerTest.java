package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.Bench;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RunnerTest {
    private final MemoryLedger ledger = new MemoryLedger();
    private final Hand hand = new Hand("hand");
    private final Hand many = new Hand("many");
    private final Runner runner = new Runner(
            ledger,
            new Drivers(List.of(hand, many), new Told()),
            new MemoryBackups(),
            new Secrets(Map.of()),
            InstantSource.system(),
            new Told(),
            new Meters(new SimpleMeterRegistry()));
    private boolean stopped;

    @AfterEach
    void stop() throws InterruptedException {
        hand.mayEnd.countDown();
        many.mayEnd.countDown();
        if (!stopped) {
            runner.stop(new ShutdownEvent());
        }
    }

    @Test
    void savesWhatEndedTogetherInOneTransaction() {
        for (int i = 0; i < 300; i++) {
            ledger.accept(i, request("t-" + i, "many"), 0);
        }
        runner.start(new StartupEvent());
        soon().until(() -> many.performed.get() == 300);

        // All of them end while nothing can be saved: however fast or slow this machine is, they are there together.
        ledger.setAway(true);
        many.mayEnd.countDown();
        soon().until(() -> many.now.get() == 0 && runner.trouble() != null);
        ledger.setAway(false);

        soon().untilAsserted(() -> assertThat(ledger.said())
                .filteredOn(StepSucceeded.class::isInstance)
                .hasSize(300));
        assertThat(ledger.groups()).hasSizeLessThan(30);
    }

    @Test
    void keepsResultsWhileTheDatabaseIsAway() throws Exception {
        ledger.accept(1, request("acme"), 0);
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();
        ledger.setAway(true);
        hand.mayEnd.countDown();
        soon().until(() -> runner.trouble() != null);

        ledger.setAway(false);

        soon().untilAsserted(() -> assertThat(ledger.said()).singleElement().isInstanceOf(StepSucceeded.class));
        soon().until(() -> runner.trouble() == null);
        assertThat(hand.performed).hasValue(1);
    }

    @Test
    void letsGoOfAStepWhoseLeaseAnotherHasTaken() throws Exception {
        ledger.accept(1, request("acme"), 0);
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();

        ledger.takenByAnother(1);

        assertThat(hand.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ledger.said()).noneMatch(result -> !(result instanceof StepStarted));
    }

    @Test
    void letsGoBeforeALeaseRunsOutThatItCantRenew() throws Exception {
        ledger.accept(1, request("acme"), 0);
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();
        long before = System.nanoTime();

        ledger.setAway(true);

        assertThat(hand.cancelled.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(new Told().lease());
        ledger.setAway(false);
    }

    @Test
    void endsAStepAsStaleWhenALaterAttemptHasCome() throws Exception {
        ledger.accept(1, request("acme"), 0);
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();

        ledger.supersede(1);

        soon().untilAsserted(() -> assertThat(ledger.said())
                .last()
                .isInstanceOfSatisfying(
                        StepFailed.class, failed -> assertThat(failed.code()).isEqualTo("stale-token")));
    }

    @Test
    void givesItsLeasesBackAtAShutdownAndLetsShortStepsEnd() throws Exception {
        ledger.accept(1, request("acme"), 0);
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();

        runner.stop(new ShutdownEvent());
        stopped = true;

        assertThat(ledger.claimable(1)).isTrue();
        assertThat(ledger.said()).noneMatch(result -> !(result instanceof StepStarted));
    }

    @Test
    void actsAgainAfterALookThatSaysNotDone() {
        hand.look = new Look.NotDone();
        assertThat(afterAnotherBegan()).isInstanceOf(StepSucceeded.class);
        assertThat(hand.performed).hasValue(1);
    }

    @Test
    void doesNotActAfterALookThatSaysDone() {
        hand.look = new Look.Done(Map.of("a", "b"), "found done");
        assertThat(afterAnotherBegan()).isInstanceOf(StepSucceeded.class);
        assertThat(hand.performed).hasValue(0);
    }

    @Test
    void neverActsAgainOnWhatCantBeToldAndIsNotRepeatable() {
        hand.look = new Look.Unknown("the target does not say");
        assertThat(afterAnotherBegan()).isInstanceOf(StepUncertain.class);
        assertThat(hand.performed).hasValue(0);
    }

    @Test
    void actsAgainOnWhatCantBeToldIfItIsRepeatable() {
        hand.look = new Look.Unknown("the target does not say");
        hand.repeatable = true;
        assertThat(afterAnotherBegan()).isInstanceOf(StepSucceeded.class);
        assertThat(hand.performed).hasValue(1);
    }

    @Test
    void neverCarriesOutMoreStepsOfADriverThanItMay() throws Exception {
        for (int i = 0; i < 20; i++) {
            ledger.accept(i, request("few-" + i, "hand"), 0);
        }
        runner.start(new StartupEvent());
        assertThat(hand.begun.await(10, TimeUnit.SECONDS)).isTrue();
        runner.wake();
        hand.mayEnd.countDown();

        soon().untilAsserted(() -> assertThat(ledger.said().stream().filter(r -> r instanceof StepSucceeded))
                .hasSize(20));
        assertThat(hand.most).hasValueLessThanOrEqualTo(Told.LIMIT);
    }

    @Test
    void savesWhatComesOfAStepWhoseDriverSaysMoreThanCanBeSaved() {
        hand.look = new Look.Done(Map.of("migrations.ran", "a\0".repeat(1_000_000)), "b\0".repeat(1_000_000));

        assertThat(afterAnotherBegan()).isInstanceOfSatisfying(StepSucceeded.class, succeeded -> {
            assertThat(succeeded.summary()).hasSizeLessThan(10_000).doesNotContain("\0");
            assertThat(succeeded.found().get("migrations.ran"))
                    .hasSizeLessThan(10_000)
                    .doesNotContain("\0");
        });
    }

    private Object afterAnotherBegan() {
        hand.mayEnd.countDown();
        ledger.accept(1, request("acme"), 1);
        runner.start(new StartupEvent());
        soon().untilAsserted(() -> assertThat(ledger.said()).isNotEmpty());
        return ledger.said().getFirst();
    }

    private static StepRequested request(String tenant) {
        return request(tenant, "hand");
    }

    private static StepRequested request(String tenant, String driver) {
        return Bench.step(
                new dev.upkeep.contract.TenantId(tenant),
                1,
                1,
                new Action.Stop(),
                Bench.target("app", driver, Map.of()));
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(20, TimeUnit.SECONDS).pollInterval(20, TimeUnit.MILLISECONDS);
    }

    /** A driver that waits until it may end. */
    private static final class Hand implements Driver {
        private final DriverName name;
        private final CountDownLatch mayEnd = new CountDownLatch(1);
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final AtomicInteger performed = new AtomicInteger();
        private final AtomicInteger now = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private volatile Look look = new Look.NotDone();
        private volatile boolean repeatable;

        Hand(String name) {
            this.name = new DriverName(name);
        }

        @Override
        public DriverName name() {
            return name;
        }

        @Override
        public Set<Class<? extends Action>> actions() {
            return Set.of(Action.Stop.class);
        }

        @Override
        public Outcome perform(StepRequested request, Work work) throws InterruptedException {
            performed.incrementAndGet();
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            begun.countDown();
            try {
                mayEnd.await();
            } catch (InterruptedException e) {
                cancelled.countDown();
                throw e;
            } finally {
                now.decrementAndGet();
            }
            return new Outcome.Done(Map.of(), "done");
        }

        @Override
        public Look look(StepRequested request, Work work) {
            return look;
        }

        @Override
        public boolean repeatable(Action action) {
            return repeatable;
        }
    }

    /** Short leases, so that the tests are. */
    private static final class Told implements Settings {
        private static final int LIMIT = 8;

        @Override
        public Optional<String> name() {
            return Optional.of("test");
        }

        @Override
        public Map<String, Integer> concurrency() {
            return new HashMap<>(Map.of("hand", LIMIT, "many", 500));
        }

        @Override
        public Duration lease() {
            return Duration.ofSeconds(3);
        }

        @Override
        public Duration poll() {
            return Duration.ofMillis(50);
        }

        @Override
        public Duration sayBegunAfter() {
            return Duration.ofMillis(500);
        }

        @Override
        public Duration shutdownGrace() {
            return Duration.ofMillis(500);
        }

        @Override
        public Path backups() {
            return Path.of("backups");
        }

        @Override
        public Optional<List<String>> backupKeys() {
            return Optional.empty();
        }

        @Override
        public Keep keep() {
            throw new AssertionError("no step asks for it");
        }

        @Override
        public Path reports() {
            return Path.of("reports");
        }

        @Override
        public Optional<Path> pgBin() {
            return Optional.empty();
        }

        @Override
        public Scratch scratch() {
            throw new AssertionError("nobody asks");
        }
    }
}
