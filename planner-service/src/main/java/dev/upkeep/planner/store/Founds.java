package dev.upkeep.planner.store;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Chain;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The versions that were found at tenants, beside those that are recorded. */
@ApplicationScoped
public class Founds {
    private static final String COLUMNS = """
            select t.id, t.product, t.version, f.version, f.found_by, f.found_at
            from found_version f join tenant t on t.id = f.tenant
            -- What was seen before an upgrade says nothing of what runs after it.
            where (f.found_at >= t.version_since or f.version = t.version)
            """;
    private static final String PAGE = COLUMNS + """
            and f.version <> t.version and ($1::text is null or t.product = $1) and t.id > $2 order by t.id limit $3
            """;
    private static final String PUT = """
            insert into found_version (tenant, version, found_by, found_at) values ($1, $2, $3, now())
            on conflict (tenant) do update set version = $2, found_by = $3, found_at = now()
            """;
    private static final String ADOPT = """
            update tenant set version = $2, previous_version = null, previous_schema = null, chain_place = $3, chain_hash = $4
            where id = $1
            """;

    /**
     * What was found at a tenant.
     *
     * @param recorded what it is taken to run
     */
    public record Found(TenantId tenant, String product, Version recorded, Version found, String by, Instant at) {}

    /** What was found at a tenant last, if anybody has looked since it was upgraded. */
    public Uni<Optional<Found>> of(Mutiny.Session session, TenantId tenant) {
        return Sql.rows(session, COLUMNS + "and t.id = $1", tenant.value())
                .map(rows -> rows.stream().findFirst().map(Founds::found));
    }

    /** A page of those that differ from what is recorded, after a tenant's name. */
    public Uni<List<Found>> differing(Mutiny.Session session, Optional<String> product, String after, int limit) {
        return Sql.rows(session, PAGE, product.orElse(null), after, limit)
                .map(rows -> rows.stream().map(Founds::found).toList());
    }

    /**
     * Keeps what was found, in the place of what was found before; at the database's time, because it is compared with
     * the one since which the recorded version runs.
     */
    public Uni<Void> put(Mutiny.Session session, TenantId tenant, Version version, String by) {
        return Sql.update(session, PUT, tenant.value(), version.toString(), by).replaceWithVoid();
    }

    /** Records another version; where it came from is not known. */
    public Uni<Void> adopt(Mutiny.Session session, TenantId tenant, Version version, Chain chain) {
        return Sql.update(session, ADOPT, tenant.value(), version.toString(), chain.place(), chain.hash())
                .replaceWithVoid();
    }

    private static Found found(@Nullable Object[] row) {
        return new Found(
                new TenantId(Columns.text(row[0])),
                Columns.text(row[1]),
                Version.of(Columns.text(row[2])),
                Version.of(Columns.text(row[3])),
                Columns.text(row[4]),
                Columns.instant(row[5]));
    }
}
