package dev.upkeep.verifier.desk;

import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.verifier.core.Bake;
import dev.upkeep.verifier.core.Reading;
import dev.upkeep.verifier.probe.Eyes;
import dev.upkeep.verifier.store.Bakes;
import dev.upkeep.verifier.store.Observations;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Takes the bakes that are due, looks at their tenants on virtual threads, and brings what was seen to the bench.
 *
 * <p>Failure: a look that can't be saved is lost and taken again under a new lease; several verifiers share the work.
 */
@ApplicationScoped
public class Lookout {
    private static final Logger LOG = Logger.getLogger(Lookout.class);
    private static final int MOST_AT_ONCE = 64;

    private final String owner = UUID.randomUUID().toString();
    private final ExecutorService lookers = Executors.newVirtualThreadPerTaskExecutor();
    private final Mutiny.SessionFactory sessions;
    private final Bakes bakes;
    private final Observations observations;
    private final Bench bench;
    private final Eyes eyes;
    private final InstantSource clock;
    private final Duration lease;
    private final Duration kept;

    Lookout(
            Mutiny.SessionFactory sessions,
            Bakes bakes,
            Observations observations,
            Bench bench,
            Eyes eyes,
            InstantSource clock,
            @ConfigProperty(name = "upkeep.verifier.lease") Duration lease,
            @ConfigProperty(name = "upkeep.verifier.observations-kept") Duration kept) {
        this.sessions = sessions;
        this.bakes = bakes;
        this.observations = observations;
        this.bench = bench;
        this.eyes = eyes;
        this.clock = clock;
        this.lease = lease;
        this.kept = kept;
    }

    @Scheduled(every = "0.1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> takeTheDue() {
        return sessions.withTransaction(session -> bakes.take(session, owner, lease, MOST_AT_ONCE))
                .invoke(due -> due.forEach(bake -> lookers.execute(() -> look(bake))))
                .onFailure()
                .invoke(failure -> LOG.warnv("bakes can''t be taken: {0}", failure.getMessage()))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
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
            await(() -> sessions.withTransaction(session -> bench.looked(session, asked, owner, readings, at)));
        } catch (Throwable failure) {
            LOG.warnv("a look was lost tenant={0} step={1}: {2}", asked.tenant(), asked.step(), failure.getMessage());
        }
    }

    private static void await(Supplier<Uni<Void>> work) throws Throwable {
        VertxContextSupport.subscribeAndAwait(work);
    }

    @PreDestroy
    void stop() {
        lookers.shutdownNow();
    }
}
