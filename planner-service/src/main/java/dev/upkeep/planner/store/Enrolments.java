package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** How far rollouts whose tenants are entered a page at a time have come. */
@ApplicationScoped
public class Enrolments {
    private static final String BEHIND =
            "select ring, version, count(*) from tenant where product = $1 group by ring, version";
    private static final String NEXT = """
            select e.rollout, r.product, r.version, e.entered_to, e.ahead from enrolment e join rollout r on r.id = e.rollout
            where r.phase in ('RUNNING', 'ABORTED') and (e.put_back_at is null or e.put_back_at <= $1)
            order by e.put_back_at nulls first, r.started_at, r.id limit 1
            """;
    private static final String LOCK = "select entered_to from enrolment where rollout = $1 for update";
    private static final String PUT = """
            insert into enrolment (rollout, entered_to, ahead) values ($1, $2, $3)
            on conflict (rollout) do update set entered_to = $2, ahead = $3, put_back_at = null
            """;
    private static final TypeReference<Map<String, Integer>> AHEAD = new TypeReference<>() {};

    /**
     * One that has not come to its end.
     *
     * @param enteredTo the last tenant that was looked at
     * @param ahead by ring, how many of those counted at the start are still to come
     */
    public record Enrolment(
            RolloutId rollout, ProductName product, Version version, String enteredTo, Map<RingName, Integer> ahead) {
        public Enrolment {
            ahead = Map.copyOf(ahead);
        }

        /** The same further on. */
        public Enrolment at(String tenant, Map<RingName, Integer> left) {
            return new Enrolment(rollout, product, version, tenant, left);
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
                                new ProductName(Columns.text(row[1])),
                                Version.of(Columns.text(row[2])),
                                Columns.text(row[3]),
                                ahead(Columns.text(row[4])))));
    }

    /** Puts one behind the others: its page can't be entered, and theirs may be. */
    public Uni<Void> putBack(Mutiny.Session session, RolloutId rollout, Instant now) {
        return Sql.update(
                        session,
                        "update enrolment set put_back_at = $2 where rollout = $1",
                        rollout.value(),
                        Columns.time(now))
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
        return Sql.update(session, PUT, enrolment.rollout().value(), enrolment.enteredTo(), Json.write(ahead))
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
