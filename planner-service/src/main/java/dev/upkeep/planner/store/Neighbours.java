package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Policies;
import dev.upkeep.planner.core.Surroundings.Peer;
import dev.upkeep.planner.core.Surroundings.Sibling;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/** What stands around tenants: others of their account, what stands for a part of them, what they last measured. */
@ApplicationScoped
public class Neighbours {
    private static final String SIBLINGS = """
            select t.account, t.id, t.environment,
                case when t.version = $3 and not exists (select 1 from upgrade a where a.tenant = t.id
                    and a.phase in ('RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD')) then t.version_since end,
                coalesce((select max(extract(epoch from
                    coalesce((select min(n.started_at) from upgrade n where n.tenant = t.id and n.started_at > u.ended_at),
                        $4) - u.ended_at))
                    from upgrade u where u.tenant = t.id and u.to_version = $3 and u.phase = 'CONFIRMED'), 0)::bigint
            from tenant t where t.account = any($1) and t.product = $2
            """;
    private static final String PEERS = """
            select t.id, t.version, (select a.id from upgrade a where a.tenant = t.id
                and a.phase in ('RUNNING', 'BETWEEN_HOPS', 'UNDOING', 'CLOSING', 'HELD') limit 1)
            from tenant t where t.id = any($1)
            """;
    private static final String LOCK = "select id from tenant where id = any($1) order by id for update skip locked";
    private static final String MEASURED = """
            select t.id, (select u.facts from upgrade u where u.tenant = t.id and (u.phase in ('CONFIRMED', 'ROLLED_BACK')
                    or (u.phase in ('WAITING', 'BETWEEN_HOPS') and u.facts <> '{}'))
                order by u.announced_at desc, u.id desc limit 1)
            from unnest($1::text[]) as t (id)
            """;
    private static final TypeReference<Map<String, String>> FACTS = new TypeReference<>() {};

    /** The tenants of accounts that have a product, by account, with how long each has run a version. */
    public Uni<Map<AccountId, List<Sibling>>> siblings(
            Mutiny.Session session, Collection<AccountId> accounts, ProductName product, Version version, Instant now) {
        return Sql.rows(
                        session,
                        SIBLINGS,
                        accounts.stream().map(AccountId::value).distinct().toArray(String[]::new),
                        product.value(),
                        version.toString(),
                        Columns.time(now))
                .map(rows -> {
                    Map<AccountId, List<Sibling>> byAccount = new LinkedHashMap<>();
                    rows.forEach(row -> byAccount
                            .computeIfAbsent(new AccountId(Columns.text(row[0])), a -> new ArrayList<>())
                            .add(new Sibling(
                                    new TenantId(Columns.text(row[1])),
                                    Policies.Environment.valueOf(Columns.text(row[2])),
                                    Columns.optional(row[3]),
                                    Duration.ofSeconds(Columns.number(row[4])))));
                    return byAccount;
                });
    }

    /** What is known of tenants by id; those that are not registered are left out. */
    public Uni<Map<TenantId, Peer>> peers(Mutiny.Session session, Collection<TenantId> ids) {
        return peers(session, ids, new HashSet<>(ids));
    }

    /**
     * The same, with their rows locked until the transaction ends, so that none of them starts meanwhile. One that
     * somebody else holds is busy: nobody waits here, or two that are each other's peers would wait for ever.
     */
    public Uni<Map<TenantId, Peer>> lockPeers(Mutiny.Session session, Collection<TenantId> ids) {
        return ids.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, LOCK, (Object) texts(ids)).chain(locked -> {
                    Set<TenantId> held = new HashSet<>();
                    locked.forEach(row -> held.add(new TenantId(Columns.text(row[0]))));
                    return peers(session, ids, held);
                });
    }

    private static Uni<Map<TenantId, Peer>> peers(
            Mutiny.Session session, Collection<TenantId> ids, Set<TenantId> held) {
        return ids.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, PEERS, (Object) texts(ids)).map(rows -> {
                    Map<TenantId, Peer> peers = new LinkedHashMap<>();
                    for (Object[] row : rows) {
                        TenantId id = new TenantId(Columns.text(row[0]));
                        Optional<String> busy = Optional.ofNullable(row[2])
                                .map(upgrade -> "upgrade " + upgrade + " has not ended")
                                .or(() -> held.contains(id)
                                        ? Optional.empty()
                                        : Optional.of("something is being decided"));
                        peers.put(id, new Peer(Version.of(Columns.text(row[1])), busy));
                    }
                    return peers;
                });
    }

    /** What tenants' last upgrades found. */
    public Uni<Map<TenantId, Map<String, String>>> measured(Mutiny.Session session, Collection<TenantId> tenants) {
        return tenants.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, MEASURED, (Object) texts(tenants)).map(rows -> {
                    Map<TenantId, Map<String, String>> measured = new LinkedHashMap<>();
                    rows.stream()
                            .filter(row -> row[1] != null)
                            .forEach(row -> measured.put(
                                    new TenantId(Columns.text(row[0])), Json.read(Columns.text(row[1]), FACTS)));
                    return measured;
                });
    }

    private static String[] texts(Collection<TenantId> ids) {
        return ids.stream().map(TenantId::value).distinct().toArray(String[]::new);
    }
}
