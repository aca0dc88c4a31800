package dev.upkeep.planner.store;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.step.Words;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.core.Statement;
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

/** What people said: rows are added and withdrawn, and never changed otherwise. */
@ApplicationScoped
public class Statements {
    private static final String COLUMNS = "select tenant, id, said, made_by, note, made_at from statement ";
    private static final String OF_TENANTS =
            COLUMNS + "where tenant = any($1) and withdrawn_at is null order by made_at, id";
    private static final String OF_ROLLOUT =
            COLUMNS + "where rollout = $1 and withdrawn_at is null order by made_at, id";
    private static final String DELAYS = COLUMNS + "where tenant = any($1) and kind = 'delay' order by made_at, id";
    private static final String PAGE = """
            select tenant, id, said, made_by, note, made_at, withdrawn_by, withdrawn_at from statement
            where tenant = $1 and (made_at, id) > (coalesce((select made_at from statement where id = $2), '-infinity'), $2)
            order by made_at, id limit $3
            """;
    private static final String ADD = """
            insert into statement (id, kind, tenant, rollout, said, note, made_by, made_at)
            select g.id, $4, g.tenant, $5, g.said, $6, $7, $8
            from unnest($1::text[], $2::text[], $3::text[]) as g (id, tenant, said)
            """;
    private static final String WITHDRAW = """
            update statement set withdrawn_by = $3, withdrawn_at = $4
            where id = any($1) and tenant = $2 and withdrawn_at is null returning tenant, id, said, made_by, note, made_at
            """;
    private static final String WITHDRAW_KIND = """
            update statement set withdrawn_by = $3, withdrawn_at = $4
            where tenant = any($1) and kind = $2 and withdrawn_at is null
            returning tenant, id, said, made_by, note, made_at
            """;

    /** A statement as lists show it. */
    public record Listed(Stated stated, Optional<String> withdrawnBy, Optional<Instant> withdrawnAt) {}

    /** What stands about tenants, by tenant, in the order in which it was said. */
    public Uni<Map<TenantId, List<Stated>>> standing(Mutiny.Session session, Collection<TenantId> tenants) {
        return tenants.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, OF_TENANTS, (Object) ids(tenants)).map(Statements::byTenant);
    }

    /** What stands about a rollout's rings. */
    public Uni<List<Stated>> standing(Mutiny.Session session, RolloutId rollout) {
        return Sql.rows(session, OF_ROLLOUT, rollout.value())
                .map(rows -> rows.stream().map(Statements::stated).toList());
    }

    /** Every delay that was ever asked for, by tenant, withdrawn ones too. */
    public Uni<Map<TenantId, List<Stated>>> delays(Mutiny.Session session, Collection<TenantId> tenants) {
        return tenants.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, DELAYS, (Object) ids(tenants)).map(Statements::byTenant);
    }

    /** A page of all that was said about a tenant, after an id. */
    public Uni<List<Listed>> page(Mutiny.Session session, TenantId tenant, String after, int limit) {
        return Sql.rows(session, PAGE, tenant.value(), after, limit)
                .map(rows -> rows.stream()
                        .map(row ->
                                new Listed(stated(row), Optional.ofNullable((String) row[6]), Columns.optional(row[7])))
                        .toList());
    }

    /** Adds what one person said about tenants, at once. */
    public Uni<Void> add(Mutiny.Session session, Map<TenantId, Stated> said) {
        if (said.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Map.Entry<TenantId, Stated>> rows = List.copyOf(said.entrySet());
        return add(
                session,
                Columns.texts(rows, r -> r.getValue().id()),
                Columns.texts(rows, r -> r.getKey().value()),
                Columns.texts(rows, r -> Json.write(r.getValue().what())),
                null,
                rows.getFirst().getValue());
    }

    /** Adds what somebody said about a rollout. */
    public Uni<Void> add(Mutiny.Session session, RolloutId rollout, Stated said) {
        List<Stated> one = List.of(said);
        return add(
                session,
                Columns.texts(one, Stated::id),
                Columns.texts(one, s -> null),
                Columns.texts(one, s -> Json.write(s.what())),
                rollout.value(),
                said);
    }

    private static Uni<Void> add(
            Mutiny.Session session,
            @Nullable String[] ids,
            @Nullable String[] tenants,
            @Nullable String[] said,
            @Nullable String rollout,
            Stated like) {
        return Sql.update(
                        session,
                        ADD,
                        ids,
                        tenants,
                        said,
                        kind(like.what().getClass()),
                        rollout,
                        like.note(),
                        like.by(),
                        Columns.time(like.at()))
                .replaceWithVoid();
    }

    /** Withdraws one of a tenant's statements; empty if none of that id stands. */
    public Uni<Optional<Stated>> withdraw(Mutiny.Session session, TenantId tenant, String id, String by, Instant now) {
        return Sql.rows(session, WITHDRAW, new String[] {id}, tenant.value(), by, Columns.time(now))
                .map(rows -> rows.stream().findFirst().map(Statements::stated));
    }

    /** Withdraws all statements of a kind about tenants; what was withdrawn is returned, by tenant. */
    public Uni<Map<TenantId, List<Stated>>> withdraw(
            Mutiny.Session session,
            Collection<TenantId> tenants,
            Class<? extends Statement> kind,
            String by,
            Instant now) {
        return tenants.isEmpty()
                ? Uni.createFrom().item(Map.of())
                : Sql.rows(session, WITHDRAW_KIND, ids(tenants), kind(kind), by, Columns.time(now))
                        .map(Statements::byTenant);
    }

    /** The word of a kind of statement, such as {@code notes-read}. */
    public static String kind(Class<? extends Statement> kind) {
        return Words.of(kind);
    }

    private static Map<TenantId, List<Stated>> byTenant(List<Object[]> rows) {
        Map<TenantId, List<Stated>> byTenant = new LinkedHashMap<>();
        rows.forEach(row -> byTenant.computeIfAbsent(new TenantId(Columns.text(row[0])), t -> new ArrayList<>())
                .add(stated(row)));
        return byTenant;
    }

    private static Stated stated(@Nullable Object[] row) {
        return new Stated(
                Columns.text(row[1]),
                Json.read(Columns.text(row[2]), Statement.class),
                Columns.text(row[3]),
                Columns.text(row[4]),
                Columns.instant(row[5]));
    }

    private static String[] ids(Collection<TenantId> tenants) {
        return tenants.stream().map(TenantId::value).toArray(String[]::new);
    }
}
