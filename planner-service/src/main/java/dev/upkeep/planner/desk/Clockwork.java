package dev.upkeep.planner.desk;

import dev.upkeep.planner.core.News;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Upgrades;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what becomes due by time alone: steps to try again, answers that are overdue, rings that have soaked,
 * blockers that have gone away, hops that may follow. What an event allows is done in that event's transaction and never waits for this.
 *
 * <p>Failure: a tick that fails changes nothing, is logged, and the next one tries again; readiness tells of it.
 */
@ApplicationScoped
public class Clockwork {
    private static final Logger LOG = Logger.getLogger(Clockwork.class);
    private static final int MOST = 200;
    private static final int ROLLOUTS = 10;
    private static final Duration OVERDUE_EVERY = Duration.ofSeconds(10);

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Vertx vertx;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Desk desk;
    private final RecallDesk recalls;
    private final EnrolmentDesk enrolment;
    private final long everyMs;
    private final AtomicBoolean busy = new AtomicBoolean();
    private volatile @Nullable String trouble;
    private Instant overdueLookAt = Instant.MIN;
    private long timer;

    Clockwork(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Vertx vertx,
            Upgrades upgrades,
            Rollouts rollouts,
            Desk desk,
            RecallDesk recalls,
            EnrolmentDesk enrolment,
            @ConfigProperty(name = "upkeep.planner.tick", defaultValue = "PT0.25S") Duration every) {
        this.sessions = sessions;
        this.clock = clock;
        this.vertx = vertx;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.desk = desk;
        this.recalls = recalls;
        this.enrolment = enrolment;
        this.everyMs = every.toMillis();
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(everyMs, t -> tick());
    }

    void stop(@Observes ShutdownEvent stopped) {
        vertx.cancelTimer(timer);
    }

    /** What kept the last tick from its work, null if nothing did. */
    public @Nullable String trouble() {
        return trouble;
    }

    private void tick() {
        if (!busy.compareAndSet(false, true)) {
            return;
        }
        // Sessions are kept in the context: each tick has one of its own.
        Context own = Objects.requireNonNull(VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
        VertxContextSafetyToggle.setContextSafe(own, true);
        own.runOnContext(ignored -> look(clock.instant())
                .subscribe()
                .with(
                        isMore -> {
                            trouble = null;
                            busy.set(false);
                            if (isMore) {
                                tick();
                            }
                        },
                        failure -> {
                            if (trouble == null) {
                                LOG.warnf("the clockwork can't do its work, it tries again: %s", failure);
                            }
                            trouble = String.valueOf(failure.getMessage());
                            busy.set(false);
                        }));
    }

    /** Says whether there is more to do at once. */
    private Uni<Boolean> look(Instant now) {
        boolean overdue = !now.isBefore(overdueLookAt);
        if (overdue) {
            overdueLookAt = now.plus(OVERDUE_EVERY);
        }
        return sessions.withTransaction((session, tx) -> wake(session, now, overdue))
                .chain(() -> sessions.withTransaction((session, tx) ->
                        upgrades.betweenHops(session, now, MOST).chain(between -> desk.goOn(session, between, now))))
                .chain(() -> sessions.withTransaction((session, tx) -> rollouts.due(session, now, ROLLOUTS)
                        .chain(due -> due.isEmpty() ? Uni.createFrom().voidItem() : desk.look(session, due, now))))
                .chain(() -> overdue
                        ? recalls.takeBackLeftBehind(now)
                                .chain(() -> sessions.withTransaction((session, tx) -> enrolment.lookForStuck(session)))
                        : Uni.createFrom().voidItem())
                .chain(() -> enrolment.next(now));
    }

    private Uni<Void> wake(Mutiny.Session session, Instant now, boolean overdue) {
        return upgrades.due(session, now, MOST)
                .chain(due -> overdue
                        ? upgrades.overdue(session, now, MOST)
                                .map(late -> Stream.concat(due.stream(), late.stream())
                                        .toList())
                        : Uni.createFrom().item(due))
                .chain(ids -> desk.tell(
                        session,
                        ids.stream().map(id -> new Told(id, new News.Woken())).toList(),
                        now))
                .chain(() -> overdue
                        ? desk.turnBackFromRecalled(session, now).chain(() -> desk.announceOverruns(session, now))
                        : Uni.createFrom().voidItem());
    }
}
