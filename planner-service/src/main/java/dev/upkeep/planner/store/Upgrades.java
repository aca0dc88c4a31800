package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Step;
import dev.upkeep.planner.core.Try;
import dev.upkeep.planner.core.Upgrade;
import dev.upkeep.planner.document.Text;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/**
 * Upgrades and their plans.
 *
 * <p>Ordering: an upgrade's row is locked before its tenant's, both in the order of tenants, and both before a
 * rollout's; who holds a rollout's row takes further upgrades only if nobody holds them.
 */
@ApplicationScoped
public class Upgrades {
    private static final String COLUMNS = """
            u.id, u.rollout, u.tenant, u.account, u.product,
            case when u.started_at is null then t.version else u.from_version end, u.to_version, u.ring,
            u.state, u.facts, u.revision, u.announced_at, u.wake_at, t.token, t.chain_place, t.chain_hash
            """;
    private static final String LOCK = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant where u.id = any($1) order by t.id, u.id for update of u, t
            """;
    private static final String OF_TENANTS = """
            select u.id from upgrade u where u.tenant = any($1)
            and u.phase in ('WAITING', 'RUNNING', 'UNDOING', 'CLOSING', 'HELD')
            """;
    private static final String DUE = """
            select u.id from upgrade u
            where u.wake_at <= $1 and u.phase in ('RUNNING', 'UNDOING', 'CLOSING') order by u.wake_at limit $2
            """;
    private static final String OVERDUE = """
            select u.id from upgrade u
            where u.overdue_at <= $1 and u.phase in ('RUNNING', 'UNDOING', 'CLOSING') limit $2
            """;
    private static final String WAITING = "select " + COLUMNS + """
            , t.document, t.version,
            (select a.id from upgrade a where a.tenant = t.id
                and a.phase in ('RUNNING', 'UNDOING', 'CLOSING', 'HELD') limit 1),
            (select p.reason from parked_key p where p.key = t.id limit 1)
            from upgrade u join tenant t on t.id = u.tenant
            where u.rollout = $1 and u.ring = $2 and u.phase = 'WAITING' and u.wake_at <= $3
            order by u.wake_at, u.tenant limit $4 for update of u, t skip locked
            """;
    private static final String NOT_BEGUN = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant
            where u.rollout = $1 and u.phase in ('WAITING', 'BARRED') limit $2 for update of u, t skip locked
            """;
    private static final String NEXT_LOOK = """
            select min(wake_at) from upgrade where rollout = $1 and ring = $2 and phase = 'WAITING'
            """;
    private static final String SAVE = """
            update upgrade u set from_version = g.from_version, phase = g.phase, state = g.state, facts = g.facts,
                revision = g.revision, step = g.step, wake_at = g.wake_at, overdue_at = g.overdue_at,
                started_at = coalesce(u.started_at, case when g.begun = 1 then g.at end),
                ended_at = case when g.ended = 1 then g.at end, changed_at = g.at
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                        $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::timestamptz[])
                as g (id, from_version, phase, state, facts, revision, step, wake_at, overdue_at, begun, ended, at)
            where u.id = g.id
            """;
    private static final String SAVE_TENANTS = """
            update tenant t set token = g.token, chain_place = g.place, chain_hash = g.hash,
                version = coalesce(g.version, t.version)
            from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])
                as g (id, token, place, hash, version)
            where t.id = g.id
            """;
    private static final String LOOK_AGAIN = """
            update upgrade u set wake_at = g.wake_at from unnest($1::text[], $2::timestamptz[]) as g (id, wake_at)
            where u.id = g.id
            """;
    private static final String LOOK_NOW = """
            update upgrade set wake_at = $2 where tenant = $1 and phase = 'WAITING' returning rollout
            """;
    private static final String INSERT = """
            insert into upgrade (id, rollout, tenant, account, product, from_version, to_version, ring, phase, state,
                facts, revision, step, wake_at, announced_at, changed_at)
            select g.id, $2, g.tenant, g.account, $3, g.from_version, $4, g.ring, 'WAITING', $5, '{}', 0, '', $6, $6, $6
            from unnest($1::text[], $7::text[], $8::text[], $9::text[], $10::text[])
                as g (id, tenant, account, from_version, ring)
            """;
    private static final String SAVE_PLANS = """
            insert into plan (upgrade, plan) select * from unnest($1::text[], $2::text[])
            """;
    private static final String PLANS = "select upgrade, plan from plan where upgrade = any($1)";
    private static final TypeReference<Map<String, String>> FACTS = new TypeReference<>() {};
    private static final int PLANS_CACHED = 1500;

    // A plan never changes, so a copy of it is never stale.
    private final Map<UpgradeId, Plan> plans = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UpgradeId, Plan> eldest) {
            return size() > PLANS_CACHED;
        }
    };

    /** The upgrades with these ids, their rows and their tenants' locked; unknown ids are left out. */
    public Uni<List<Kept>> lock(Mutiny.Session session, Collection<UpgradeId> ids) {
        String[] wanted = ids.stream().map(UpgradeId::value).toArray(String[]::new);
        return Sql.rows(session, LOCK, (Object) wanted).chain(rows -> withPlans(session, rows));
    }

    /** The upgrades of these tenants that have not ended. */
    public Uni<List<UpgradeId>> ofTenants(Mutiny.Session session, Collection<TenantId> tenants) {
        String[] wanted = tenants.stream().map(TenantId::value).toArray(String[]::new);
        return Sql.rows(session, OF_TENANTS, (Object) wanted).map(Upgrades::ids);
    }

    /** The upgrades whose time to be tried again has come. */
    public Uni<List<UpgradeId>> due(Mutiny.Session session, Instant now, int limit) {
        return Sql.rows(session, DUE, Columns.time(now), limit).map(Upgrades::ids);
    }

    /** The upgrades whose answer is overdue. */
    public Uni<List<UpgradeId>> overdue(Mutiny.Session session, Instant now, int limit) {
        return Sql.rows(session, OVERDUE, Columns.time(now), limit).map(Upgrades::ids);
    }

    /** Upgrades of a ring whose blockers may be looked at now; those that somebody else holds are left out. */
    public Uni<List<Candidate>> waiting(
            Mutiny.Session session, RolloutId rollout, RingName ring, Instant now, int limit) {
        return Sql.rows(session, WAITING, rollout.value(), ring.value(), Columns.time(now), limit)
                .map(rows -> rows.stream().map(this::candidate).toList());
    }

    /** Upgrades of a rollout that have not begun; those that somebody else holds are left out. */
    public Uni<List<Kept>> notBegun(Mutiny.Session session, RolloutId rollout, int limit) {
        return Sql.rows(session, NOT_BEGUN, rollout.value(), limit)
                .map(rows ->
                        rows.stream().map(row -> kept(row, Optional.empty())).toList());
    }

    /** When a ring's waiting upgrades are to be looked at next. */
    public Uni<Optional<Instant>> nextLook(Mutiny.Session session, RolloutId rollout, RingName ring) {
        return Sql.rows(session, NEXT_LOOK, rollout.value(), ring.value())
                .map(rows -> Columns.optional(rows.getFirst()[0]));
    }

    /** Saves what was decided, and the tenants' tokens, chains and versions with it. */
    public Uni<Void> save(Mutiny.Session session, List<Kept> changed, Instant now) {
        if (changed.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Sql.update(
                        session,
                        SAVE,
                        Columns.texts(
                                changed, k -> k.upgrade().subject().upgrade().value()),
                        Columns.texts(changed, k -> k.upgrade().subject().from().toString()),
                        Columns.texts(changed, k -> k.upgrade().state().phase().name()),
                        Columns.texts(changed, k -> Json.write(k.upgrade().state())),
                        Columns.texts(changed, k -> Json.write(k.upgrade().facts())),
                        Columns.numbers(changed, k -> k.upgrade().revision()),
                        Columns.texts(
                                changed,
                                k -> k.upgrade()
                                        .step()
                                        .map(Step::id)
                                        .map(StepId::value)
                                        .orElse("")),
                        Columns.times(changed, Upgrades::wakeAt),
                        Columns.times(changed, Upgrades::overdueAt),
                        Columns.numbers(changed, k -> k.upgrade().plan().isPresent() ? 1L : 0L),
                        Columns.numbers(
                                changed, k -> k.upgrade().state().phase().isEnded() ? 1L : 0L),
                        Columns.times(changed, k -> Optional.of(now)))
                .chain(() -> saveTenants(session, changed));
    }

    private static Uni<Void> saveTenants(Mutiny.Session session, List<Kept> changed) {
        // Two upgrades of one tenant may be in one batch; the one decided last holds the longer chain.
        Map<TenantId, Kept> byTenant = new LinkedHashMap<>();
        changed.forEach(k -> byTenant.merge(
                k.upgrade().subject().tenant(),
                k,
                (a, b) -> a.chain().place() > b.chain().place() ? a : b));
        Map<TenantId, Long> tokens = new LinkedHashMap<>();
        Map<TenantId, String> installed = new LinkedHashMap<>();
        for (Kept k : changed) {
            tokens.merge(k.upgrade().subject().tenant(), k.upgrade().token(), Math::max);
            if (k.upgrade().state() instanceof State.Confirmed) {
                installed.put(
                        k.upgrade().subject().tenant(),
                        k.upgrade().subject().to().toString());
            }
        }
        List<Kept> last = List.copyOf(byTenant.values());
        return Sql.update(
                        session,
                        SAVE_TENANTS,
                        Columns.texts(last, k -> k.upgrade().subject().tenant().value()),
                        Columns.numbers(
                                last,
                                k -> tokens.getOrDefault(k.upgrade().subject().tenant(), 0L)),
                        Columns.numbers(last, k -> k.chain().place()),
                        Columns.texts(last, k -> k.chain().hash()),
                        Columns.texts(
                                last, k -> installed.get(k.upgrade().subject().tenant())))
                .replaceWithVoid();
    }

    /** Puts off the next look at what is blocked. */
    public Uni<Void> lookAgain(Mutiny.Session session, List<Kept> blocked) {
        return blocked.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                LOOK_AGAIN,
                                Columns.texts(
                                        blocked,
                                        k -> k.upgrade().subject().upgrade().value()),
                                Columns.times(blocked, Kept::wakeAt))
                        .replaceWithVoid();
    }

    /** Something about a tenant changed: its blockers are looked at soon. The rollouts concerned are returned. */
    public Uni<List<RolloutId>> lookNow(Mutiny.Session session, TenantId tenant, Instant now) {
        return Sql.rows(session, LOOK_NOW, tenant.value(), Columns.time(now))
                .map(rows -> rows.stream()
                        .map(row -> new RolloutId(Columns.text(row[0])))
                        .toList());
    }

    /** Adds upgrades that wait, with the ring of each. */
    public Uni<Void> add(Mutiny.Session session, List<Subject> subjects, Map<TenantId, RingName> rings, Instant now) {
        if (subjects.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Subject any = subjects.getFirst();
        return Sql.update(
                        session,
                        INSERT,
                        Columns.texts(subjects, s -> s.upgrade().value()),
                        any.rollout().value(),
                        any.product().value(),
                        any.to().toString(),
                        Json.write(new State.Waiting()),
                        Columns.time(now),
                        Columns.texts(subjects, s -> s.tenant().value()),
                        Columns.texts(subjects, s -> s.account().value()),
                        Columns.texts(subjects, s -> s.from().toString()),
                        Columns.texts(subjects, s -> ring(rings, s).value()))
                .replaceWithVoid();
    }

    private static RingName ring(Map<TenantId, RingName> rings, Subject subject) {
        RingName ring = rings.get(subject.tenant());
        if (ring == null) {
            throw new IllegalArgumentException("tenant " + subject.tenant() + " has no ring");
        }
        return ring;
    }

    /** Saves the plans of upgrades that have begun. */
    public Uni<Void> addPlans(Mutiny.Session session, Map<UpgradeId, Plan> begun) {
        if (begun.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Map.Entry<UpgradeId, Plan>> rows = List.copyOf(begun.entrySet());
        return Sql.update(
                        session,
                        SAVE_PLANS,
                        Columns.texts(rows, r -> r.getKey().value()),
                        Columns.texts(rows, r -> Json.write(r.getValue())))
                .replaceWithVoid();
    }

    private Uni<List<Kept>> withPlans(Mutiny.Session session, List<Object[]> rows) {
        Map<UpgradeId, Plan> known = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        synchronized (plans) {
            for (Object[] row : rows) {
                UpgradeId id = new UpgradeId(Columns.text(row[0]));
                Plan plan = plans.get(id);
                if (plan == null) {
                    missing.add(id.value());
                } else {
                    known.put(id, plan);
                }
            }
        }
        Uni<List<Object[]>> read = missing.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Sql.rows(session, PLANS, (Object) missing.toArray(String[]::new));
        return read.map(found -> {
            for (Object[] row : found) {
                UpgradeId id = new UpgradeId(Columns.text(row[0]));
                Plan plan = Json.read(Columns.text(row[1]), Plan.class);
                known.put(id, plan);
                synchronized (plans) {
                    plans.put(id, plan);
                }
            }
            return rows.stream()
                    .map(row -> kept(row, Optional.ofNullable(known.get(new UpgradeId(Columns.text(row[0]))))))
                    .toList();
        });
    }

    private static Kept kept(@Nullable Object[] row, Optional<Plan> plan) {
        TenantId tenant = new TenantId(Columns.text(row[2]));
        RolloutId rollout = new RolloutId(Columns.text(row[1]));
        Subject subject = new Subject(
                tenant,
                new AccountId(Columns.text(row[3])),
                new ProductName(Columns.text(row[4])),
                Version.of(Columns.text(row[5])),
                Version.of(Columns.text(row[6])),
                new UpgradeId(Columns.text(row[0])),
                rollout);
        Upgrade upgrade = new Upgrade(
                subject,
                plan,
                Json.read(Columns.text(row[8]), State.class),
                Json.read(Columns.text(row[9]), FACTS),
                Columns.number(row[13]),
                Columns.number(row[10]));
        return new Kept(
                upgrade,
                rollout,
                new RingName(Columns.text(row[7])),
                new Chain("tenant:" + tenant, Columns.number(row[14]), Columns.text(row[15])),
                Columns.instant(row[11]),
                Columns.optional(row[12]));
    }

    private Candidate candidate(@Nullable Object[] row) {
        return new Candidate(
                kept(row, Optional.empty()),
                Tenants.tenant(Text.stored(Columns.text(row[16])), Version.of(Columns.text(row[17]))),
                Optional.ofNullable(row[18]).map(id -> new UpgradeId(id.toString())),
                Optional.ofNullable(row[19]).map(Object::toString));
    }

    private static Optional<Instant> wakeAt(Kept kept) {
        return switch (kept.upgrade().state()) {
            case State.Waiting w -> kept.wakeAt();
            case State.Moving m when m.attempt() instanceof Try.Backoff t -> Optional.of(t.due());
            case State.Moving m -> Optional.empty();
            case State.Held h -> Optional.empty();
            case State.Ended e -> Optional.empty();
        };
    }

    private static Optional<Instant> overdueAt(Kept kept) {
        return kept.upgrade().state() instanceof State.Moving m && m.attempt() instanceof Try.InFlight t
                ? Optional.of(t.overdue())
                : Optional.empty();
    }

    private static List<UpgradeId> ids(List<Object[]> rows) {
        return rows.stream().map(row -> new UpgradeId(Columns.text(row[0]))).toList();
    }
}
