package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The timeline, which is the audit log: rows are only ever added, and each chain's hashes cover the link before. */
@ApplicationScoped
public class Timeline {
    private static final String INSERT = """
            insert into timeline (at, rollout, tenant, upgrade, step, kind, text, details, chain, place, hash)
            select g.at, g.rollout, g.tenant, g.upgrade, g.step, g.kind, g.text, g.details, g.chain, g.place, g.hash
            from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                        $8::text[], $9::text[], $10::bigint[], $11::text[])
                 with ordinality
                 as g (at, rollout, tenant, upgrade, step, kind, text, details, chain, place, hash, number)
            order by g.number
            """;
    private static final String SHOWN =
            "select tx::text, seq, at, rollout, tenant, upgrade, step, kind, text, details, chain, place, hash from timeline ";
    // Rows of transactions that still run, or began after one that runs, are shown later, in their order.
    private static final String SETTLED = " and tx < pg_snapshot_xmin(pg_current_snapshot()) ";
    private static final String AFTER =
            SHOWN + "where (tx, seq) > (cast($1 as text)::xid8, $2)" + SETTLED + "order by timeline.tx, seq limit $3";
    private static final String OF_ROLLOUT = SHOWN + "where rollout = $4 and (tx, seq) > (cast($1 as text)::xid8, $2)"
            + SETTLED + "order by timeline.tx, seq limit $3";
    private static final String OF_CHAIN = SHOWN + "where chain = $1 and place > $2 order by place limit $3";
    private static final String ALL_CHAINS = SHOWN + "where (chain, place) > ($1, $2) order by chain, place limit $3";
    private static final TypeReference<Map<String, String>> DETAILS = new TypeReference<>() {};

    /** A row in the making: an entry with its place in its chain. */
    public record Line(Instant at, Link.About about, Entry entry, Chain chain) {
        /** An entry as the next line of a chain. */
        public static Line after(Chain before, Link.About about, Entry entry, Instant at) {
            return new Line(at, about, entry, before.with(entry, about, at));
        }
    }

    /** A row that was written. */
    public record Shown(
            String cursor,
            Instant at,
            @Nullable String rollout,
            @Nullable String tenant,
            @Nullable String upgrade,
            String step,
            String kind,
            String text,
            Map<String, String> details) {}

    /** Adds rows, in their order. */
    public Uni<Void> add(Mutiny.Session session, List<Line> lines) {
        return lines.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                INSERT,
                                Columns.times(lines, l -> Optional.of(l.at())),
                                Columns.texts(lines, l -> unlessEmpty(l.about().rollout())),
                                Columns.texts(lines, l -> unlessEmpty(l.about().tenant())),
                                Columns.texts(lines, l -> unlessEmpty(l.about().upgrade())),
                                Columns.texts(lines, l -> l.entry().step()),
                                Columns.texts(lines, l -> l.entry().kind()),
                                Columns.texts(lines, l -> l.entry().text()),
                                Columns.texts(lines, l -> Json.write(l.entry().details())),
                                Columns.texts(lines, l -> l.chain().of()),
                                Columns.numbers(lines, l -> l.chain().place()),
                                Columns.texts(lines, l -> l.chain().hash()))
                        .replaceWithVoid();
    }

    /** What was written after a cursor, for all rollouts or for one; no row ever appears behind a cursor given out. */
    public Uni<List<Shown>> after(Mutiny.Session session, Cursor cursor, Optional<String> rollout, int limit) {
        Uni<List<Object[]>> rows = rollout.isPresent()
                ? Sql.rows(session, OF_ROLLOUT, cursor.tx(), cursor.seq(), limit, rollout.get())
                : Sql.rows(session, AFTER, cursor.tx(), cursor.seq(), limit);
        return rows.map(found -> found.stream().map(Timeline::shown).toList());
    }

    /** A tenant's rows after a place. */
    public Uni<List<Shown>> ofTenant(Mutiny.Session session, String tenant, long after, int limit) {
        return Sql.rows(session, OF_CHAIN, "tenant:" + tenant, after, limit)
                .map(found -> found.stream().map(Timeline::shown).toList());
    }

    /** The links of one chain after a place, in their order. */
    public Uni<List<Link>> links(Mutiny.Session session, String chain, long after, int limit) {
        return Sql.rows(session, OF_CHAIN, chain, after, limit)
                .map(rows -> rows.stream().map(Timeline::link).toList());
    }

    /** The links of all chains after a place of one of them: chain by chain, each in its order. */
    public Uni<List<Link>> allLinks(Mutiny.Session session, String chain, long after, int limit) {
        return Sql.rows(session, ALL_CHAINS, chain, after, limit)
                .map(rows -> rows.stream().map(Timeline::link).toList());
    }

    /** What was written after a cursor, as links with the cursor of each. */
    public Uni<List<Seen>> since(Mutiny.Session session, Cursor cursor, int limit) {
        return Sql.rows(session, AFTER, cursor.tx(), cursor.seq(), limit)
                .map(rows -> rows.stream()
                        .map(row -> new Seen(shown(row).cursor(), link(row)))
                        .toList());
    }

    /** Whether a cursor lies behind all that this database has begun to write: it is another database's. */
    public Uni<Boolean> isAhead(Mutiny.Session session, Cursor cursor) {
        return Sql.rows(session, "select cast($1 as text)::xid8 > pg_snapshot_xmax(pg_current_snapshot())", cursor.tx())
                .map(rows -> Boolean.TRUE.equals(rows.getFirst()[0]));
    }

    /** A link and where a reader is who has read it. */
    public record Seen(String cursor, Link link) {}

    private static Link link(@Nullable Object[] row) {
        return new Link(
                Columns.text(row[10]),
                Columns.number(row[11]),
                Columns.instant(row[2]),
                new Link.About(orEmpty(row[3]), orEmpty(row[4]), orEmpty(row[5])),
                Columns.text(row[7]),
                Columns.text(row[6]),
                Columns.text(row[8]),
                Json.read(Columns.text(row[9]), DETAILS),
                Columns.text(row[12]));
    }

    private static String orEmpty(@Nullable Object column) {
        return column == null ? "" : column.toString();
    }

    private static @Nullable String unlessEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static Shown shown(@Nullable Object[] row) {
        return new Shown(
                Columns.text(row[0]) + "-" + Columns.text(row[1]),
                Columns.instant(row[2]),
                (String) row[3],
                (String) row[4],
                (String) row[5],
                Columns.text(row[6]),
                Columns.text(row[7]),
                Columns.text(row[8]),
                Json.read(Columns.text(row[9]), DETAILS));
    }

    /** Where a reader is. */
    public record Cursor(String tx, long seq) {
        /** Before the first row. */
        public static final Cursor START = new Cursor("0", 0);

        /**
         * Reads what an answer gave out.
         *
         * @throws IllegalArgumentException if it is anything else
         */
        public static Cursor of(String text) {
            if (!text.matches("\\d{1,19}-\\d{1,18}")) {
                throw new IllegalArgumentException("cursor '" + text + "' was not given out by this service");
            }
            int dash = text.indexOf('-');
            return new Cursor(text.substring(0, dash), Long.parseLong(text.substring(dash + 1)));
        }
    }
}
