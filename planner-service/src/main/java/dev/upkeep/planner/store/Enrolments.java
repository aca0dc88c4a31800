package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Rollout;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** How far rollouts whose tenants are entered a page at a time have come. */
@ApplicationScoped
public class Enrolments {
    private static final String BEHIND =
            "select ring, version, count(*) from tenant where product = $1 group by ring, version";
    private static final String RETURNING = """
            select t.ring, count(*) from tenant t where t.product = $1 and (t.version = $2 or t.id = any($3))
                and not exists (select 1 from upgrade u join rollout o on o.id = u.rollout
                    where u.tenant = t.id and o.kind = 'RECALL' and o.product = $1 and o.version = $2
                        and (not $4 or u.phase not in ('CONFIRMED', 'ROLLED_BACK', 'ABORTED')))
            group by t.ring
            """;
    private static final String RECALLING = """
            select r.id from enrolment e join rollout r on r.id = e.rollout
            where r.kind = 'RECALL' and r.product = $1 and r.version = $2 and r.phase <> 'ABORTED' limit 1
            """;
    private static final String STUCK = """
            select rollout, put_back_because from enrolment where put_back_because is not null order by put_back_at limit $1
            """;
    private static final String PUT_BACK =
            "update enrolment set put_back_at = $2, put_back_because = $3 where rollout = $1";
    private static final String NEXT = """
            select e.rollout, r.kind, r.product, r.version, e.once_more, e.entered_to, e.ahead
            from enrolment e join rollout r on r.id = e.rollout
            where r.phase in ('RUNNING', 'ABORTED') and (e.put_back_at is null or e.put_back_at <= $1)
            order by e.put_back_at nulls first, r.started_at, r.id limit 1
            """;
    private static final String LOCK = "select entered_to from enrolment where rollout = $1 for update";
    private static final String PUT = """
            insert into enrolment (rollout, once_more, entered_to, ahead) values ($1, $2, $3, $4)
            on conflict (rollout) do update set entered_to = $3, ahead = $4, put_back_at = null, put_back_because = null
            """;
    private static final TypeReference<Map<String, Integer>> AHEAD = new TypeReference<>() {};

    /**
     * One that has not come to its end.
     *
     * @param version that it leads to, or that is taken back by it
     * @param onceMore of a recall, whether those whose way back has ended begin another one if they run the release
     * @param enteredTo the last tenant that was looked at
     * @param ahead by ring, how many of those counted at the start are still to come
     */
    public record Enrolment(
            RolloutId rollout,
            Rollout.Kind kind,
            ProductName product,
            Version version,
            boolean onceMore,
            String enteredTo,
            Map<RingName, Integer> ahead) {
        public Enrolment {
            ahead = Map.copyOf(ahead);
        }

        /** That of a rollout to be begun, of which nobody has been counted. */
        public static Enrolment of(
                RolloutId rollout, Rollout.Kind kind, ProductName product, Version version, boolean onceMore) {
            return new Enrolment(rollout, kind, product, version, onceMore, "", Map.of());
        }

        /** The same further on. */
        public Enrolment at(String tenant, Map<RingName, Integer> left) {
            return new Enrolment(rollout, kind, product, version, onceMore, tenant, left);
        }
    }

    /** How many tenants of each ring run something older than a version. */
    public Uni<Map<RingName, Integer>> behind(Mutiny.Session session, ProductName product, Version version) {
        return Sql.rows(session, BEHIND, product.value()).map(rows -> {
            Map<RingName, Integer> counts = new HashMap<>();
            rows.stream()
                    .filter(row -> Version.of(Columns.text(row[1])).compareTo(version) < 0)
                    .forEach(row -> counts.merge(
                            new RingName(Columns.text(row[0])), (int) Columns.number(row[2]), Integer::sum));
            return counts;
        });
    }

    /**
     * How many tenants of each ring are to go back from a release: those that run it, and further ones.
     *
     * @param further tenants that will run it at once, their hop being proven
     * @param onceMore whether those whose way back has ended are among them if they run it
     */
    public Uni<Map<RingName, Integer>> returning(
            Mutiny.Session session,
            ProductName product,
            Version recalled,
            Collection<TenantId> further,
            boolean onceMore) {
        return Sql.rows(
                        session,
                        RETURNING,
                        product.value(),
                        recalled.toString(),
                        further.stream().map(TenantId::value).toArray(String[]::new),
                        onceMore)
                .map(rows -> rows.stream().collect(Collectors.toMap(row -> new RingName(Columns.text(row[0])), row ->
                        (int) Columns.number(row[1]))));
    }

    /** The rollout by which a release is taken back, if some of its tenants are still to be entered. */
    public Uni<Optional<RolloutId>> recalling(Mutiny.Session session, ProductName product, Version recalled) {
        return Sql.rows(session, RECALLING, product.value(), recalled.toString())
                .map(rows -> rows.stream().findFirst().map(row -> new RolloutId(Columns.text(row[0]))));
    }

    /** The rollouts whose next page can't be entered, whichever instance tried, each with the reason. */
    public Uni<Map<RolloutId, String>> stuck(Mutiny.Session session, int limit) {
        return Sql.rows(session, STUCK, limit).map(rows -> {
            Map<RolloutId, String> stuck = new LinkedHashMap<>();
            rows.forEach(row -> stuck.put(new RolloutId(Columns.text(row[0])), Columns.text(row[1])));
            return stuck;
        });
    }

    /**
     * The oldest one that may go on, not locked; a paused or stopped rollout tells nobody anything new.
     *
     * @param putBackUntil those that were put back later than this are left alone
     */
    public Uni<Optional<Enrolment>> next(Mutiny.Session session, Instant putBackUntil) {
        return Sql.rows(session, NEXT, Columns.time(putBackUntil))
                .map(rows -> rows.stream()
                        .findFirst()
                        .map(row -> new Enrolment(
                                new RolloutId(Columns.text(row[0])),
                                Rollout.Kind.valueOf(Columns.text(row[1])),
                                new ProductName(Columns.text(row[2])),
                                Version.of(Columns.text(row[3])),
                                Boolean.TRUE.equals(row[4]),
                                Columns.text(row[5]),
                                ahead(Columns.text(row[6])))));
    }

    /** Puts one behind the others: its page can't be entered, and theirs may be. */
    public Uni<Void> putBack(Mutiny.Session session, RolloutId rollout, String reason, Instant now) {
        return Sql.update(session, PUT_BACK, rollout.value(), Columns.time(now), reason)
                .replaceWithVoid();
    }

    /** Locks one; false if it has gone on meanwhile. */
    public Uni<Boolean> lock(Mutiny.Session session, Enrolment seen) {
        return Sql.rows(session, LOCK, seen.rollout().value())
                .map(rows -> rows.stream()
                        .findFirst()
                        .filter(row -> Columns.text(row[0]).equals(seen.enteredTo()))
                        .isPresent());
    }

    /** Keeps how far one has come. */
    public Uni<Void> save(Mutiny.Session session, Enrolment enrolment) {
        Map<String, Integer> ahead = new TreeMap<>();
        enrolment.ahead().forEach((ring, tenants) -> ahead.put(ring.value(), tenants));
        return Sql.update(
                        session,
                        PUT,
                        enrolment.rollout().value(),
                        enrolment.onceMore(),
                        enrolment.enteredTo(),
                        Json.write(ahead))
                .replaceWithVoid();
    }

    /** One has come to its end. */
    public Uni<Void> end(Mutiny.Session session, RolloutId rollout) {
        return Sql.update(session, "delete from enrolment where rollout = $1", rollout.value())
                .replaceWithVoid();
    }

    private static Map<RingName, Integer> ahead(String json) {
        Map<RingName, Integer> ahead = new HashMap<>();
        Json.read(json, AHEAD).forEach((ring, tenants) -> ahead.put(new RingName(ring), tenants));
        return ahead;
    }
}
