package dev.upkeep.verifier.desk;

import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.messaging.LogKeys;
import dev.upkeep.messaging.Transactions;
import dev.upkeep.verifier.core.Bake;
import dev.upkeep.verifier.core.Reading;
import dev.upkeep.verifier.probe.Eyes;
import dev.upkeep.verifier.store.Bakes;
import dev.upkeep.verifier.store.Observations;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bakes that are due, looks at their tenants on virtual threads, and brings what was seen to the bench.
 *
 * <p>Failure: a look that can't be saved is lost and taken again under a new lease; several verifiers share the work.
 */
@ApplicationScoped
public class Lookout {
    private static final Logger LOG = Logger.getLogger(Lookout.class);
    private static final int MOST_AT_ONCE = 64;
    private static final Duration EVERY = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String owner = UUID.randomUUID().toString();
    private final ExecutorService lookers = Executors.newVirtualThreadPerTaskExecutor();
    private final Mutiny.SessionFactory sessions;
    private final Transactions transactions;
    private final Bakes bakes;
    private final Observations observations;
    private final Bench bench;
    private final Eyes eyes;
    private final InstantSource clock;
    private final Duration lease;
    private final Duration kept;
    private @Nullable Thread thread;
    private String trouble = "";

    Lookout(
            Mutiny.SessionFactory sessions,
            Transactions transactions,
            Bakes bakes,
            Observations observations,
            Bench bench,
            Eyes eyes,
            InstantSource clock,
            @ConfigProperty(name = "upkeep.verifier.lease") Duration lease,
            @ConfigProperty(name = "upkeep.verifier.observations-kept") Duration kept) {
        this.sessions = sessions;
        this.transactions = transactions;
        this.bakes = bakes;
        this.observations = observations;
        this.bench = bench;
        this.eyes = eyes;
        this.clock = clock;
        this.lease = lease;
        this.kept = kept;
    }

    void start(@Observes StartupEvent started) {
        thread = Thread.ofPlatform().name("lookout").daemon().start(this::run);
    }

    void stop(@Observes ShutdownEvent stopped) throws InterruptedException {
        lookers.shutdownNow();
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            running.join(5_000);
        }
    }

    /** Takes what is due until it is interrupted; a database that is away is asked again. */
    private void run() {
        try {
            while (true) {
                takeTheDue();
                TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
            }
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    private void takeTheDue() throws InterruptedException {
        try {
            List<Bake> due = transactions.run(PATIENCE, session -> bakes.take(session, owner, lease, MOST_AT_ONCE));
            due.forEach(bake -> lookers.execute(() -> look(bake)));
            trouble = "";
        } catch (ExecutionException | TimeoutException failure) {
            if (trouble.isEmpty()) {
                LOG.warnv("bakes can''t be taken, it tries again: {0}", failure);
            }
            trouble = failure.toString();
        }
    }

    @Scheduled(every = "60s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> prune() {
        return sessions.withTransaction(session -> observations.prune(session, kept))
                .replaceWithVoid();
    }

    private void look(Bake bake) {
        BakeRequested asked = bake.asked();
        try {
            Instant at = clock.instant();
            List<Watch> watches = asked.purpose() == Purpose.SHUT ? List.of() : asked.watches();
            List<Reading> readings = eyes.look(asked.probes(), watches);
            transactions.run(PATIENCE, session -> bench.looked(session, asked, owner, readings, at));
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException failure) {
            // Taken again when the lease has run out.
            LogKeys.of("tenant", asked.tenant(), "upgrade", asked.upgrade(), "step", asked.step())
                    .log(() -> LOG.warnf(failure, "a look was lost, another one follows"));
        }
    }
}
