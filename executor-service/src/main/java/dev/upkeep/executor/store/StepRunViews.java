package dev.upkeep.executor.store;

import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Reads step runs for people. */
@ApplicationScoped
public class StepRunViews {
    private static final String PAGE = """
            select id, tenant, upgrade, step, attempt, token, driver, action, component, state, accepted_at, started_at,
                   ended_at, executor, claims, progress, code, text
            from step_run
            where ($1::text is null or tenant = $1) and ($2::bigint is null or id < $2)
            order by id desc limit $3
            """;

    private final Mutiny.SessionFactory sessions;

    StepRunViews(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    /** One attempt of one step, as it stands. */
    public record StepRun(
            long id,
            String tenant,
            String upgrade,
            String step,
            int attempt,
            long token,
            String driver,
            String action,
            String component,
            String state,
            Instant acceptedAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String executor,
            int claims,
            @Nullable String progress,
            @Nullable String code,
            @Nullable String text) {}

    /** The latest first, before {@code cursor} if there is one. */
    public Uni<List<StepRun>> page(Optional<String> tenant, Optional<Long> cursor, int limit) {
        return sessions.withTransaction(
                (session, transaction) -> Sql.rows(session, PAGE, tenant.orElse(null), cursor.orElse(null), limit)
                        .map(rows -> rows.stream().map(StepRunViews::run).toList()));
    }

    private static StepRun run(Object[] r) {
        return new StepRun(
                (Long) r[0],
                (String) r[1],
                (String) r[2],
                (String) r[3],
                (Integer) r[4],
                (Long) r[5],
                (String) r[6],
                (String) r[7],
                (String) r[8],
                (String) r[9],
                ((OffsetDateTime) r[10]).toInstant(),
                instant(r[11]),
                instant(r[12]),
                (String) r[13],
                (Integer) r[14],
                (String) r[15],
                (String) r[16],
                (String) r[17]);
    }

    private static @Nullable Instant instant(@Nullable Object value) {
        return value == null ? null : ((OffsetDateTime) value).toInstant();
    }
}
