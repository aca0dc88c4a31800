package dev.upkeep.planner.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ProductName;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Tenant;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Freezes of whole products and accounts; a tenant's own are in its document. */
@ApplicationScoped
public class Freezes {
    private static final String COLUMNS =
            "select id, product, account, from_at, to_at, reason, bumps, made_by, made_at from wide_freeze ";
    private static final String TO_COME = COLUMNS + """
            where lifted_at is null and to_at > $1 and (product is null or product = $2) order by from_at, id
            """;
    private static final String PAGE =
            COLUMNS + "where lifted_at is null and to_at > $1 and id > $2 order by id limit $3";
    private static final String ADD = """
            insert into wide_freeze (id, product, account, from_at, to_at, reason, bumps, made_by, made_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """;
    private static final String LIFT = """
            update wide_freeze set lifted_by = $2, lifted_at = $3 where id = $1 and lifted_at is null
            returning id, product, account, from_at, to_at, reason, bumps, made_by, made_at
            """;
    private static final TypeReference<Set<Bump>> BUMPS = new TypeReference<>() {};

    /**
     * One that was set.
     *
     * @param product of which; absent: of all
     * @param account of which; absent: of all
     */
    public record Wide(
            String id,
            Optional<ProductName> product,
            Optional<AccountId> account,
            Tenant.Freeze freeze,
            String by,
            Instant at) {
        /** Whether a tenant lies in it. */
        public boolean covers(Tenant tenant) {
            return product.filter(p -> !p.equals(tenant.product())).isEmpty()
                    && account.filter(a -> !a.equals(tenant.account())).isEmpty();
        }
    }

    /** Those that have not ended and may cover tenants of a product. */
    public Uni<List<Wide>> toCome(Mutiny.Session session, ProductName product, Instant now) {
        return Sql.rows(session, TO_COME, Columns.time(now), product.value())
                .map(rows -> rows.stream().map(Freezes::wide).toList());
    }

    /** A page of those that have not ended, after an id. */
    public Uni<List<Wide>> page(Mutiny.Session session, Instant now, String after, int limit) {
        return Sql.rows(session, PAGE, Columns.time(now), after, limit)
                .map(rows -> rows.stream().map(Freezes::wide).toList());
    }

    /** Adds one. */
    public Uni<Void> add(Mutiny.Session session, Wide wide) {
        return Sql.update(
                        session,
                        ADD,
                        wide.id(),
                        wide.product().map(ProductName::value).orElse(null),
                        wide.account().map(AccountId::value).orElse(null),
                        Columns.time(wide.freeze().from()),
                        Columns.time(wide.freeze().to()),
                        wide.freeze().reason(),
                        Json.write(wide.freeze().bumps()),
                        wide.by(),
                        Columns.time(wide.at()))
                .replaceWithVoid();
    }

    /** Lifts one; empty if none of that id stands. */
    public Uni<Optional<Wide>> lift(Mutiny.Session session, String id, String by, Instant now) {
        return Sql.rows(session, LIFT, id, by, Columns.time(now))
                .map(rows -> rows.stream().findFirst().map(Freezes::wide));
    }

    private static Wide wide(@Nullable Object[] row) {
        return new Wide(
                Columns.text(row[0]),
                Optional.ofNullable(row[1]).map(name -> new ProductName(name.toString())),
                Optional.ofNullable(row[2]).map(name -> new AccountId(name.toString())),
                new Tenant.Freeze(
                        Columns.instant(row[3]),
                        Columns.instant(row[4]),
                        Columns.text(row[5]),
                        Json.read(Columns.text(row[6]), BUMPS)),
                Columns.text(row[7]),
                Columns.instant(row[8]));
    }
}
