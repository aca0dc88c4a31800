package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Hops;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.Text;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** What is shown of upgrades; nothing is locked. */
@ApplicationScoped
public class Readings {
    private static final String ROWS = """
            select u.id, u.rollout, u.tenant, u.account, u.product, u.from_version, u.to_version, u.ring, u.phase, u.state,
                   u.facts, u.step, u.announced_at, u.started_at, u.ended_at, p.plan, t.version,
            """ + Tenants.DOCUMENT + """
                   , (select a.id from upgrade a where a.tenant = u.tenant and a.id <> u.id
                       and a.phase in ('RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD') limit 1),
                   (select k.reason from parked_key k where k.key = u.tenant limit 1),
                   u.hop, case when u.started_at is null then t.version else u.runs end, u.ahead, u.abort, u.revision
            from upgrade u join tenant t on t.id = u.tenant left join plan p on p.upgrade = u.id and p.hop = u.hop
            """;
    private static final String ONE = ROWS + "where u.id = $1";
    private static final String LATEST = ROWS + "where u.tenant = $1 order by u.announced_at desc, u.id desc limit 1";
    private static final String OF_ROLLOUT = """
            select id, tenant, ring, phase, from_version, to_version, step, state, started_at, ended_at
            from upgrade where rollout = $1 order by ring, tenant limit $2
            """;
    private static final String PAGE_OF_ROLLOUT = """
            select id, tenant, ring, phase, from_version, to_version, step, state, started_at, ended_at
            from upgrade where rollout = $1 and id > $2 order by id limit $3
            """;
    private static final String OF_ACCOUNT = """
            select u.id, u.tenant, u.ring, u.phase, u.from_version, u.to_version, u.step, u.state, u.started_at, u.ended_at
            from upgrade u join tenant t on t.id = u.tenant
            where t.account = $1 and ($2 = '' or (u.announced_at, u.id) <
                (select b.announced_at, b.id from upgrade b where b.id = $2))
            order by u.announced_at desc, u.id desc limit $3
            """;
    private static final String PLANNED = """
            select u.tenant, u.to_version from upgrade u where u.tenant = any($1) and u.phase in ('WAITING', 'BARRED')
            """;
    private static final TypeReference<Map<String, String>> FACTS = new TypeReference<>() {};
    private static final TypeReference<List<Version>> VERSIONS = new TypeReference<>() {};

    /**
     * An upgrade with all there is to show.
     *
     * @param plan of the hop under way or, between two, of the last one
     * @param abort who wants it to end and why, once somebody does
     */
    public record Shown(
            UpgradeId id,
            RolloutId rollout,
            TenantId tenant,
            String account,
            String product,
            Version from,
            Version to,
            String ring,
            Hops hops,
            State state,
            Map<String, String> facts,
            String step,
            Optional<String> abort,
            Instant announcedAt,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Optional<Plan> plan,
            Tenant tenantNow,
            Optional<UpgradeId> otherActive,
            Optional<String> parkedBecause,
            long revision) {}

    /** An upgrade in a rollout's list. */
    public record Listed(
            String id,
            String tenant,
            String ring,
            State.Phase phase,
            String from,
            String to,
            String step,
            State state,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt) {}

    /** One upgrade. */
    public Uni<Optional<Shown>> upgrade(Mutiny.Session session, UpgradeId id) {
        return Sql.rows(session, ONE, id.value())
                .map(rows -> rows.stream().findFirst().map(Readings::shown));
    }

    /** A tenant's latest upgrade. */
    public Uni<Optional<Shown>> latest(Mutiny.Session session, TenantId tenant) {
        return Sql.rows(session, LATEST, tenant.value())
                .map(rows -> rows.stream().findFirst().map(Readings::shown));
    }

    /** The upgrades of a rollout. */
    public Uni<List<Listed>> ofRollout(Mutiny.Session session, RolloutId rollout, int limit) {
        return Sql.rows(session, OF_ROLLOUT, rollout.value(), limit)
                .map(rows -> rows.stream().map(Readings::listed).toList());
    }

    /** A page of the upgrades of a rollout, by id, after one. */
    public Uni<List<Listed>> ofRollout(Mutiny.Session session, RolloutId rollout, String after, int limit) {
        return Sql.rows(session, PAGE_OF_ROLLOUT, rollout.value(), after, limit)
                .map(rows -> rows.stream().map(Readings::listed).toList());
    }

    /** An account's upgrades, the latest announced first, after an id. */
    public Uni<List<Listed>> ofAccount(Mutiny.Session session, AccountId account, String after, int limit) {
        return Sql.rows(session, OF_ACCOUNT, account.value(), after, limit)
                .map(rows -> rows.stream().map(Readings::listed).toList());
    }

    /** The versions that upgrades of tenants would go to which have not begun. */
    public Uni<Map<TenantId, Set<Version>>> planned(Mutiny.Session session, Collection<TenantId> tenants) {
        return Sql.rows(session, PLANNED, (Object)
                        tenants.stream().map(TenantId::value).toArray(String[]::new))
                .map(rows -> {
                    Map<TenantId, Set<Version>> planned = new LinkedHashMap<>();
                    rows.forEach(
                            row -> planned.computeIfAbsent(new TenantId(Columns.text(row[0])), t -> new HashSet<>())
                                    .add(Version.of(Columns.text(row[1]))));
                    return planned;
                });
    }

    private static Listed listed(@Nullable Object[] row) {
        return new Listed(
                Columns.text(row[0]),
                Columns.text(row[1]),
                Columns.text(row[2]),
                State.Phase.valueOf(Columns.text(row[3])),
                Columns.text(row[4]),
                Columns.text(row[5]),
                Columns.text(row[6]),
                Json.read(Columns.text(row[7]), State.class),
                Columns.optional(row[8]),
                Columns.optional(row[9]));
    }

    private static Shown shown(@Nullable Object[] row) {
        return new Shown(
                new UpgradeId(Columns.text(row[0])),
                new RolloutId(Columns.text(row[1])),
                new TenantId(Columns.text(row[2])),
                Columns.text(row[3]),
                Columns.text(row[4]),
                Version.of(Columns.text(row[5])),
                Version.of(Columns.text(row[6])),
                Columns.text(row[7]),
                new Hops(
                        (int) Columns.number(row[20]),
                        Version.of(Columns.text(row[21])),
                        Json.read(Columns.text(row[22]), VERSIONS)),
                Json.read(Columns.text(row[9]), State.class),
                Json.read(Columns.text(row[10]), FACTS),
                Columns.text(row[11]),
                Optional.ofNullable(row[23]).map(Object::toString),
                Columns.instant(row[12]),
                Columns.optional(row[13]),
                Columns.optional(row[14]),
                Optional.ofNullable(row[15]).map(plan -> Json.read(plan.toString(), Plan.class)),
                Tenants.tenant(Text.stored(Columns.text(row[17])), Version.of(Columns.text(row[16]))),
                Optional.ofNullable(row[18]).map(id -> new UpgradeId(id.toString())),
                Optional.ofNullable(row[19]).map(Object::toString),
                Columns.number(row[24]));
    }
}
