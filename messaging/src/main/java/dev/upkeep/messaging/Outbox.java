package dev.upkeep.messaging;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.wire.Wire;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * Queues what a service says, in the transaction of the decision that made it say it.
 *
 * <p>Ordering: rows of one key are sent in the order they were said. For this the caller holds a lock on the key's
 * aggregate from before {@link #say} until the commit.
 *
 * <p>Failure: a rolled-back transaction says nothing; after a commit the {@link Relay} sends at least once.
 */
@ApplicationScoped
public class Outbox {
    /** How many shards the rows are spread over, by key; the rows of the lease table are made by the migration. */
    static final int SHARDS = 4;

    /** Kafka's own default limit is 1 MiB with headers; a larger row would stop the relay for ever. */
    static final int LARGEST_BODY = 900_000;

    private static final String INSERT = """
            insert into outbox (event_id, shard, topic, key, headers, body)
            select event_id, shard, topic, key, headers, body
            from unnest($1::text[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::bytea[])
                 with ordinality as said (event_id, shard, topic, key, headers, body, place)
            order by place
            on conflict (event_id) do nothing
            """;

    private final Relay relay;
    private final Instance<Seal> seal;
    private final Vertx vertx;

    Outbox(Relay relay, Instance<Seal> seal, Vertx vertx) {
        this.relay = relay;
        this.seal = seal;
        this.vertx = vertx;
    }

    /** Queues the envelopes in their order; they are sent soon after the session's transaction has committed. */
    public Uni<Void> say(Mutiny.Session session, List<Envelope> envelopes) {
        boolean sealed = seal.isResolvable()
                && envelopes.stream().anyMatch(envelope -> seal.get().isFor(envelope.event()));
        if (!sealed) {
            return sayRows(session, envelopes.stream().map(Outbox::row).toList());
        }
        return Work.aside(vertx, () -> envelopes.stream().map(this::sealed).toList())
                .chain(rows -> sayRows(session, rows));
    }

    Uni<Void> sayRows(Mutiny.Session session, List<Row> rows) {
        if (rows.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        int n = rows.size();
        String[] ids = new String[n];
        Short[] shards = new Short[n];
        String[] topics = new String[n];
        @Nullable String[] keys = new @Nullable String[n];
        String[] headers = new String[n];
        @Nullable Buffer[] bodies = new @Nullable Buffer[n];
        for (int i = 0; i < n; i++) {
            Row row = rows.get(i);
            ids[i] = row.eventId();
            shards[i] = shard(row.key());
            topics[i] = row.topic();
            keys[i] = row.key();
            headers[i] = Letter.write(row.headers());
            bodies[i] = Letter.buffer(row.body());
        }
        return Sql.update(session, INSERT, ids, shards, topics, keys, headers, bodies)
                .invoke(() -> Sql.afterCommit(session, relay::wake))
                .replaceWithVoid();
    }

    private static Row row(Envelope envelope) {
        byte[] body = Wire.body(envelope.event());
        if (body.length > LARGEST_BODY) {
            throw new IllegalArgumentException("event " + envelope.id() + " has a body of " + body.length
                    + " bytes; at most " + LARGEST_BODY + " can be sent");
        }
        return new Row(
                envelope.id().value(),
                envelope.event().topic().address(),
                envelope.event().key(),
                Wire.headers(envelope),
                body);
    }

    private Row sealed(Envelope envelope) {
        Row row = row(envelope);
        if (!seal.get().isFor(envelope.event())) {
            return row;
        }
        String key = envelope.event().key();
        Map<String, String> headers = seal.get().headers(row.topic(), key, row.headers(), requireNonNull(row.body()));
        return new Row(row.eventId(), row.topic(), key, headers, row.body());
    }

    private static short shard(@Nullable String key) {
        return (short) (key == null ? 0 : Math.floorMod(key.hashCode(), SHARDS));
    }

    /** One row to be: an event, or a dead letter. */
    record Row(
            String eventId, String topic, @Nullable String key, Map<String, String> headers, byte @Nullable [] body) {}
}
