package dev.upkeep.planner.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.AccountId;
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
            "id, document, version, revision, chain_place, chain_hash, token, previous_version, own_windows, "
                    + "own_revision ";

    /** A tenant's document with the windows that its customer set in the place of its own; the table is {@code t}. */
    static final String DOCUMENT = "case when t.own_windows is null then t.document"
            + " else jsonb_set(t.document::jsonb, '{windows}', t.own_windows::jsonb)::text end";

    private static final String IDS_ON_RELEASE = """
            select id from tenant where product = $1 and id > $3 and (version = $2 or id in (select u.tenant from upgrade u
                where u.product = $1 and u.hop_to = $2 and u.phase in ('RUNNING', 'CLOSING', 'HELD')))
            order by id limit $4
            """;
    private static final String IDS_OF_ACCOUNT = """
            select id from tenant where account = $1 and ($2::text is null or product = $2) and ($3::text is null or id = $3)
            order by id
            """;
    private static final String SET_WINDOWS = """
            update tenant set own_windows = $2, own_revision = own_revision + 1, chain_place = $3, chain_hash = $4
            where id = $1
            """;
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
     * @param document as it was last applied
     * @param previous what its last confirmed hop came from
     * @param own what the customer set in the place of the document's windows
     * @param ownRevision how often the customer did
     */
    public record KeptTenant(
            Tenant tenant,
            JsonNode document,
            long revision,
            Chain chain,
            long token,
            Optional<Version> previous,
            Optional<JsonNode> own,
            long ownRevision) {}

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

    /** A page of a product's tenants, after an id, locked in their order: whoever adds to their chains must hold them. */
    public Uni<List<KeptTenant>> page(Mutiny.Session session, ProductName product, String after, int limit) {
        return Sql.rows(
                        session,
                        "select " + COLUMNS
                                + "from tenant where product = $1 and id > $2 order by id limit $3 for update",
                        product.value(),
                        after,
                        limit)
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** A page of the names of a product's tenants that run a release or whose hop under way leads to it, not locked. */
    public Uni<List<String>> idsOnRelease(
            Mutiny.Session session, ProductName product, Version version, String after, int limit) {
        return Sql.rows(session, IDS_ON_RELEASE, product.value(), version.toString(), after, limit)
                .map(rows -> rows.stream().map(row -> Columns.text(row[0])).toList());
    }

    /** The names of an account's tenants, of all products or of one, or of one tenant if it is the account's. */
    public Uni<List<TenantId>> idsOfAccount(
            Mutiny.Session session, AccountId account, Optional<String> product, Optional<String> tenant) {
        return Sql.rows(session, IDS_OF_ACCOUNT, account.value(), product.orElse(null), tenant.orElse(null))
                .map(rows -> rows.stream()
                        .map(row -> new TenantId(Columns.text(row[0])))
                        .toList());
    }

    /** Those with these ids, not locked. */
    public Uni<List<KeptTenant>> find(Mutiny.Session session, Collection<TenantId> ids) {
        return Sql.rows(session, "select " + COLUMNS + "from tenant where id = any($1) order by id", (Object)
                        ids.stream().map(TenantId::value).toArray(String[]::new))
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** A page of an account's tenants, after an id. */
    public Uni<List<KeptTenant>> ofAccount(Mutiny.Session session, AccountId account, String after, int limit) {
        return Sql.rows(
                        session,
                        "select " + COLUMNS + "from tenant where account = $1 and id > $2 order by id limit $3",
                        account.value(),
                        after,
                        limit)
                .map(rows -> rows.stream().map(Tenants::kept).toList());
    }

    /** Puts the customer's windows in the place of the document's; null puts the document's back. */
    public Uni<Void> setWindows(Mutiny.Session session, TenantId id, @Nullable String windows, Chain chain) {
        return Sql.update(session, SET_WINDOWS, id.value(), windows, chain.place(), chain.hash())
                .replaceWithVoid();
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
        Optional<JsonNode> own = Optional.ofNullable(row[8]).map(text -> Text.stored(text.toString()));
        String id = Columns.text(row[0]);
        return new KeptTenant(
                tenant(own.map(windows -> with(document, windows)).orElse(document), Version.of(Columns.text(row[2]))),
                document,
                Columns.number(row[3]),
                new Chain("tenant:" + id, Columns.number(row[4]), Columns.text(row[5])),
                Columns.number(row[6]),
                Optional.ofNullable(row[7]).map(v -> Version.of(v.toString())),
                own,
                Columns.number(row[9]));
    }

    private static JsonNode with(JsonNode document, JsonNode windows) {
        ObjectNode changed = document.deepCopy();
        changed.set("windows", windows);
        return changed;
    }
}
