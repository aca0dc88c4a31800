package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.RingProgress;
import dev.upkeep.planner.core.Rollout;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Rollouts, each with its rings' counts in its one row. */
@ApplicationScoped
public class Rollouts {
    private static final String COLUMNS =
            "id, kind, product, version, phase, turns_back, reason, rings, revision, chain_place, chain_hash ";
    private static final String LOCK = "select " + COLUMNS + "from rollout where id = any($1) order by id for update";
    private static final String DUE = "select " + COLUMNS + """
            from rollout where wake_at <= $1 order by wake_at limit $2 for update skip locked
            """;
    private static final String UNDER_WAY = "select " + COLUMNS + """
            from rollout where product = $1 and version = $2 and phase <> 'FINISHED' order by id
            """;
    private static final String PAGE = "select " + COLUMNS + """
            from rollout where $1 = '' or (started_at, id) < (select started_at, id from rollout where id = $1)
            order by started_at desc, id desc limit $2
            """;
    private static final String WAKE = "update rollout set wake_at = $2 where id = any($1)";
    private static final String SAVE = """
            update rollout set phase = $2, reason = $3, rings = $4, revision = $5, wake_at = $6,
                chain_place = $7, chain_hash = $8, turns_back = $9 where id = $1
            """;
    private static final String INSERT = """
            insert into rollout (id, product, version, phase, reason, rings, revision, wake_at, chain_place, chain_hash,
                started_at, kind, turns_back)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """;
    private static final String SAVE_CHAINS = """
            update rollout r set chain_place = g.place, chain_hash = g.hash
            from unnest($1::text[], $2::bigint[], $3::text[]) as g (id, place, hash) where r.id = g.id
            """;
    private static final TypeReference<List<RingProgress>> RINGS = new TypeReference<>() {};

    /** A rollout as it was loaded. */
    public record KeptRollout(Rollout rollout, Chain chain) {}

    /** Those with these ids, locked. */
    public Uni<List<KeptRollout>> lock(Mutiny.Session session, Collection<RolloutId> ids) {
        return ids.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Sql.rows(session, LOCK, (Object)
                                ids.stream().map(RolloutId::value).toArray(String[]::new))
                        .map(rows -> rows.stream().map(Rollouts::kept).toList());
    }

    /** Those of a release that have not finished, locked. */
    public Uni<List<KeptRollout>> lockUnderWay(Mutiny.Session session, ProductName product, Version version) {
        return Sql.rows(session, UNDER_WAY + "for update", product.value(), version.toString())
                .map(rows -> rows.stream().map(Rollouts::kept).toList());
    }

    /** Those of a release that have not finished, not locked. */
    public Uni<List<KeptRollout>> underWay(Mutiny.Session session, ProductName product, Version version) {
        return Sql.rows(session, UNDER_WAY, product.value(), version.toString())
                .map(rows -> rows.stream().map(Rollouts::kept).toList());
    }

    /** Those whose time has come, locked; those that somebody else holds are left out. */
    public Uni<List<KeptRollout>> due(Mutiny.Session session, Instant now, int limit) {
        return Sql.rows(session, DUE, Columns.time(now), limit)
                .map(rows -> rows.stream().map(Rollouts::kept).toList());
    }

    /** Lets the scheduler look at them. */
    public Uni<Void> wake(Mutiny.Session session, Collection<RolloutId> ids, Instant at) {
        return ids.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                WAKE,
                                ids.stream().map(RolloutId::value).sorted().toArray(String[]::new),
                                Columns.time(at))
                        .replaceWithVoid();
    }

    /** Saves what was decided. */
    public Uni<Void> save(Mutiny.Session session, KeptRollout kept, Optional<Instant> wakeAt) {
        Rollout rollout = kept.rollout();
        return Sql.update(
                        session,
                        SAVE,
                        rollout.id().value(),
                        rollout.phase().name(),
                        rollout.reason(),
                        Json.write(rollout.rings()),
                        rollout.revision(),
                        wakeAt.map(Columns::time).orElse(null),
                        kept.chain().place(),
                        kept.chain().hash(),
                        rollout.turnsBack())
                .replaceWithVoid();
    }

    /** Saves chains that grew. */
    public Uni<Void> saveChains(Mutiny.Session session, List<Chain> chains) {
        return chains.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                SAVE_CHAINS,
                                Columns.texts(chains, c -> c.of().substring("rollout:".length())),
                                Columns.numbers(chains, Chain::place),
                                Columns.texts(chains, Chain::hash))
                        .replaceWithVoid();
    }

    /** Adds one. */
    public Uni<Void> add(Mutiny.Session session, KeptRollout kept, Instant now) {
        Rollout rollout = kept.rollout();
        return Sql.update(
                        session,
                        INSERT,
                        rollout.id().value(),
                        rollout.product().value(),
                        rollout.version().toString(),
                        rollout.phase().name(),
                        rollout.reason(),
                        Json.write(rollout.rings()),
                        rollout.revision(),
                        Columns.time(now),
                        kept.chain().place(),
                        kept.chain().hash(),
                        Columns.time(now),
                        rollout.kind().name(),
                        rollout.turnsBack())
                .replaceWithVoid();
    }

    /** Keeps who started one. */
    public Uni<Void> sign(Mutiny.Session session, RolloutId id, String by) {
        return Sql.update(session, "update rollout set started_by = $2 where id = $1", id.value(), by)
                .replaceWithVoid();
    }

    /** Who started one. */
    public Uni<String> startedBy(Mutiny.Session session, RolloutId id) {
        return Sql.rows(session, "select started_by from rollout where id = $1", id.value())
                .map(rows -> Columns.text(rows.getFirst()[0]));
    }

    /** One of them, not locked. */
    public Uni<Optional<KeptRollout>> find(Mutiny.Session session, RolloutId id) {
        return Sql.rows(session, "select " + COLUMNS + "from rollout where id = $1", id.value())
                .map(rows -> rows.stream().findFirst().map(Rollouts::kept));
    }

    /** A page of them, the latest first, after an id; from the latest if empty. */
    public Uni<List<KeptRollout>> list(Mutiny.Session session, String after, int limit) {
        return Sql.rows(session, PAGE, after, limit)
                .map(rows -> rows.stream().map(Rollouts::kept).toList());
    }

    private static KeptRollout kept(@Nullable Object[] row) {
        RolloutId id = new RolloutId(Columns.text(row[0]));
        return new KeptRollout(
                new Rollout(
                        id,
                        Rollout.Kind.valueOf(Columns.text(row[1])),
                        new ProductName(Columns.text(row[2])),
                        Version.of(Columns.text(row[3])),
                        Rollout.Phase.valueOf(Columns.text(row[4])),
                        Boolean.TRUE.equals(row[5]),
                        Columns.text(row[6]),
                        Json.read(Columns.text(row[7]), RINGS),
                        Columns.number(row[8])),
                new Chain("rollout:" + id, Columns.number(row[9]), Columns.text(row[10])));
    }
}
