package dev.upkeep.messaging;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Forgets which events were taken once no redelivery can come any more, and counts the parked keys. */
@ApplicationScoped
class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final int CHUNK = 2_000;
    private static final long COUNT_EVERY_MS = 5_000;
    private static final long PRUNE_EVERY_MS = 600_000;

    private static final String PRUNE = """
            delete from inbox where (consumer, event_id) in
                (select consumer, event_id from inbox
                 where taken_at < now() - $1::bigint * interval '1 second' limit $2)
            """;

    private final Pool pool;
    private final Vertx vertx;
    private final Meters meters;
    private final Duration kept;
    private long counting = -1;
    private long pruning = -1;

    Housekeeping(
            Pool pool,
            Vertx vertx,
            Meters meters,
            @ConfigProperty(name = "upkeep.inbox.kept", defaultValue = "P7D") Duration kept) {
        this.pool = pool;
        this.vertx = vertx;
        this.meters = meters;
        this.kept = kept;
    }

    void start(@Observes StartupEvent started) {
        counting = vertx.setPeriodic(100, COUNT_EVERY_MS, timer -> count());
        pruning = vertx.setPeriodic(
                60_000,
                PRUNE_EVERY_MS,
                timer -> prune().subscribe()
                        .with(
                                done -> LOG.debug("pruned the inbox"),
                                failure -> LOG.warnf(failure, "can't prune the inbox, will try again")));
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(counting);
        vertx.cancelTimer(pruning);
    }

    private void count() {
        pool.query("select count(*) from parked_key")
                .execute()
                .subscribe()
                .with(
                        rows -> meters.parked(rows.iterator().next().getLong(0)),
                        failure -> LOG.debugf(failure, "can't count the parked keys"));
    }

    /** In small steps, one after the other, so that no consumer waits for it. */
    Uni<Void> prune() {
        return pool.preparedQuery(PRUNE)
                .execute(Tuple.of(kept.toSeconds(), CHUNK))
                .chain(rows ->
                        rows.rowCount() == CHUNK ? prune() : Uni.createFrom().voidItem());
    }
}
