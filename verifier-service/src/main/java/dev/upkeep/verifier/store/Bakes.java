package dev.upkeep.verifier.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.messaging.Sql;
import dev.upkeep.verifier.core.Bake;
import dev.upkeep.verifier.core.Baselined;
import dev.upkeep.verifier.core.Judge;
import dev.upkeep.verifier.core.Progress;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * The bakes, in PostgreSQL; every statement is over a whole batch.
 *
 * <p>Ordering: a look may be saved only under the lease that it was taken under. Failure: a lease that runs out, by the
 * database's clock, makes the bake due for anybody.
 */
@ApplicationScoped
public class Bakes {
    private static final ObjectMapper JSON = Wire.json();
    private static final String COLUMNS =
            "b.request, b.progress, b.began_at, coalesce(base.figures, '{\"figures\":{}}')";

    /** What names a bake among its tenant's. */
    private static final String CURSOR = "upgrade || '.' || step || '.' || attempt";

    /**
     * A bake to look at.
     *
     * @param json an object: what was asked, how far it is, and the verdict
     */
    public record Shown(String cursor, String json) {}

    /** Keeps the bakes asked for; one with a newer token supersedes what still bakes on its tenant. */
    public Uni<Void> ask(Mutiny.Session session, List<BakeRequested> asked) {
        int n = asked.size();
        String[] upgrades = new String[n];
        String[] steps = new String[n];
        Integer[] attempts = new Integer[n];
        String[] tenants = new String[n];
        Long[] tokens = new Long[n];
        String[] requests = new String[n];
        for (int i = 0; i < n; i++) {
            BakeRequested bake = asked.get(i);
            upgrades[i] = bake.upgrade().value();
            steps[i] = bake.step().value();
            attempts[i] = bake.attempt();
            tenants[i] = bake.tenant().value();
            tokens[i] = bake.token().value();
            requests[i] = write(bake);
        }
        return Sql.update(session, """
                        insert into bake (upgrade, step, attempt, tenant, token, state, request, progress, figures)
                        select upgrade, step, attempt, tenant, token, 'baking', request::jsonb, $7::text::jsonb, '{"figures":{}}'
                        from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::bigint[], $6::text[])
                             as asked (upgrade, step, attempt, tenant, token, request)
                        on conflict (upgrade, step, attempt) do nothing
                        """, upgrades, steps, attempts, tenants, tokens, requests, write(Progress.NONE))
                .chain(() -> Sql.update(session, """
                        update bake set state = 'superseded', lease_owner = null, lease_until = null
                        where state = 'baking' and tenant = any($1::text[])
                          and token < (select max(newer.token) from bake newer where newer.tenant = bake.tenant)
                        """, (Object) tenants))
                .replaceWithVoid();
    }

    /** Takes the bakes that are due for a look, under a lease; they are not taken again before it ends. */
    public Uni<List<Bake>> take(Mutiny.Session session, String owner, Duration lease, int most) {
        return Sql.rows(session, """
                        with due as (
                            select upgrade, step, attempt from bake
                            where state = 'baking' and next_look_at <= now() and (lease_until is null or lease_until < now())
                            order by next_look_at limit $3 for update skip locked
                        ), taken as (
                            update bake set lease_owner = $1, lease_until = now() + $2 * interval '1 millisecond'
                            from due where bake.upgrade = due.upgrade and bake.step = due.step and bake.attempt = due.attempt
                            returning bake.*
                        )
                        select %s from taken b
                        left join lateral (
                            select figures from bake w where w.upgrade = b.upgrade and w.step = b.request ->> 'baseline'
                              and w.state = 'judged' order by w.attempt desc limit 1) base on true
                        """.formatted(COLUMNS), owner, lease.toMillis(), most)
                .map(rows -> rows.stream().map(Bakes::bake).toList());
    }

    /** The bake again, locked, if it still bakes under this owner's lease. */
    public Uni<Optional<Bake>> mine(Mutiny.Session session, BakeRequested asked, String owner) {
        return Sql.rows(
                        session,
                        """
                        select %s from bake b
                        left join lateral (
                            select figures from bake w where w.upgrade = b.upgrade and w.step = b.request ->> 'baseline'
                              and w.state = 'judged' order by w.attempt desc limit 1) base on true
                        where b.upgrade = $1 and b.step = $2 and b.attempt = $3 and b.state = 'baking' and b.lease_owner = $4
                        for update of b
                        """.formatted(COLUMNS),
                        asked.upgrade().value(),
                        asked.step().value(),
                        asked.attempt(),
                        owner)
                .map(rows -> rows.stream().map(Bakes::bake).findFirst());
    }

    /** Keeps what was seen and gives the lease back; the next look is due an interval after this one was. */
    public Uni<Void> keep(Mutiny.Session session, Bake bake, Instant nextLook) {
        return Sql.update(
                        session,
                        """
                        update bake set progress = $4::text::jsonb, began_at = $5, next_look_at = $6,
                            lease_owner = null, lease_until = null
                        where upgrade = $1 and step = $2 and attempt = $3
                        """,
                        bake.asked().upgrade().value(),
                        bake.asked().step().value(),
                        bake.asked().attempt(),
                        write(bake.seen()),
                        bake.began().map(Bakes::time).orElse(null),
                        time(nextLook))
                .replaceWithVoid();
    }

    /** Ends a bake with its verdict, and keeps its figures for those that are compared with it. */
    public Uni<Void> judge(Mutiny.Session session, Bake bake, Verdict verdict) {
        return Sql.update(
                        session,
                        """
                        update bake set state = 'judged', progress = $4::text::jsonb, began_at = $5, judged_at = now(),
                            figures = $6::text::jsonb, verdict = $7::text::jsonb, lease_owner = null, lease_until = null
                        where upgrade = $1 and step = $2 and attempt = $3
                        """,
                        bake.asked().upgrade().value(),
                        bake.asked().step().value(),
                        bake.asked().attempt(),
                        write(bake.seen()),
                        bake.began().map(Bakes::time).orElse(null),
                        write(Judge.figures(bake.asked(), bake.seen())),
                        written(verdict))
                .replaceWithVoid();
    }

    /** How long the bake that waits longest for its look has waited; nothing if none waits. */
    public Uni<Duration> overdue(Mutiny.Session session) {
        return Sql.rows(session, """
                        select coalesce(extract(epoch from now() - min(next_look_at)), 0)::bigint
                        from bake where state = 'baking' and next_look_at <= now()
                        """).map(rows -> Duration.ofSeconds(((Number) rows.getFirst()[0]).longValue()));
    }

    /**
     * The bakes of a tenant, the newest first.
     *
     * @param after the cursor of the last one of the page before
     */
    public Uni<List<Shown>> page(Mutiny.Session session, TenantId tenant, Optional<String> after, int most) {
        return Sql.rows(
                        session,
                        """
                        select %1$s, json_build_object('upgrade', upgrade, 'step', step, 'attempt', attempt, 'state', state,
                            'purpose', request ->> 'purpose', 'askedAt', %2$s, 'beganAt', %3$s,
                            'judgedAt', %4$s, 'looks', progress -> 'looks', 'verdict', verdict)::text
                        from bake where tenant = $1 and ($2::text is null or (asked_at, %1$s) <
                            (select asked_at, %1$s from bake where tenant = $1 and %1$s = $2))
                        order by asked_at desc, %1$s desc limit $3
                        """.formatted(CURSOR, utc("asked_at"), utc("began_at"), utc("judged_at")),
                        tenant.value(),
                        after.orElse(null),
                        most)
                .map(rows -> rows.stream()
                        .map(row -> new Shown((String) row[0], (String) row[1]))
                        .toList());
    }

    /** A column's time as all of REST tells times. */
    private static String utc(String column) {
        return "to_char(" + column + " at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
    }

    private static Bake bake(Object[] row) {
        return new Bake(
                read(row[0], BakeRequested.class),
                read(row[1], Progress.class),
                read(row[3], Baselined.class),
                Optional.ofNullable((OffsetDateTime) row[2]).map(OffsetDateTime::toInstant));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static String written(Verdict verdict) {
        try {
            return JSON.writerFor(Verdict.class).writeValueAsString(verdict);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private static String write(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException(bug);
        }
    }

    private static <T> T read(@Nullable Object column, Class<T> type) {
        try {
            return JSON.readValue(String.valueOf(column), type);
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("a bake's row is damaged: " + damaged.getOriginalMessage(), damaged);
        }
    }
}
