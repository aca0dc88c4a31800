package dev.upkeep.notifier.desk;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.DeliveryEvent;
import dev.upkeep.contract.event.DeliveryEvent.NoticeDelivered;
import dev.upkeep.contract.event.DeliveryEvent.NoticeFailed;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.messaging.LogKeys;
import dev.upkeep.messaging.Outbox;
import dev.upkeep.messaging.Transactions;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.channel.Channels;
import dev.upkeep.notifier.core.Course;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.core.Outcome;
import dev.upkeep.notifier.store.Notices;
import dev.upkeep.notifier.store.Notices.Claimed;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Has what is due delivered, under a lease, and records what came of it together with the event that says so.
 *
 * <p>Ordering: notices to one destination that are due together go one after the other, as they were made; one that
 * has to wait holds up no other.
 *
 * <p>Failure: a crash between the far end's acceptance and the record repeats the notice, with the same id, once its
 * lease has run out. A lease outlasts a whole round of tries, and a try that could outlast it is not begun.
 */
@ApplicationScoped
class Courier {
    private static final Logger LOG = Logger.getLogger(Courier.class);
    private static final int MOST_AT_ONCE = 40;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private final Transactions transactions;
    private final Notices notices;
    private final Channels channels;
    private final Outbox outbox;
    private final InstantSource clock;
    private final MeterRegistry meters;
    private final Duration lease;
    private final String owner = UUID.randomUUID().toString();
    private final Semaphore wakes = new Semaphore(0);
    private final AtomicLong waiting = new AtomicLong();
    private final ExecutorService tries = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("courier-", 0).factory());
    private volatile boolean stopping;
    private volatile @Nullable String trouble = "the courier has not started";
    private volatile Duration oldest = Duration.ZERO;
    private @Nullable Thread thread;
    private Instant lookAt = Instant.MIN;

    Courier(
            Transactions transactions,
            Notices notices,
            Channels channels,
            Outbox outbox,
            InstantSource clock,
            MeterRegistry meters,
            @ConfigProperty(name = "upkeep.notifier.lease", defaultValue = "PT2M") Duration lease) {
        this.transactions = transactions;
        this.notices = notices;
        this.channels = channels;
        this.outbox = outbox;
        this.clock = clock;
        this.meters = meters;
        this.lease = lease;
        Gauge.builder("upkeep_notices_waiting", waiting, AtomicLong::doubleValue)
                .register(meters);
    }

    /** Says that something is due; returns at once. */
    void wake() {
        if (wakes.availablePermits() == 0) {
            wakes.release();
        }
    }

    /** What keeps all notices from being delivered, null if nothing does. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** How many notices waited when it was last looked at. */
    long waiting() {
        return waiting.get();
    }

    /** How long the oldest of them had waited then. */
    Duration oldest() {
        return oldest;
    }

    void onStart(@Observes StartupEvent started) {
        thread = Thread.ofPlatform().name("courier").daemon().start(this::run);
    }

    void onStop(@Observes ShutdownEvent stopped) throws InterruptedException {
        stopping = true;
        wake();
        Thread running = thread;
        if (running != null) {
            running.join(2_000);
            running.interrupt();
        }
        tries.shutdownNow();
    }

    private void run() {
        Duration backoff = Duration.ofMillis(100);
        while (!stopping) {
            try {
                boolean busy = turn();
                trouble = null;
                backoff = Duration.ofMillis(100);
                if (!busy && wakes.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                    wakes.drainPermits();
                }
            } catch (InterruptedException asked) {
                return;
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                if (stopping) {
                    return;
                }
                String reason = reason(e);
                if (!reason.equals(trouble)) {
                    LOG.warnf(e, "the courier can't go on, will try again: %s", reason);
                }
                trouble = reason;
                try {
                    Thread.sleep(backoff);
                } catch (InterruptedException asked) {
                    return;
                }
                backoff = backoff.multipliedBy(2).compareTo(LONGEST_BACKOFF) < 0
                        ? backoff.multipliedBy(2)
                        : LONGEST_BACKOFF;
            }
        }
    }

    /** One round: claims what is due and hands it out; true if there was anything. */
    private boolean turn() throws InterruptedException, ExecutionException, TimeoutException {
        look();
        Instant leaseEnds = clock.instant().plus(lease);
        List<Claimed> claimed =
                transactions.run(PATIENCE, session -> notices.claim(session, owner, MOST_AT_ONCE, lease));
        Map<String, List<Claimed>> byDestination = claimed.stream()
                .collect(Collectors.groupingBy(c -> c.notice().to(), LinkedHashMap::new, Collectors.toList()));
        byDestination.values().forEach(line -> tries.execute(() -> deliver(line, leaseEnds)));
        return claimed.size() == MOST_AT_ONCE;
    }

    private void look() throws InterruptedException, ExecutionException, TimeoutException {
        Instant now = clock.instant();
        if (now.isBefore(lookAt)) {
            return;
        }
        Notices.Waiting found = transactions.run(PATIENCE, notices::waiting);
        waiting.set(found.notices());
        oldest = found.oldest();
        lookAt = now.plusSeconds(5);
    }

    private void deliver(List<Claimed> line, Instant leaseEnds) {
        for (Claimed claimed : line) {
            if (clock.instant().plus(Channel.PATIENCE).plus(PATIENCE).isAfter(leaseEnds)) {
                // The others are claimed again when the lease has run out.
                keys(claimed).log(() -> LOG.info("left a notice for the next lease"));
                return;
            }
            try {
                deliver(claimed, leaseEnds);
            } catch (InterruptedException stopped) {
                return;
            }
        }
    }

    private void deliver(Claimed claimed, Instant leaseEnds) throws InterruptedException {
        Notice notice = claimed.notice();
        Instant began = clock.instant();
        Outcome outcome = attempt(notice);
        String channel = notice.channel().word();
        meters.timer("upkeep_notices_attempted", "channel", channel, "outcome", word(outcome))
                .record(Duration.between(began, clock.instant()));
        Course course = Course.after(outcome, claimed.attempt());
        // Once the far end has accepted, giving up on the record would repeat the notice: so as long as the lease
        // holds.
        Duration backoff = Duration.ofMillis(100);
        while (true) {
            try {
                transactions.run(PATIENCE, session -> record(session, claimed, course));
                log(claimed, course);
                return;
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                if (clock.instant().plus(backoff).isAfter(leaseEnds)) {
                    keys(claimed).log(() -> LOG.error("could not record what came of a notice; it is repeated", e));
                    return;
                }
                Thread.sleep(backoff);
                backoff = backoff.multipliedBy(2);
            }
        }
    }

    private Outcome attempt(Notice notice) throws InterruptedException {
        try {
            return channels.of(notice.channel()).deliver(notice);
        } catch (RuntimeException bug) {
            LogKeys.of("notice", notice.id(), "channel", notice.channel().word())
                    .log(() -> LOG.error("a channel failed", bug));
            return new Outcome.Unavailable(reason(bug), Duration.ZERO);
        }
    }

    private Uni<Void> record(Mutiny.Session session, Claimed claimed, Course course) {
        Notice notice = claimed.notice();
        return switch (course) {
            case Course.Delivered() ->
                notices.delivered(session, owner, notice)
                        .chain(mine -> mine
                                ? say(
                                        session,
                                        notice,
                                        "delivered",
                                        new NoticeDelivered(
                                                notice.about(),
                                                notice.id(),
                                                notice.cause(),
                                                notice.channel().word(),
                                                notice.subscriber(),
                                                claimed.attempt(),
                                                notice.contactOf()))
                                : Uni.createFrom().voidItem());
            case Course.Failed(var reason) ->
                notices.failed(session, owner, notice, reason)
                        .chain(mine -> mine
                                ? say(
                                        session,
                                        notice,
                                        "failed",
                                        new NoticeFailed(
                                                notice.about(),
                                                notice.id(),
                                                notice.cause(),
                                                notice.channel().word(),
                                                notice.subscriber(),
                                                claimed.attempt(),
                                                reason,
                                                notice.contactOf()))
                                : Uni.createFrom().voidItem());
            case Course.Again(var pause, var reason) ->
                notices.again(session, owner, notice, pause, reason).replaceWithVoid();
        };
    }

    private Uni<Void> say(Mutiny.Session session, Notice notice, String what, DeliveryEvent event) {
        return outbox.say(
                session,
                List.of(new Envelope(new EventId(notice.id() + ":" + what), "notifier", clock.instant(), event)));
    }

    private void log(Claimed claimed, Course course) {
        Notice notice = claimed.notice();
        String channel = notice.channel().word();
        switch (course) {
            case Course.Delivered() -> {
                meters.counter("upkeep_notices_delivered", "channel", channel).increment();
                keys(claimed).log(() -> LOG.info("delivered a notice"));
            }
            case Course.Failed(var reason) -> {
                meters.counter("upkeep_notices_failed", "channel", channel).increment();
                keys(claimed).log(() -> LOG.errorf("a notice reached nobody: %s", reason));
            }
            case Course.Again(var pause, var reason) ->
                keys(claimed).log(() -> LOG.warnf("will try a notice again in %s: %s", pause, reason));
        }
    }

    private static LogKeys keys(Claimed claimed) {
        Notice notice = claimed.notice();
        return LogKeys.of(
                // What a notice is about is a tenant or, in what concerns a whole rollout, that.
                notice.about().startsWith("r-") ? "rollout" : "tenant",
                notice.about(),
                "eventId",
                notice.cause(),
                "notice",
                notice.id(),
                "channel",
                notice.channel().word(),
                "subscriber",
                notice.subscriber(),
                "attempt",
                claimed.attempt());
    }

    private static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Accepted a -> "accepted";
            case Outcome.Refused r -> "refused";
            case Outcome.Unavailable u -> "unavailable";
        };
    }

    private static String reason(Throwable failure) {
        Throwable inner = failure;
        for (Throwable next = failure.getCause(); next != null; next = next.getCause()) {
            inner = next;
        }
        return inner.getClass().getSimpleName() + (inner.getMessage() == null ? "" : ": " + inner.getMessage());
    }
}
