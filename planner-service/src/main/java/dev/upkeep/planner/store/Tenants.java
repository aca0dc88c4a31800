package dev.upkeep.planner.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Tenants, each as its document and what is installed. */
@ApplicationScoped
public class Tenants {
    private static final String COLUMNS =
            "id, document, version, revision, chain_place, chain_hash, token, previous_version ";
    private static final String INSERT = """
            insert into tenant (id, account, product, version, ring, document, revision, chain_hash, chain_place, changed_at)
            values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9)
            """;
    private static final String UPDATE = """
            update tenant set account = $2, ring = $3, document = $4, revision = revision + 1, chain_hash = $5,
                chain_place = $6, changed_at = $7 where id = $1
            """;
    private static final String SAVE_CHAINS = """
            update tenant t set chain_place = g.place, chain_hash = g.hash
            from unnest($1::text[], $2::bigint[], $3::text[]) as g (id, place, hash) where t.id = g.id
            """;

    /**
     * A tenant as it was loaded.
     *
     * @param previous what its last confirmed hop came from
     */
    public record KeptTenant(
            Tenant tenant, JsonNode document, long revision, Chain chain, long token, Optional<Version> previous) {}

    /** One of them, not locked. */
    public Uni<Optional<KeptTenant>> find(Mutiny.Session session, TenantId id) {
        return Sql.rows(session, "select " + COLUMNS + "from tenant where id = $1", id.value())
                .map(rows -> rows.stream().findFirst().map(Tenants::kept));
    }

    /** Those with these ids, locked in their order. */
    public Uni<List<KeptTenant>> lock(Mutiny.Session session, Collection<String> ids) {
        return ids.isEmpty()
                ? Uni.createFrom().item(List.of())
                : Sql.rows(
                                session,
                                "select " + COLUMNS + "from tenant where id = any($1) order by id for update",
                                (Object) ids.toArray(String[]::new))
                        .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** A page of them, after an id. */
    public Uni<List<KeptTenant>> list(Mutiny.Session session, String after, int limit) {
        return Sql.rows(session, "select " + COLUMNS + "from tenant where id > $1 order by id limit $2", after, limit)
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** All tenants of a product, locked in their order: whoever adds to their chains must hold them. */
    public Uni<List<KeptTenant>> ofProduct(Mutiny.Session session, ProductName product) {
        return Sql.rows(
                        session,
                        "select " + COLUMNS + "from tenant where product = $1 order by id for update",
                        product.value())
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** Locks all tenants of a product, in their order, and reads none of them. */
    public Uni<Void> lockOfProduct(Mutiny.Session session, ProductName product) {
        return Sql.rows(session, "select id from tenant where product = $1 order by id for update", product.value())
                .replaceWithVoid();
    }

    /** Those that run a release, and further ones, in their order; their rows are to be locked already. */
    public Uni<List<KeptTenant>> onRelease(
            Mutiny.Session session, ProductName product, Version version, Collection<TenantId> further) {
        return Sql.rows(
                        session,
                        "select " + COLUMNS
                                + "from tenant where product = $1 and (version = $2 or id = any($3)) order by id",
                        product.value(),
                        version.toString(),
                        further.stream().map(TenantId::value).toArray(String[]::new))
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** Adds one. */
    public Uni<Void> add(Mutiny.Session session, Tenant tenant, String document, Chain chain, Instant now) {
        return Sql.update(
                        session,
                        INSERT,
                        tenant.id().value(),
                        tenant.account().value(),
                        tenant.product().value(),
                        tenant.version().toString(),
                        tenant.ring().value(),
                        document,
                        chain.hash(),
                        chain.place(),
                        Columns.time(now))
                .replaceWithVoid();
    }

    /** Changes one's document; what is installed stays what it is. */
    public Uni<Void> change(Mutiny.Session session, Tenant tenant, String document, Chain chain, Instant now) {
        return Sql.update(
                        session,
                        UPDATE,
                        tenant.id().value(),
                        tenant.account().value(),
                        tenant.ring().value(),
                        document,
                        chain.hash(),
                        chain.place(),
                        Columns.time(now))
                .replaceWithVoid();
    }

    /** Saves chains that grew. */
    public Uni<Void> saveChains(Mutiny.Session session, List<Chain> chains) {
        return chains.isEmpty()
                ? Uni.createFrom().voidItem()
                : Sql.update(
                                session,
                                SAVE_CHAINS,
                                Columns.texts(chains, c -> c.of().substring("tenant:".length())),
                                Columns.numbers(chains, Chain::place),
                                Columns.texts(chains, Chain::hash))
                        .replaceWithVoid();
    }

    static Tenant tenant(JsonNode document, Version installed) {
        return TenantDocument.stored(document).on(installed);
    }

    private static KeptTenant kept(@Nullable Object[] row) {
        JsonNode document = Text.stored(Columns.text(row[1]));
        String id = Columns.text(row[0]);
        return new KeptTenant(
                tenant(document, Version.of(Columns.text(row[2]))),
                document,
                Columns.number(row[3]),
                new Chain("tenant:" + id, Columns.number(row[4]), Columns.text(row[5])),
                Columns.number(row[6]),
                Optional.ofNullable(row[7]).map(v -> Version.of(v.toString())));
    }
}
