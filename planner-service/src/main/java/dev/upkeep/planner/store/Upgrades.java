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
import dev.upkeep.planner.core.Hops;
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
import java.util.Set;
import java.util.stream.Collectors;
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
            u.state, u.facts, u.revision, u.announced_at, u.wake_at, t.token, t.chain_place, t.chain_hash,
            u.hop, case when u.started_at is null then t.version else u.runs end, u.ahead, u.abort
            """;
    private static final String ACTIVE = "('RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD')";
    private static final String CANDIDATE = """
            ,
            """ + Tenants.DOCUMENT + """
            , t.version, t.previous_version, t.previous_schema,
            (select a.id from upgrade a where a.tenant = t.id and a.id <> u.id and a.phase in\s
            """ + ACTIVE + """
             limit 1),
            (select p.reason from parked_key p where p.key = t.id limit 1)
            from upgrade u join tenant t on t.id = u.tenant
            """;
    private static final String LOCK = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant where u.id = any($1) order by t.id, u.id for update of u, t
            """;
    private static final String OF_TENANTS = """
            select u.id from upgrade u where u.tenant = any($1)
            and u.phase in ('WAITING', 'RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD')
            """;
    private static final String DUE = """
            select u.id from upgrade u
            where u.wake_at <= $1 and u.phase in ('RUNNING', 'UNDOING', 'CLOSING') order by u.wake_at limit $2
            """;
    private static final String OVERDUE = """
            select u.id from upgrade u
            where u.overdue_at <= $1 and u.phase in ('RUNNING', 'UNDOING', 'CLOSING') limit $2
            """;
    private static final String WAITING = "select " + COLUMNS + CANDIDATE + """
            where u.rollout = $1 and u.ring = $2 and u.phase = 'WAITING' and u.wake_at <= $3
            order by u.wake_at, u.tenant limit $4 for update of u, t skip locked
            """;
    private static final String BETWEEN_HOPS = "select " + COLUMNS + CANDIDATE + """
            where u.phase = 'BETWEEN_HOPS' and u.wake_at <= $1
            order by u.wake_at, u.tenant limit $2 for update of u, t skip locked
            """;
    private static final String WAITING_OF = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant
            where u.tenant = any($1) and u.phase in ('WAITING', 'BETWEEN_HOPS') order by t.id, u.id for update of u, t
            """;
    private static final String AT_REST = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant
            where u.rollout = $1 and u.phase in ('WAITING', 'BARRED', 'BETWEEN_HOPS') limit $2
            for update of u, t skip locked
            """;
    private static final String TO_TURN_BACK = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant
            where u.rollout = $1 and u.phase in ('RUNNING', 'HELD') and u.abort is null limit $2
            for update of u, t skip locked
            """;
    private static final String LEFT_TO_GIVE_UP = """
            select 1 from upgrade u where u.rollout = $1 and (u.phase in ('WAITING', 'BARRED', 'BETWEEN_HOPS')
                or ($2 and u.phase in ('RUNNING', 'HELD') and u.abort is null)) limit 1
            """;
    private static final String TAKEN_BACK = """
            select u.tenant from upgrade u join rollout o on o.id = u.rollout
            where o.kind = 'RECALL' and o.product = $1 and o.version = $2 and u.tenant = any($4)
                and ($3 or u.phase not in ('CONFIRMED', 'ROLLED_BACK', 'ABORTED'))
            """;
    private static final String OF_RELEASE = "select " + COLUMNS + """
            from upgrade u join tenant t on t.id = u.tenant
            where u.product = $1 and u.hop_to = $2 and u.phase in ('RUNNING', 'CLOSING', 'HELD')
                and ($3::text[] is null or u.tenant = any($3))
            """;
    private static final String NEXT_LOOK = """
            select min(wake_at) from upgrade where rollout = $1 and ring = $2 and phase = 'WAITING'
            """;
    private static final String SAVE = """
            update upgrade u set from_version = g.from_version, hop = g.hop, runs = g.runs, hop_to = g.hop_to,
                ahead = g.ahead, abort = g.abort, phase = g.phase, state = g.state, facts = g.facts,
                revision = g.revision, step = g.step, wake_at = g.wake_at, overdue_at = g.overdue_at,
                started_at = case when g.begun = 1
                    then coalesce(u.started_at, case when g.phase <> 'ABORTED' then g.at end) end,
                ended_at = case when g.ended = 1 then g.at end, changed_at = g.at
            from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[],
                        $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::bigint[], $12::timestamptz[],
                        $13::bigint[], $14::text[], $15::text[], $16::text[], $17::text[])
                as g (id, from_version, phase, state, facts, revision, step, wake_at, overdue_at, begun, ended, at,
                    hop, runs, hop_to, ahead, abort)
            where u.id = g.id
            """;
    private static final String SAVE_TENANTS = """
            update tenant t set token = g.token, chain_place = g.place, chain_hash = g.hash,
                version = coalesce(g.version, t.version),
                previous_version = case when g.version is null then t.previous_version else g.previous end,
                previous_schema = case when g.version is null then t.previous_schema else g.schema end
            from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
                as g (id, token, place, hash, version, previous, schema)
            where t.id = g.id
            """;
    private static final String LOOK_AGAIN = """
            update upgrade u set wake_at = g.wake_at from unnest($1::text[], $2::timestamptz[]) as g (id, wake_at)
            where u.id = g.id
            """;
    private static final String LOOK_NOW = """
            update upgrade set wake_at = $3 where rollout = $1 and ring = $2 and phase = 'WAITING' and wake_at > $3
            """;
    private static final String INSERT = """
            insert into upgrade (id, rollout, tenant, account, product, from_version, to_version, ring, runs, phase,
                state, facts, revision, step, wake_at, announced_at, changed_at)
            select g.id, $2, g.tenant, g.account, $3, g.from_version, g.to_version, g.ring, g.from_version, 'WAITING',
                $4, '{}', 0, '', $5, $5, $5
            from unnest($1::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
                as g (id, tenant, account, from_version, to_version, ring)
            """;
    private static final String SAVE_PLANS = """
            insert into plan (upgrade, hop, plan) select * from unnest($1::text[], $2::bigint[], $3::text[])
            """;
    private static final String PLANS = """
            select p.upgrade, p.hop, p.plan from plan p
            join unnest($1::text[], $2::bigint[]) as g (upgrade, hop) on g.upgrade = p.upgrade and g.hop = p.hop
            """;
    private static final TypeReference<Map<String, String>> FACTS = new TypeReference<>() {};
    private static final TypeReference<List<Version>> VERSIONS = new TypeReference<>() {};
    private static final int PLANS_CACHED = 1500;

    /** Whose plan: each of an upgrade's hops has its own. */
    private record OfHop(UpgradeId upgrade, long hop) {}

    // A plan never changes, so a copy of it is never stale.
    private final Map<OfHop, Plan> plans = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<OfHop, Plan> eldest) {
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

    /** The upgrades of tenants with no hop under way, their rows and their tenants' locked. */
    public Uni<List<Kept>> lockWaiting(Mutiny.Session session, Collection<TenantId> tenants) {
        return tenants.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Sql.rows(session, WAITING_OF, (Object)
                                tenants.stream().map(TenantId::value).toArray(String[]::new))
                        .map(rows -> rows.stream()
                                .map(row -> kept(row, Optional.empty()))
                                .toList());
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

    /** Upgrades between two hops whose blockers may be looked at now; those that somebody else holds are left out. */
    public Uni<List<Candidate>> betweenHops(Mutiny.Session session, Instant now, int limit) {
        return Sql.rows(session, BETWEEN_HOPS, Columns.time(now), limit)
                .map(rows -> rows.stream().map(this::candidate).toList());
    }

    /** Upgrades of a rollout of which no hop is under way; those that somebody else holds are left out. */
    public Uni<List<Kept>> atRest(Mutiny.Session session, RolloutId rollout, int limit) {
        return Sql.rows(session, AT_REST, rollout.value(), limit)
                .map(rows ->
                        rows.stream().map(row -> kept(row, Optional.empty())).toList());
    }

    /** Upgrades of a rollout that have yet to hear that they are turned back; those that somebody else holds are left out. */
    public Uni<List<Kept>> toTurnBack(Mutiny.Session session, RolloutId rollout, int limit) {
        return Sql.rows(session, TO_TURN_BACK, rollout.value(), limit).chain(rows -> withPlans(session, rows));
    }

    /** Whether an aborted rollout has upgrades that have yet to hear of it. */
    public Uni<Boolean> areLeftToGiveUp(Mutiny.Session session, RolloutId rollout, boolean turnsBack) {
        return Sql.rows(session, LEFT_TO_GIVE_UP, rollout.value(), turnsBack).map(rows -> !rows.isEmpty());
    }

    /**
     * Those of some tenants for which a way back from a recalled release was planned.
     *
     * @param also those whose way back has ended, whatever it came to
     */
    public Uni<Set<TenantId>> takenBack(
            Mutiny.Session session, ProductName product, Version version, boolean also, Collection<TenantId> of) {
        return Sql.rows(
                        session,
                        TAKEN_BACK,
                        product.value(),
                        version.toString(),
                        also,
                        of.stream().map(TenantId::value).toArray(String[]::new))
                .map(rows -> rows.stream()
                        .map(row -> new TenantId(Columns.text(row[0])))
                        .collect(Collectors.toSet()));
    }

    /**
     * Upgrades whose hop under way leads to a release; nothing is locked.
     *
     * @param of these tenants; all if empty
     */
    public Uni<List<Kept>> onTheWayTo(
            Mutiny.Session session, ProductName product, Version version, Optional<Collection<TenantId>> of) {
        String[] wanted = of.map(ids -> ids.stream().map(TenantId::value).toArray(String[]::new))
                .orElse(null);
        return Sql.rows(session, OF_RELEASE, product.value(), version.toString(), wanted)
                .chain(rows -> withPlans(session, rows));
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
                        Columns.numbers(changed, k -> hasBegun(k.upgrade()) ? 1L : 0L),
                        Columns.numbers(
                                changed, k -> k.upgrade().state().phase().isEnded() ? 1L : 0L),
                        Columns.times(changed, k -> Optional.of(now)),
                        Columns.numbers(changed, k -> (long) k.upgrade().hops().begun()),
                        Columns.texts(changed, k -> k.upgrade().hops().runs().toString()),
                        Columns.texts(changed, Upgrades::hopTo),
                        Columns.texts(
                                changed, k -> Json.write(k.upgrade().hops().ahead())),
                        Columns.texts(changed, k -> k.upgrade().abort().orElse(null)))
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
        Map<TenantId, Kept.Installed> installed = new LinkedHashMap<>();
        for (Kept k : changed) {
            tokens.merge(k.upgrade().subject().tenant(), k.upgrade().token(), Math::max);
            k.installed().ifPresent(i -> installed.put(k.upgrade().subject().tenant(), i));
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
                                last,
                                k -> installed(installed, k)
                                        .map(i -> i.version().toString())
                                        .orElse(null)),
                        Columns.texts(
                                last,
                                k -> installed(installed, k)
                                        .flatMap(Kept.Installed::previous)
                                        .map(Version::toString)
                                        .orElse(null)),
                        Columns.texts(
                                last,
                                k -> installed(installed, k)
                                        .flatMap(Kept.Installed::schema)
                                        .orElse(null)))
                .replaceWithVoid();
    }

    private static Optional<Kept.Installed> installed(Map<TenantId, Kept.Installed> installed, Kept of) {
        return Optional.ofNullable(installed.get(of.upgrade().subject().tenant()));
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

    /** Lets the upgrades of a ring that have not begun be looked at now. */
    public Uni<Void> lookNow(Mutiny.Session session, RolloutId rollout, RingName ring, Instant now) {
        return Sql.update(session, LOOK_NOW, rollout.value(), ring.value(), Columns.time(now))
                .replaceWithVoid();
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
                        Json.write(new State.Waiting()),
                        Columns.time(now),
                        Columns.texts(subjects, s -> s.tenant().value()),
                        Columns.texts(subjects, s -> s.account().value()),
                        Columns.texts(subjects, s -> s.from().toString()),
                        Columns.texts(subjects, s -> s.to().toString()),
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

    /** Saves the plans of hops that have begun. */
    public Uni<Void> addPlans(Mutiny.Session session, List<Upgrade> begun) {
        if (begun.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return Sql.update(
                        session,
                        SAVE_PLANS,
                        Columns.texts(begun, u -> u.subject().upgrade().value()),
                        Columns.numbers(begun, u -> (long) u.hops().begun()),
                        Columns.texts(begun, u -> Json.write(u.plan().orElseThrow())))
                .replaceWithVoid();
    }

    private Uni<List<Kept>> withPlans(Mutiny.Session session, List<Object[]> rows) {
        Map<OfHop, Plan> known = new LinkedHashMap<>();
        List<OfHop> missing = new ArrayList<>();
        synchronized (plans) {
            for (Object[] row : rows) {
                OfHop hop = hop(row);
                Plan plan = plans.get(hop);
                if (plan != null) {
                    known.put(hop, plan);
                } else if (hop.hop() > 0) {
                    missing.add(hop);
                }
            }
        }
        Uni<List<Object[]>> read = missing.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Sql.rows(
                        session,
                        PLANS,
                        Columns.texts(missing, h -> h.upgrade().value()),
                        Columns.numbers(missing, OfHop::hop));
        return read.map(found -> {
            for (Object[] row : found) {
                OfHop hop = new OfHop(new UpgradeId(Columns.text(row[0])), Columns.number(row[1]));
                Plan plan = Json.read(Columns.text(row[2]), Plan.class);
                known.put(hop, plan);
                synchronized (plans) {
                    plans.put(hop, plan);
                }
            }
            return rows.stream()
                    .map(row -> kept(row, Optional.ofNullable(known.get(hop(row)))))
                    .toList();
        });
    }

    private static OfHop hop(@Nullable Object[] row) {
        return new OfHop(new UpgradeId(Columns.text(row[0])), Columns.number(row[16]));
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
                new Hops(
                        (int) Columns.number(row[16]),
                        Version.of(Columns.text(row[17])),
                        Json.read(Columns.text(row[18]), VERSIONS)),
                plan,
                Json.read(Columns.text(row[8]), State.class),
                Json.read(Columns.text(row[9]), FACTS),
                Columns.number(row[13]),
                Columns.number(row[10]),
                Optional.ofNullable(row[19]).map(Object::toString));
        return new Kept(
                upgrade,
                rollout,
                new RingName(Columns.text(row[7])),
                new Chain("tenant:" + tenant, Columns.number(row[14]), Columns.text(row[15])),
                Columns.instant(row[11]),
                Columns.optional(row[12]),
                Optional.empty());
    }

    private Candidate candidate(@Nullable Object[] row) {
        return new Candidate(
                kept(row, Optional.empty()),
                Tenants.tenant(Text.stored(Columns.text(row[20])), Version.of(Columns.text(row[21]))),
                Optional.ofNullable(row[22]).map(v -> Version.of(v.toString())),
                Optional.ofNullable(row[23]).map(Object::toString),
                Optional.ofNullable(row[24]).map(id -> new UpgradeId(id.toString())),
                Optional.ofNullable(row[25]).map(Object::toString));
    }

    /** Where the hop under way goes; between two hops the last one's end is not on the way any more. */
    private static @Nullable String hopTo(Kept kept) {
        Upgrade upgrade = kept.upgrade();
        return upgrade.step()
                .flatMap(step -> upgrade.plan())
                .map(plan -> plan.to().toString())
                .orElse(null);
    }

    /** One that was postponed with nothing changed has not: it begins on whatever is installed by then. */
    private static boolean hasBegun(Upgrade upgrade) {
        return upgrade.hops().begun() > 0 && !isWaiting(upgrade.state());
    }

    private static boolean isWaiting(State state) {
        return state instanceof State.Waiting || (state instanceof State.Held held && isWaiting(held.at()));
    }

    private static Optional<Instant> wakeAt(Kept kept) {
        return switch (kept.upgrade().state()) {
            case State.Waiting w -> kept.wakeAt();
            case State.BetweenHops b -> kept.wakeAt();
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
