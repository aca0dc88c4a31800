package dev.upkeep.messaging;

import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.wire.Wire;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * The keys that wait behind a record that could not be processed, and the way to let them go on.
 *
 * <p>Ordering: a release locks the key's row, which a consumer that parks a further record holds too; so the records
 * are handled in their order, and none is left behind.
 */
@ApplicationScoped
public class Parking {
    private static final Logger LOG = Logger.getLogger(Parking.class);
    private static final int CHUNK = 100;

    private static final String LIST = """
            select k.id, k.consumer, k.key, k.record, k.reason, k.parked_at,
                   (select count(*) from parked_record r where r.consumer = k.consumer and r.key = k.key)
            from parked_key k where k.id > $1 order by k.id limit $2
            """;
    private static final String LOCK = "select id from parked_key where consumer = $1 and key = $2 for update";
    private static final String READ = """
            select id, record, headers, body, failed from parked_record
            where consumer = $1 and key = $2 order by id limit $3
            """;
    private static final String REMOVE = "delete from parked_record where id = any($1)";
    private static final String UNPARK = "delete from parked_key where consumer = $1 and key = $2";
    private static final String SKIP = "delete from parked_record where consumer = $1 and key = $2 and failed";
    private static final String STILL = """
            with head as (
                update parked_record set failed = true where id =
                    (select min(id) from parked_record where consumer = $1 and key = $2) returning record)
            update parked_key set reason = $3, record = head.record from head where consumer = $1 and key = $2
            """;

    private final Mutiny.SessionFactory sessions;
    private final Inbox inbox;
    private final Meters meters;

    Parking(Mutiny.SessionFactory sessions, Inbox inbox, Meters meters) {
        this.sessions = sessions;
        this.inbox = inbox;
        this.meters = meters;
    }

    /** The parked keys after a cursor (0 at first), the oldest first. */
    public Uni<List<ParkedKey>> list(long after, int limit) {
        return sessions.withTransaction((session, transaction) -> Sql.rows(session, LIST, after, limit))
                .map(rows -> rows.stream().map(Parking::parkedKey).toList());
    }

    /**
     * Handles what waits behind a key, in order, and lets its later records pass again.
     *
     * @param failed what becomes of the record that could not be processed
     */
    public Uni<Release> release(String consumer, String key, Failed failed) {
        Handler handler = inbox.handler(consumer);
        // No table holds a NUL, so no key has one.
        if (handler == null || key.indexOf('\0') >= 0) {
            return Uni.createFrom().item(new NotParked());
        }
        Uni<Void> skipped = failed == Failed.RETRY
                ? Uni.createFrom().voidItem()
                : sessions.withTransaction((session, transaction) -> Sql.rows(session, LOCK, consumer, key)
                        .chain(() -> Sql.update(session, SKIP, consumer, key))
                        .replaceWithVoid());
        return skipped.chain(() -> next(consumer, key, handler, CHUNK, 0));
    }

    private Uni<Release> next(String consumer, String key, Handler handler, int chunk, int before) {
        return sessions.withTransaction((session, transaction) -> replay(session, consumer, key, handler, chunk))
                .chain(step -> switch (step) {
                    case Step.Replayed(var handled) -> next(consumer, key, handler, chunk, before + handled);
                    case Step.Ended() -> {
                        LogKeys.of("consumer", consumer, "key", key, "records", before)
                                .log(() -> LOG.info("released a parked key"));
                        yield Uni.createFrom().<Release>item(new Released(before));
                    }
                    case Step.Absent() ->
                        Uni.createFrom().<Release>item(before == 0 ? new NotParked() : new Released(before));
                })
                .onFailure(failure -> !Wires.broken(failure))
                .recoverWithUni(failure -> chunk > 1
                        ? next(consumer, key, handler, 1, before)
                        : stillBroken(consumer, key, Wires.reason(failure), before));
    }

    private Uni<Step> replay(Mutiny.Session session, String consumer, String key, Handler handler, int chunk) {
        return Sql.rows(session, LOCK, consumer, key).chain(locked -> {
            if (locked.isEmpty()) {
                return Uni.createFrom().<Step>item(new Step.Absent());
            }
            return Sql.rows(session, READ, consumer, key, chunk).chain(rows -> {
                if (rows.isEmpty()) {
                    return Sql.update(session, UNPARK, consumer, key).<Step>map(gone -> new Step.Ended());
                }
                Long[] ids = rows.stream().map(row -> (Long) row[0]).toArray(Long[]::new);
                return handler.handle(session, open(rows))
                        .chain(() -> Sql.update(session, REMOVE, (Object) ids))
                        .invoke(() -> Sql.afterCommit(session, () -> meters.handled(consumer, ids.length)))
                        .<Step>map(removed -> new Step.Replayed(ids.length));
            });
        });
    }

    private static List<Envelope> open(List<Object[]> rows) {
        List<Envelope> envelopes = new ArrayList<>(rows.size());
        for (Object[] row : rows) {
            Map<String, String> headers = Letter.read((String) row[2]);
            try {
                envelopes.add(Wire.read(headers, Letter.bytes(row[3])));
            } catch (Wire.Unreadable unreadable) {
                throw new IllegalStateException(row[1] + ": " + unreadable.getMessage(), unreadable);
            }
        }
        return envelopes;
    }

    private Uni<Release> stillBroken(String consumer, String key, String reason, int before) {
        return sessions.withTransaction((session, transaction) -> Sql.update(session, STILL, consumer, key, reason))
                .map(changed -> new StillBroken(before, reason));
    }

    private static ParkedKey parkedKey(Object[] row) {
        return new ParkedKey(
                (Long) row[0],
                (String) row[1],
                (String) row[2],
                (String) row[3],
                (String) row[4],
                ((java.time.OffsetDateTime) row[5]).toInstant(),
                (Long) row[6]);
    }

    /** What a release does with the record that could not be processed. */
    public enum Failed {
        /** Tries it again, before all others: its cause is gone. */
        RETRY("tried again"),
        /** Leaves it out: it stays in the dead-letter topic. */
        SKIP("left out");

        private final String word;

        Failed(String word) {
            this.word = word;
        }

        /** What becomes of it, for a sentence. */
        String word() {
            return word;
        }
    }

    /**
     * A key that waits.
     *
     * @param cursor where a list goes on
     * @param record the one that can't be processed, {@code topic-partition@offset}
     * @param waiting how many records wait, that one included
     */
    public record ParkedKey(
            long cursor, String consumer, String key, String record, String reason, Instant since, long waiting) {}

    /** What came of a release. */
    public sealed interface Release {}

    /** All that waited was handled; the key's records pass again. */
    public record Released(int handled) implements Release {}

    /** After so many, the next record still can't be processed; the key stays parked. */
    public record StillBroken(int handled, String reason) implements Release {}

    /** This consumer has no such key parked. */
    public record NotParked() implements Release {}

    private sealed interface Step {
        record Replayed(int records) implements Step {}

        record Ended() implements Step {}

        record Absent() implements Step {}
    }
}
