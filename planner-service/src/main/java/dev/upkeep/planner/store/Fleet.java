package dev.upkeep.planner.store;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.Text;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** A product's tenants, counted and listed; nothing is locked. */
@ApplicationScoped
public class Fleet {
    private static final String VERSIONS = "select version, count(*) from tenant where product = $1 group by version";
    private static final String RUNNING = """
            select id, account, ring, version from tenant
            where product = $1 and version = any($2) and id > $3 order by id limit $4
            """;

    private static final String PAGE = """
            select t.id, %s, t.version from tenant t where t.product = $1 and t.id > $2 order by t.id limit $3
            """.formatted(Tenants.DOCUMENT);

    private static final String BEGUN =
            "select tenant from upgrade where rollout = $1 and tenant = any($2) and phase not in ('WAITING', 'BARRED')";

    /** A tenant in a list. */
    public record Listed(String tenant, String account, String ring, Version version) {}

    /** How many tenants have each version. */
    public Uni<Map<Version, Long>> versions(Mutiny.Session session, ProductName product) {
        return Sql.rows(session, VERSIONS, product.value()).map(rows -> {
            Map<Version, Long> counts = new TreeMap<>();
            rows.forEach(row -> counts.put(Version.of(Columns.text(row[0])), Columns.number(row[1])));
            return counts;
        });
    }

    /** A page of the tenants that have one of these versions, after an id. */
    public Uni<List<Listed>> running(
            Mutiny.Session session, ProductName product, Collection<Version> versions, String after, int limit) {
        String[] wanted = versions.stream().map(Version::toString).toArray(String[]::new);
        return Sql.rows(session, RUNNING, product.value(), wanted, after, limit)
                .map(rows -> rows.stream().map(Fleet::listed).toList());
    }

    /** A page of a product's tenants, whole, after an id. */
    public Uni<List<Tenant>> page(Mutiny.Session session, ProductName product, String after, int limit) {
        return Sql.rows(session, PAGE, product.value(), after, limit)
                .map(rows -> rows.stream()
                        .map(row -> Tenants.tenant(Text.stored(Columns.text(row[1])), Version.of(Columns.text(row[2]))))
                        .toList());
    }

    /** Those of some tenants whose upgrade in a rollout has begun, whatever came of it. */
    public Uni<Set<TenantId>> begun(Mutiny.Session session, RolloutId rollout, Collection<TenantId> of) {
        return Sql.rows(
                        session,
                        BEGUN,
                        rollout.value(),
                        of.stream().map(TenantId::value).toArray(String[]::new))
                .map(rows -> rows.stream()
                        .map(row -> new TenantId(Columns.text(row[0])))
                        .collect(Collectors.toSet()));
    }

    private static Listed listed(@Nullable Object[] row) {
        return new Listed(
                Columns.text(row[0]), Columns.text(row[1]), Columns.text(row[2]), Version.of(Columns.text(row[3])));
    }
}
