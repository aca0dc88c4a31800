package dev.upkeep.planner.store;

import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * The answers to creates that came with an Idempotency-Key, by who sent it.
 *
 * <p>Ordering: a key is taken before the work is done, in its transaction. A second request with the same key waits in
 * {@link #take} until the first one has committed, and then finds its answer.
 */
@ApplicationScoped
public class Creates {
    private static final String TAKE = """
            insert into idempotency (caller, key, request, status, answer, made_at) values ($1, $2, $3, 0, '', $4)
            on conflict do nothing
            """;
    private static final String FIND =
            "select request, status, answer, location from idempotency where caller = $1 and key = $2";
    private static final String ANSWER =
            "update idempotency set status = $3, answer = $4, location = $5 where caller = $1 and key = $2";
    private static final String FORGET = "delete from idempotency where made_at < $1";

    /**
     * What a create was answered.
     *
     * @param request what was asked, as a digest
     * @param answer the body, JSON
     */
    public record Kept(String request, int status, String answer, Optional<String> location) {}

    /** Takes a key for a request; false if it was taken before. */
    public Uni<Boolean> take(Mutiny.Session session, String caller, String key, String request, Instant now) {
        return Sql.update(session, TAKE, caller, key, request, Columns.time(now))
                .map(added -> added == 1);
    }

    /** What the key's first request was answered. */
    public Uni<Optional<Kept>> find(Mutiny.Session session, String caller, String key) {
        return Sql.rows(session, FIND, caller, key)
                .map(rows -> rows.stream()
                        .findFirst()
                        .map(row -> new Kept(
                                Columns.text(row[0]),
                                (int) Columns.number(row[1]),
                                Columns.text(row[2]),
                                Optional.ofNullable((String) row[3]))));
    }

    /** Keeps the answer. */
    public Uni<Void> answer(Mutiny.Session session, String caller, String key, Kept kept) {
        return Sql.update(
                        session,
                        ANSWER,
                        caller,
                        key,
                        kept.status(),
                        kept.answer(),
                        kept.location().orElse(null))
                .replaceWithVoid();
    }

    /** Forgets what was answered before an instant. */
    public Uni<Integer> forget(Mutiny.Session session, Instant before) {
        return Sql.update(session, FORGET, Columns.time(before));
    }
}
