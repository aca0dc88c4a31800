package dev.upkeep.messaging;

import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;
import org.hibernate.reactive.mutiny.impl.MutinySessionImpl;
import org.hibernate.reactive.pool.ReactiveConnection;
import org.hibernate.reactive.session.ReactiveSession;
import org.jspecify.annotations.Nullable;

/**
 * Runs PostgreSQL's own SQL on a session's connection, in its transaction: for statements over whole batches.
 *
 * <p>Parameters are {@code $1}, {@code $2} and of the types of the Vert.x client: {@code String[]}, {@code Long[]},
 * {@code Boolean[]}, {@code OffsetDateTime[]}, {@code Buffer[]} for {@code bytea[]}. What the session has not flushed is
 * not seen: flush first.
 */
public final class Sql {
    private Sql() {}

    /** The rows that a statement returns, each an array of its columns; {@code timestamptz} is an OffsetDateTime. */
    public static Uni<List<Object[]>> rows(Mutiny.Session session, String statement, @Nullable Object... parameters) {
        return Uni.createFrom()
                .completionStage(() -> connection(session).select(statement, parameters))
                .map(result -> {
                    List<Object[]> rows = new ArrayList<>(result.size());
                    result.forEachRemaining(rows::add);
                    return rows;
                });
    }

    /** Runs a statement and says how many rows it changed. */
    public static Uni<Integer> update(Mutiny.Session session, String statement, @Nullable Object... parameters) {
        return Uni.createFrom().completionStage(() -> connection(session).update(statement, parameters));
    }

    /** Runs something once the session's transaction has committed; it must not fail and not block. */
    public static void afterCommit(Mutiny.Session session, Runnable then) {
        reactive(session).getReactiveActionQueue().registerProcess((committed, contract) -> {
            if (committed) {
                then.run();
            }
        });
    }

    private static ReactiveConnection connection(Mutiny.Session session) {
        return reactive(session).getReactiveConnection();
    }

    private static ReactiveSession reactive(Mutiny.Session session) {
        if (session instanceof MutinySessionImpl known) {
            return known.unwrap(ReactiveSession.class);
        }
        throw new IllegalArgumentException("the session must be the one that withTransaction gives");
    }
}
