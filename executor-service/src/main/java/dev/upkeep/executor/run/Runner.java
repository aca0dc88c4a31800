package dev.upkeep.executor.run;

import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.ResultEvent.StepUncertain;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Backups;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.messaging.LogKeys;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Claims step runs, has drivers carry them out on virtual threads, and saves what came of them.
 *
 * <p>Ordering: a claim is committed before its driver acts; results that ended together are saved together, by one
 * thread, so that a step's begun is never said after its end.
 *
 * <p>Failure: while the database is away nothing new is claimed and results wait here. A driver whose lease can't be
 * renewed is cancelled before the lease runs out, since another executor may take it then. After a crash the lease
 * runs out and whoever claims the run looks before it acts.
 */
@ApplicationScoped
public class Runner {
    private static final Logger LOG = Logger.getLogger(Runner.class);
    private static final int LARGEST_BATCH = 500;
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration LOOK_AFTERWARDS = Duration.ofSeconds(10);
    private static final Duration RETRY = Duration.ofMillis(500);

    private final Ledger ledger;
    private final Drivers drivers;
    private final Backups backups;
    private final Secrets secrets;
    private final InstantSource clock;
    private final Settings settings;
    private final Meters meters;
    private final Map<Long, RunningStep> running = new ConcurrentHashMap<>();
    private final BlockingQueue<Word> toSay = new LinkedBlockingQueue<>();
    private final Semaphore news = new Semaphore(0);
    private final List<Thread> loops = new ArrayList<>();
    private volatile boolean stopping;
    private volatile @Nullable String trouble;

    /** Something for the one thread that writes to the ledger. */
    private sealed interface Word {
        record Began(RunningStep step) implements Word {}

        record Ending(RunningStep step, @Nullable Outcome outcome, Duration took) implements Word {}

        record Last() implements Word {}
    }

    Runner(
            Ledger ledger,
            Drivers drivers,
            Backups backups,
            Secrets secrets,
            InstantSource clock,
            Settings settings,
            Meters meters) {
        this.ledger = ledger;
        this.drivers = drivers;
        this.backups = backups;
        this.secrets = secrets;
        this.clock = clock;
        this.settings = settings;
        this.meters = meters;
    }

    void start(@Observes StartupEvent event) {
        loop("step-claimer", this::claimLoop);
        loop("step-ender", this::endLoop);
        loop("step-ticker", this::tickLoop);
        loop("lease-renewer", this::renewLoop);
    }

    private void loop(String name, Runnable body) {
        loops.add(Thread.ofVirtual().name(name).start(body));
    }

    /** Says that there are new step runs; returns at once. */
    public void wake() {
        if (news.availablePermits() == 0) {
            news.release();
        }
    }

    /** What keeps steps from being claimed or their results from being saved, null if nothing does. */
    public @Nullable String trouble() {
        return trouble;
    }

    // Claiming

    private void claimLoop() {
        while (!stopping) {
            try {
                int claimed = claimSome();
                trouble = null;
                if (claimed < LARGEST_BATCH / 2) {
                    news.tryAcquire(settings.poll().toMillis(), TimeUnit.MILLISECONDS);
                    news.drainPermits();
                }
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                troubled("can't claim steps", e);
            }
        }
    }

    private int claimSome() {
        Map<String, Integer> capacity = capacity();
        if (capacity.isEmpty()) {
            return 0;
        }
        Instant asked = clock.instant();
        List<Claim> claims = ledger.claim(capacity, settings.lease());
        claims.forEach(claim -> begin(claim, asked.plus(settings.lease())));
        return claims.size();
    }

    /** How many more steps of each driver may run now. */
    private Map<String, Integer> capacity() {
        Map<String, Integer> capacity = new HashMap<>(drivers.limits());
        running.values().forEach(step -> capacity.merge(driver(step), -1, Integer::sum));
        capacity.replaceAll((driver, free) -> Math.min(free, LARGEST_BATCH));
        capacity.values().removeIf(free -> free <= 0);
        return capacity;
    }

    private void begin(Claim claim, Instant leaseUntil) {
        RunningStep step = new RunningStep(claim, clock, leaseUntil, secrets.ofOneStep(), backups);
        if (running.putIfAbsent(claim.id(), step) != null) {
            // Our own lease ran out and the driver has not let go yet: nobody may act until it has.
            return;
        }
        meters.running(driver(step), 1);
        Thread.ofVirtual().name("step-" + claim.id()).start(() -> carryOut(step));
    }

    private void carryOut(RunningStep step) {
        StepRequested request = step.claim().request();
        step.on(Thread.currentThread());
        MDC.put("tenant", request.tenant().value());
        MDC.put("upgrade", request.upgrade().value());
        MDC.put("step", request.step().value());
        Outcome outcome = null;
        try {
            outcome = step.claim().superseded()
                    ? superseded()
                    : Carrier.carryOut(
                            drivers.get(request.target().driver()),
                            request,
                            step.claim().again(),
                            step,
                            () -> step.extended(LOOK_AFTERWARDS));
        } catch (InterruptedException cancelled) {
            if (step.cause() == RunningStep.Cause.SUPERSEDED) {
                outcome = superseded();
            }
        } catch (RuntimeException | Error e) {
            LOG.errorf("a step's thread failed: %s", Traced.of(e, step.secrets()));
            outcome = new Uncertain("the executor has a fault: " + e);
        } finally {
            step.off();
            step.cleanUp();
            outcome = outcome == null ? null : Sayable.of(outcome, step.secrets());
            log(request, outcome);
            MDC.clear();
        }
        toSay.add(new Word.Ending(step, outcome, Duration.between(step.began(), clock.instant())));
    }

    private static void log(StepRequested request, @Nullable Outcome outcome) {
        LogKeys.of("action", request.action().word()).log(() -> {
            switch (outcome) {
                case null -> LOG.info("let go of a step for another executor");
                case Done done -> LOG.infof("a step succeeded: %s", done.summary());
                case Failed failed -> LOG.warnf("a step failed: %s", failed.reason());
                case Uncertain uncertain -> LOG.warnf("a step ended, nobody can tell how: %s", uncertain.reason());
            }
        });
    }

    private static Outcome superseded() {
        return Failed.forGood(
                Failure.STALE_TOKEN,
                "the tenant has a higher token by now",
                "Nothing to do: a later attempt has taken over");
    }

    // Ending

    private void endLoop() {
        List<Word> words = new ArrayList<>();
        boolean last = false;
        while (!last) {
            try {
                if (words.isEmpty()) {
                    words.add(toSay.take());
                }
                toSay.drainTo(words, LARGEST_BATCH - words.size());
                last = words.stream().anyMatch(Word.Last.class::isInstance);
                say(words);
                words.clear();
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                // The results stay here; a lease that runs out meanwhile gives the step to whoever looks next.
                last = stopping && last;
                troubled("can't save what came of steps", e);
            }
        }
    }

    private void say(List<Word> words) {
        List<Claim> begun = new ArrayList<>();
        List<Claim> released = new ArrayList<>();
        List<Ended> ended = new ArrayList<>();
        for (Word word : words) {
            switch (word) {
                case Word.Began(RunningStep step) -> {
                    if (!step.over()) {
                        begun.add(step.claim());
                    }
                }
                case Word.Ending(RunningStep step, Outcome outcome, Duration took) -> {
                    step.setOver();
                    if (outcome != null) {
                        ended.add(new Ended(step.claim(), result(step.claim().request(), outcome, took)));
                    } else if (step.cause() == RunningStep.Cause.SHUTDOWN) {
                        released.add(step.claim());
                    }
                }
                case Word.Last() -> {}
            }
        }
        if (!begun.isEmpty()) {
            ledger.begun(begun);
        }
        if (!ended.isEmpty()) {
            ledger.end(ended);
        }
        if (!released.isEmpty()) {
            ledger.release(released);
        }
        for (Word word : words) {
            if (word instanceof Word.Ending(RunningStep step, Outcome outcome, Duration took)) {
                // Only now may another step take its place: what waits here to be saved is bounded by that.
                if (running.remove(step.claim().id(), step)) {
                    meters.running(driver(step), -1);
                    meters.finished(step.claim().request(), outcome, took);
                }
            }
        }
        if (!ended.isEmpty()) {
            wake();
        }
        trouble = null;
    }

    private static ResultEvent result(StepRequested r, Outcome outcome, Duration took) {
        return switch (outcome) {
            case Done(var found, var summary) ->
                new StepSucceeded(r.tenant(), r.upgrade(), r.step(), r.attempt(), r.token(), found, summary, took);
            case Failed(var code, var reason, var fix, var retryable) ->
                new StepFailed(
                        r.tenant(),
                        r.upgrade(),
                        r.step(),
                        r.attempt(),
                        r.token(),
                        code.word(),
                        reason,
                        fix,
                        retryable,
                        took);
            case Uncertain(var reason) ->
                new StepUncertain(r.tenant(), r.upgrade(), r.step(), r.attempt(), r.token(), reason);
        };
    }

    // Deadlines and leases

    private void tickLoop() {
        while (!stopping || !running.isEmpty()) {
            try {
                Instant now = clock.instant();
                running.values().forEach(step -> tick(step, now));
                TimeUnit.NANOSECONDS.sleep(TICK.toNanos());
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    /** Apart from the ticks: a database that does not answer must not keep deadlines from being seen. */
    private void renewLoop() {
        while (!stopping || !running.isEmpty()) {
            try {
                TimeUnit.NANOSECONDS.sleep(settings.lease().dividedBy(3).toNanos());
                renew(clock.instant());
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                troubled("can't renew leases", e);
            }
        }
    }

    private void tick(RunningStep step, Instant now) {
        if (step.over()) {
            return;
        }
        if (!now.isBefore(step.deadline())) {
            step.cancel(RunningStep.Cause.DEADLINE);
        }
        // A sixth of the lease is left for the driver to let go.
        if (!now.isBefore(step.leaseUntil().minus(settings.lease().dividedBy(6)))) {
            step.cancel(RunningStep.Cause.LEASE_LOST);
        }
        if (!now.isBefore(step.began().plus(settings.sayBegunAfter())) && step.tellBegun()) {
            toSay.add(new Word.Began(step));
        }
    }

    private void renew(Instant now) {
        Map<Claim, String> progress = new HashMap<>();
        Map<Claim, RunningStep> steps = new HashMap<>();
        running.values().forEach(step -> {
            if (!step.over()) {
                progress.put(step.claim(), Sayable.text(step.lastSaid(), step.secrets()));
                steps.put(step.claim(), step);
            }
        });
        if (progress.isEmpty()) {
            return;
        }
        Map<Claim, Boolean> held = ledger.renew(progress, settings.lease());
        steps.forEach((claim, step) -> {
            Boolean superseded = held.get(claim);
            if (superseded == null) {
                if (!step.over()) {
                    step.cancel(RunningStep.Cause.LEASE_LOST);
                }
            } else {
                step.leaseUntil(now.plus(settings.lease()));
                if (superseded) {
                    step.cancel(RunningStep.Cause.SUPERSEDED);
                }
            }
        });
    }

    private static String driver(RunningStep step) {
        return step.claim().request().target().driver().value();
    }

    private void troubled(String what, RuntimeException e) {
        String reason = what + ": " + e.getMessage();
        if (!reason.equals(trouble)) {
            LOG.warnf("%s, will try again", reason);
        }
        trouble = reason;
        try {
            TimeUnit.NANOSECONDS.sleep(RETRY.toNanos());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    // The end

    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        stopping = true;
        wake();
        Instant graceEnds = clock.instant().plus(settings.shutdownGrace());
        awaitNoneRunning(graceEnds);
        running.values().forEach(step -> step.cancel(RunningStep.Cause.SHUTDOWN));
        awaitNoneRunning(clock.instant().plus(settings.shutdownGrace()));
        toSay.add(new Word.Last());
        for (Thread loop : loops) {
            loop.join(settings.shutdownGrace());
        }
        if (!running.isEmpty()) {
            LOG.warnf("%d steps did not let go; their leases run out by themselves", running.size());
        }
        loops.forEach(Thread::interrupt);
    }

    private void awaitNoneRunning(Instant until) throws InterruptedException {
        while (!running.isEmpty() && clock.instant().isBefore(until)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
