package dev.upkeep.planner.store;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.audit.Inspection.Owner;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The heads of the log's chains, as the rows of their tenants, products and rollouts keep them. */
@ApplicationScoped
public class Chains {
    /** In the order of chains' names; each has the names of its rows in column {@code name}. */
    private enum Kind {
        PRODUCT("product:", "product", "name"),
        ROLLOUT("rollout:", "rollout", "id"),
        TENANT("tenant:", "tenant", "id");

        private final String prefix;
        private final String page;
        private final String one;

        Kind(String prefix, String table, String name) {
            this.prefix = prefix;
            String columns = "select '" + prefix + "' || " + name + ", chain_place, chain_hash from " + table;
            this.page = columns + " where " + name + " collate \"C\" > $1 order by " + name + " collate \"C\" limit $2";
            this.one = columns + " where " + name + " = $1";
        }
    }

    /** Those after a chain, in the order of their names by their bytes. */
    public Uni<List<Owner>> after(Mutiny.Session session, String chain, int limit) {
        return page(session, chain, limit, 0, new ArrayList<>());
    }

    private Uni<List<Owner>> page(Mutiny.Session session, String chain, int limit, int at, List<Owner> found) {
        if (at == Kind.values().length || found.size() == limit) {
            return Uni.createFrom().item(found);
        }
        Kind kind = Kind.values()[at];
        if (chain.compareTo(kind.prefix) > 0 && !chain.startsWith(kind.prefix)) {
            return page(session, chain, limit, at + 1, found);
        }
        String after = chain.startsWith(kind.prefix) ? chain.substring(kind.prefix.length()) : "";
        return Sql.rows(session, kind.page, after, limit - found.size()).chain(rows -> {
            rows.forEach(row -> found.add(owner(row)));
            return page(session, chain, limit, at + 1, found);
        });
    }

    /** One of them; empty if it has no owner. */
    public Uni<Optional<Owner>> find(Mutiny.Session session, String chain) {
        for (Kind kind : Kind.values()) {
            if (chain.startsWith(kind.prefix)) {
                return Sql.rows(session, kind.one, chain.substring(kind.prefix.length()))
                        .map(rows -> rows.stream().findFirst().map(Chains::owner));
            }
        }
        return Uni.createFrom().item(Optional.empty());
    }

    /** A product's chain, its row locked. */
    public Uni<Chain> lockProduct(Mutiny.Session session, ProductName product) {
        return Sql.rows(session, Kind.PRODUCT.one + " for update", product.value())
                .map(rows -> {
                    Owner owner = owner(rows.getFirst());
                    return new Chain(owner.chain(), owner.place(), owner.hash());
                });
    }

    /** Saves a product's chain that grew. */
    public Uni<Void> saveProduct(Mutiny.Session session, Chain chain) {
        return Sql.update(
                        session,
                        "update product set chain_place = $2, chain_hash = $3 where name = $1",
                        chain.of().substring(Kind.PRODUCT.prefix.length()),
                        chain.place(),
                        chain.hash())
                .replaceWithVoid();
    }

    private static Owner owner(@Nullable Object[] row) {
        return new Owner(Columns.text(row[0]), Columns.number(row[1]), Columns.text(row[2]));
    }
}
