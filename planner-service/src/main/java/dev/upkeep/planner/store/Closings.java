package dev.upkeep.planner.store;

import dev.upkeep.contract.UpgradeId;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** When the windows close in which hops began. */
@ApplicationScoped
public class Closings {
    private static final String PUT = """
            insert into closing (upgrade, closes_at, begun_at, forward_seconds, undo_seconds)
            select * from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::bigint[])
            on conflict (upgrade) do update set closes_at = excluded.closes_at, begun_at = excluded.begun_at,
                forward_seconds = excluded.forward_seconds, undo_seconds = excluded.undo_seconds
            """;
    private static final String DUE = """
            select upgrade, closes_at, begun_at, forward_seconds, undo_seconds from closing
            where closes_at <= $1 order by closes_at limit $2
            """;

    /**
     * One hop's.
     *
     * @param forward how long the way forward was thought to take
     * @param undo how long the longest way back was
     */
    public record Closing(UpgradeId upgrade, Instant closes, Instant begun, Duration forward, Duration undo) {}

    /** Keeps them, each in the place of the upgrade's hop before. */
    public Uni<Void> put(Mutiny.Session session, List<Closing> closings) {
        return closings.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                PUT,
                                Columns.texts(closings, c -> c.upgrade().value()),
                                Columns.times(closings, c -> Optional.of(c.closes())),
                                Columns.times(closings, c -> Optional.of(c.begun())),
                                Columns.numbers(closings, c -> c.forward().toSeconds()),
                                Columns.numbers(closings, c -> c.undo().toSeconds()))
                        .replaceWithVoid();
    }

    /** Those whose window has closed, not locked. */
    public Uni<List<Closing>> due(Mutiny.Session session, Instant now, int limit) {
        return Sql.rows(session, DUE, Columns.time(now), limit)
                .map(rows -> rows.stream()
                        .map(row -> new Closing(
                                new UpgradeId(Columns.text(row[0])),
                                Columns.instant(row[1]),
                                Columns.instant(row[2]),
                                Duration.ofSeconds(Columns.number(row[3])),
                                Duration.ofSeconds(Columns.number(row[4]))))
                        .toList());
    }

    /** Takes them away, their upgrades' rows locked; gives those that nobody else had taken. */
    public Uni<Set<UpgradeId>> take(Mutiny.Session session, Collection<UpgradeId> upgrades) {
        return Sql.rows(session, "delete from closing where upgrade = any($1) returning upgrade", (Object)
                        upgrades.stream().map(UpgradeId::value).toArray(String[]::new))
                .map(rows -> rows.stream()
                        .map(row -> new UpgradeId(Columns.text(row[0])))
                        .collect(Collectors.toSet()));
    }
}
