package dev.upkeep.messaging;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ParkedEvent.KeyParked;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.contract.wire.Wire;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes records from Kafka: each event changes a service's state once, whatever Kafka repeats.
 *
 * <p>Ordering: a poll batch is one transaction, in the order of its partitions. A record that can't be processed parks
 * its key: later records of that key wait in a table, in order, until {@link Parking#release}.
 *
 * <p>Failure: a failed batch is taken again record by record. A record that fails alone is tried again with growing
 * pauses, then dead-lettered, and its key parked. While the database is away nothing counts as a try: the batch waits
 * for as long as it takes, and readiness says so. The returned Uni fails only when it is cancelled from outside.
 */
@ApplicationScoped
public class Inbox {
    private static final Logger LOG = Logger.getLogger(Inbox.class);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** Beside the largest body, and with what a dead letter adds: a record that the broker refused would stop the relay. */
    private static final int LARGEST_DEAD_HEADERS = 64 * 1024;

    private static final String TAKE = """
            with fresh as (
                insert into inbox (consumer, event_id)
                select $1, id from unnest($2::text[]) as given (id)
                on conflict do nothing returning event_id),
            waiting as materialized (
                select key from parked_key where consumer = $1 and key = any($3::text[]) for share)
            select event_id, null from fresh union all select null, key from waiting
            """;
    private static final String PARK_RECORDS = """
            insert into parked_record (consumer, key, record, headers, body, failed)
            select $1, key, record, headers, body, failed
            from unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::boolean[])
                 with ordinality as parked (key, record, headers, body, failed, place)
            order by place
            """;
    private static final String PARK_KEY = """
            insert into parked_key (consumer, key, record, reason) values ($1, $2, $3, $4)
            on conflict (consumer, key) do nothing
            """;

    private static final String WHY_PARKED = """
            select key, record, reason from parked_key where consumer = $1 and key = any($2::text[])
            """;

    private final Mutiny.SessionFactory sessions;
    private final Outbox outbox;
    private final Vertx vertx;
    private final InstantSource clock;
    private final Meters meters;
    private final String service;
    private final int tries;
    private final Duration pause;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final Map<String, String> waits = new ConcurrentHashMap<>();
    private final Set<String> unordered = ConcurrentHashMap.newKeySet();
    private final Set<String> loose = ConcurrentHashMap.newKeySet();

    Inbox(
            Mutiny.SessionFactory sessions,
            Outbox outbox,
            Vertx vertx,
            InstantSource clock,
            Meters meters,
            @ConfigProperty(name = "quarkus.application.name", defaultValue = "upkeep") String service,
            @ConfigProperty(name = "upkeep.inbox.tries", defaultValue = "5") int tries,
            @ConfigProperty(name = "upkeep.inbox.pause", defaultValue = "PT0.1S") Duration pause) {
        this.sessions = sessions;
        this.outbox = outbox;
        this.vertx = vertx;
        this.clock = clock;
        this.meters = meters;
        this.service = service;
        this.tries = tries;
        this.pause = pause;
    }

    /**
     * Makes a consumer's handler known before its first record, so that a parked key can be released after a restart.
     *
     * @param consumer a name that never changes, such as {@code planner-results}: letters, digits and {@code . _ : -}
     */
    public void register(String consumer, Handler handler) {
        handlers.put(new EventId(consumer).value(), handler);
    }

    /**
     * Lets a consumer go on with a key whose record it could not process: what it is told does not depend on what it was
     * told before. The record is dead-lettered and the key's trouble is said as for any other, but nothing is parked.
     */
    public void goesOnRegardless(String consumer) {
        unordered.add(consumer);
    }

    /**
     * Lets a consumer's records come twice or be passed over, as it bears both: which it has taken is not kept, and one
     * that it can't process is dead-lettered and holds nobody up.
     */
    public void takesLoosely(String consumer) {
        unordered.add(consumer);
        loose.add(consumer);
    }

    /** Handles a poll batch and acknowledges it. Call it on a Vert.x context, as an {@code @Incoming} method is. */
    public Uni<Void> take(String consumer, KafkaRecordBatch<String, byte[]> batch, Handler handler) {
        Iterable<ConsumerRecord<String, byte[]>> records = records(batch);
        return take(consumer, records, handler).chain(() -> Uni.createFrom().completionStage(batch.ack()));
    }

    /**
     * Handles those records of a poll batch that a guard lets in, and acknowledges it. One that it refuses is dead-lettered,
     * and that is all: whoever may write to the topic can neither use up the id of a record that is still to come nor make
     * its key wait.
     */
    public Uni<Void> take(String consumer, KafkaRecordBatch<String, byte[]> batch, Guard guard, Handler handler) {
        return take(consumer, records(batch), guard, handler)
                .chain(() -> Uni.createFrom().completionStage(batch.ack()));
    }

    /** Handles records; when the returned Uni has completed, they may be acknowledged. */
    public Uni<Void> take(String consumer, Iterable<ConsumerRecord<String, byte[]>> records, Handler handler) {
        List<Letter> letters = new ArrayList<>();
        records.forEach(record -> letters.add(Letter.of(record)));
        return take(consumer, letters, handler);
    }

    /** Handles the records that a guard lets in. */
    Uni<Void> take(String consumer, Iterable<ConsumerRecord<String, byte[]>> records, Guard guard, Handler handler) {
        return Work.aside(vertx, () -> Admitted.by(guard, records))
                .chain(admitted -> turnAway(consumer, admitted.refused())
                        .chain(() -> take(consumer, admitted.letters(), handler)));
    }

    private Uni<Void> take(String consumer, List<Letter> letters, Handler handler) {
        register(consumer, handler);
        if (letters.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return withoutBrokenWires(consumer, () -> together(consumer, letters, handler))
                .onFailure()
                .recoverWithUni(failure -> {
                    if (letters.size() > 1) {
                        LogKeys.of("consumer", consumer, "records", letters.size())
                                .log(() -> LOG.infof(
                                        "a batch failed, taking its records one by one: %s", Wires.reason(failure)));
                    }
                    return oneByOne(consumer, letters, handler);
                });
    }

    /** What a guard refuses is kept for people to look at, and changes nothing else. */
    private Uni<Void> turnAway(String consumer, List<Dead> refused) {
        if (refused.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Outbox.Row> rows =
                refused.stream().map(dead -> deadLetter(consumer, dead)).toList();
        return untilDone(
                consumer,
                () -> sessions.withTransaction((session, transaction) -> outbox.sayRows(session, rows)
                        .invoke(() -> Sql.afterCommit(
                                session, () -> count(consumer, new Sorted(List.of(), List.of(), refused, 0))))),
                1);
    }

    @SuppressWarnings("unchecked")
    private static Iterable<ConsumerRecord<String, byte[]>> records(KafkaRecordBatch<String, byte[]> batch) {
        return batch.getMetadata(IncomingKafkaRecordBatchMetadata.class)
                .map(metadata -> (Iterable<ConsumerRecord<String, byte[]>>) metadata.getRecords())
                .orElseThrow(() -> new IllegalArgumentException("the batch must come from Kafka"));
    }

    @Nullable
    Handler handler(String consumer) {
        return handlers.get(consumer);
    }

    /** What consumers wait for, by consumer: the broken wires. */
    Map<String, String> waits() {
        return Map.copyOf(waits);
    }

    private Uni<Void> together(String consumer, List<Letter> letters, Handler handler) {
        return sessions.withTransaction((session, transaction) -> sort(session, consumer, letters)
                .chain(sorted -> handle(session, handler, sorted.fresh())
                        // Before those that wait behind it: they are released in the order they were parked in.
                        .chain(() -> deadLetters(session, consumer, sorted.dead()))
                        .chain(() -> parkRecords(session, consumer, sorted.parked()))
                        .invoke(() -> Sql.afterCommit(session, () -> count(consumer, sorted)))));
    }

    private static Uni<Void> handle(Mutiny.Session session, Handler handler, List<Envelope> fresh) {
        return fresh.isEmpty() ? Uni.createFrom().voidItem() : handler.handle(session, fresh);
    }

    private Uni<Void> oneByOne(String consumer, List<Letter> letters, Handler handler) {
        return Multi.createFrom()
                .iterable(letters)
                .onItem()
                .transformToUniAndConcatenate(letter -> alone(consumer, letter, handler, 1))
                .collect()
                .last()
                .replaceWithVoid();
    }

    private Uni<Void> alone(String consumer, Letter letter, Handler handler, int attempt) {
        return withoutBrokenWires(consumer, () -> together(consumer, List.of(letter), handler))
                .onFailure()
                .recoverWithUni(failure -> attempt < tries
                        ? pause(backoff(attempt)).chain(() -> alone(consumer, letter, handler, attempt + 1))
                        : giveUp(consumer, letter, Wires.reason(failure)));
    }

    /** What can't be processed leaves the way in one transaction; until that is done nothing behind it may pass. */
    private Uni<Void> giveUp(String consumer, Letter letter, String reason) {
        return untilDone(
                consumer,
                () -> sessions.withTransaction((session, transaction) -> sort(session, consumer, List.of(letter))
                        .chain(sorted -> {
                            boolean stillFresh = !sorted.fresh().isEmpty();
                            Sorted given = stillFresh
                                    ? new Sorted(
                                            List.of(),
                                            sorted.parked(),
                                            List.of(new Dead(letter, reason)),
                                            sorted.duplicates())
                                    : sorted;
                            return deadLetters(session, consumer, given.dead())
                                    .chain(() -> parkRecords(session, consumer, given.parked()))
                                    .invoke(() -> Sql.afterCommit(session, () -> count(consumer, given)));
                        })),
                1);
    }

    /** Drops what was taken before, and tells apart what is to be handled, parked and dead-lettered. */
    private Uni<Sorted> sort(Mutiny.Session session, String consumer, List<Letter> letters) {
        if (loose.contains(consumer)) {
            Set<String> all = letters.stream().map(Letter::id).collect(Collectors.toCollection(HashSet::new));
            return Uni.createFrom().item(() -> sort(letters, all, new HashSet<>(), false));
        }
        String[] ids = letters.stream().map(Letter::id).toArray(String[]::new);
        String[] keys = letters.stream()
                .map(Letter::key)
                .filter(Objects::nonNull)
                .distinct()
                .toArray(String[]::new);
        return Sql.rows(session, TAKE, consumer, ids, keys).map(rows -> {
            Set<String> unseen = new HashSet<>();
            Set<String> parkedKeys = new HashSet<>();
            for (Object[] row : rows) {
                if (row[0] != null) {
                    unseen.add((String) row[0]);
                } else {
                    parkedKeys.add((String) row[1]);
                }
            }
            return sort(letters, unseen, parkedKeys, !unordered.contains(consumer));
        });
    }

    private static Sorted sort(List<Letter> letters, Set<String> unseen, Set<String> parkedKeys, boolean inOrder) {
        List<Envelope> fresh = new ArrayList<>();
        List<Letter> parked = new ArrayList<>();
        List<Dead> dead = new ArrayList<>();
        int duplicates = 0;
        for (Letter letter : letters) {
            if (!unseen.remove(letter.id())) {
                duplicates++;
            } else if (letter.key() != null && parkedKeys.contains(letter.key())) {
                parked.add(letter);
            } else {
                try {
                    fresh.add(letter.open());
                } catch (Wire.Unreadable unreadable) {
                    dead.add(new Dead(letter, Wires.reason(unreadable)));
                    if (letter.key() != null && inOrder) {
                        parkedKeys.add(letter.key());
                    }
                }
            }
        }
        return new Sorted(fresh, parked, dead, duplicates);
    }

    /**
     * Lets records wait behind the one that parked their key, and says so once more: whoever resolved a hold without
     * releasing the key would otherwise wait for an answer that can't come.
     */
    private Uni<Void> parkRecords(Mutiny.Session session, String consumer, List<Letter> letters) {
        if (letters.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Map<String, Letter> lastOfKey = new LinkedHashMap<>();
        letters.forEach(letter -> lastOfKey.put(requireNonNull(letter.key()), letter));
        String[] keys = lastOfKey.keySet().toArray(String[]::new);
        return park(session, consumer, letters, false)
                .chain(() -> Sql.rows(session, WHY_PARKED, consumer, keys))
                .chain(rows -> outbox.say(
                        session,
                        rows.stream()
                                .map(row -> keyParked(
                                        consumer,
                                        requireNonNull(lastOfKey.get((String) row[0])),
                                        (String) row[1],
                                        (String) row[2]))
                                .toList()));
    }

    private static Uni<Void> park(Mutiny.Session session, String consumer, List<Letter> letters, boolean failed) {
        Boolean[] flags = new Boolean[letters.size()];
        Arrays.fill(flags, failed);
        return Sql.update(
                        session,
                        PARK_RECORDS,
                        consumer,
                        letters.stream().map(Letter::key).toArray(String[]::new),
                        letters.stream().map(Letter::place).toArray(String[]::new),
                        letters.stream()
                                .map(letter -> Letter.write(letter.headers()))
                                .toArray(String[]::new),
                        letters.stream()
                                .map(letter -> Letter.buffer(letter.body()))
                                .toArray(Buffer[]::new),
                        flags)
                .replaceWithVoid();
    }

    private Uni<Void> deadLetters(Mutiny.Session session, String consumer, List<Dead> dead) {
        if (dead.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Outbox.Row> rows = dead.stream().map(d -> deadLetter(consumer, d)).toList();
        List<Dead> keyed = loose.contains(consumer)
                ? List.of()
                : dead.stream().filter(d -> d.letter().key() != null).toList();
        Uni<Void> said = outbox.sayRows(session, rows)
                .chain(() -> outbox.say(
                        session,
                        keyed.stream()
                                .map(d -> keyParked(
                                        consumer, d.letter(), d.letter().place(), d.reason()))
                                .toList()));
        for (Dead d : unordered.contains(consumer) ? List.<Dead>of() : keyed) {
            said = said.chain(() -> Sql.update(
                            session,
                            PARK_KEY,
                            consumer,
                            requireNonNull(d.letter().key()),
                            d.letter().place(),
                            d.reason()))
                    // The record itself waits first in line: once its cause is gone it can be taken after all.
                    .chain(() -> park(session, consumer, List.of(d.letter()), true));
        }
        return said;
    }

    private static Outbox.Row deadLetter(String consumer, Dead dead) {
        Letter letter = dead.letter();
        Map<String, String> headers = letter.headersWithin(LARGEST_DEAD_HEADERS);
        headers.put("upkeep-dead-consumer", consumer);
        headers.put("upkeep-dead-record", letter.place());
        headers.put("upkeep-dead-reason", ascii(dead.reason()));
        byte[] body = letter.body();
        if (body != null && body.length > Outbox.LARGEST_BODY) {
            headers.put("upkeep-dead-cut-from", Integer.toString(body.length));
            body = Arrays.copyOf(body, Outbox.LARGEST_BODY);
        }
        return new Outbox.Row(id(consumer, letter, "dead"), Topic.DEAD_LETTERS, letter.key(), headers, body);
    }

    /**
     * Says that a key is parked.
     *
     * @param letter on whose account it is said now
     * @param record the one that can't be processed
     */
    private Envelope keyParked(String consumer, Letter letter, String record, String reason) {
        return new Envelope(
                new EventId(id(consumer, letter, "parked")),
                service,
                clock.instant(),
                new KeyParked(consumer, letter.topic(), requireNonNull(letter.key()), record, reason));
    }

    private static String id(String consumer, Letter letter, String what) {
        return consumer + ":" + letter.place().replace('@', ':') + ":" + what;
    }

    /** Header values are kept as Latin-1; a reason may hold anything. */
    private static String ascii(String reason) {
        return reason.replaceAll("[^\\x20-\\x7e]", "?");
    }

    private void count(String consumer, Sorted sorted) {
        waits.remove(consumer);
        meters.handled(consumer, sorted.fresh().size());
        meters.repeated(consumer, sorted.duplicates());
        sorted.dead().forEach(dead -> {
            meters.deadLettered(consumer);
            Letter letter = dead.letter();
            LogKeys.of(
                            "consumer", consumer,
                            "record", letter.place(),
                            "key", letter.key(),
                            "eventId", letter.id())
                    .log(() -> LOG.errorf("dead-lettered a record: %s", dead.reason()));
        });
    }

    /** Waits out a database that is away; any other failure passes. */
    private Uni<Void> withoutBrokenWires(String consumer, Supplier<Uni<Void>> work) {
        return retry(consumer, work, 1, false);
    }

    private Uni<Void> untilDone(String consumer, Supplier<Uni<Void>> work, int attempt) {
        return retry(consumer, work, attempt, true);
    }

    private Uni<Void> retry(String consumer, Supplier<Uni<Void>> work, int attempt, boolean always) {
        return Uni.createFrom()
                .<Void>deferred(() -> work.get())
                .onFailure(f -> always || Wires.broken(f))
                .recoverWithUni(failure -> {
                    String reason = Wires.reason(failure);
                    if (!reason.equals(waits.put(consumer, reason))) {
                        LogKeys.of("consumer", consumer)
                                .log(() -> LOG.warnf("can't take records, will try again: %s", reason));
                    }
                    return pause(backoff(attempt)).chain(() -> retry(consumer, work, attempt + 1, always));
                });
    }

    private Duration backoff(int attempt) {
        Duration grown = pause.multipliedBy(1L << Math.min(attempt - 1, 10));
        return grown.compareTo(LONGEST_PAUSE) < 0 ? grown : LONGEST_PAUSE;
    }

    /** Goes on in the caller's Vert.x context, which the sessions need. */
    private Uni<Void> pause(Duration span) {
        return Uni.createFrom()
                .emitter(emitter -> vertx.setTimer(Math.max(1, span.toMillis()), timer -> emitter.complete(null)));
    }

    private record Sorted(List<Envelope> fresh, List<Letter> parked, List<Dead> dead, int duplicates) {}

    private record Dead(Letter letter, String reason) {}

    private record Admitted(List<Letter> letters, List<Dead> refused) {
        static Admitted by(Guard guard, Iterable<ConsumerRecord<String, byte[]>> records) {
            List<Letter> letters = new ArrayList<>();
            List<Dead> refused = new ArrayList<>();
            for (ConsumerRecord<String, byte[]> record : records) {
                Letter letter = Letter.of(record);
                guard.refusal(record)
                        .ifPresentOrElse(reason -> refused.add(new Dead(letter, reason)), () -> letters.add(letter));
            }
            return new Admitted(letters, refused);
        }
    }
}
