package dev.upkeep.messaging;

import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;

/** Runs transactions for threads that may block: a driver's or a channel's virtual thread, a scheduler's. */
@ApplicationScoped
public class Transactions {
    private final Mutiny.SessionFactory sessions;
    private final Vertx vertx;

    Transactions(Mutiny.SessionFactory sessions, Vertx vertx) {
        this.sessions = sessions;
        this.vertx = vertx;
    }

    /**
     * Runs one transaction and waits for its commit.
     *
     * @param patience after which the caller goes on without knowing whether it committed
     * @throws TimeoutException if the patience ran out
     * @throws ExecutionException with the cause if it was rolled back, or if its commit could not be confirmed
     */
    public <T> T run(Duration patience, Function<Mutiny.Session, Uni<T>> work)
            throws InterruptedException, TimeoutException, ExecutionException {
        Context context = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        VertxContextSafetyToggle.setContextSafe(context, true);
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(started -> Uni.createFrom()
                .deferred(() -> sessions.withTransaction((session, transaction) -> work.apply(session)))
                .subscribe()
                .with(done::complete, done::completeExceptionally));
        return done.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    }
}
