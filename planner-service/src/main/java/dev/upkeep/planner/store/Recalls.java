package dev.upkeep.planner.store;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Recall;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Which releases were taken back, and whom that concerns. */
@ApplicationScoped
public class Recalls {
    private static final String COLUMNS = "r.version, r.recalled_by, r.recalled_because, r.go_back, r.recalled_at";
    private static final String RECALL = """
            update release set recalled_at = coalesce(recalled_at, $3), recalled_by = coalesce(recalled_by, $4),
                recalled_because = coalesce(recalled_because, $5), go_back = go_back or $6
            where product = $1 and version = $2
            """;
    private static final String LEFT_BEHIND = "select r.product, " + COLUMNS + """
             from release r
            where r.go_back and exists (select 1 from tenant t where t.product = r.product and t.version = r.version
                and not exists (select 1 from upgrade u join rollout o on o.id = u.rollout
                    where u.tenant = t.id and o.kind = 'RECALL' and o.version = r.version))
            and not exists (select 1 from enrolment e join rollout o on o.id = e.rollout
                where o.kind = 'RECALL' and o.product = r.product and o.version = r.version)
            and coalesce((select o.phase from rollout o
                where o.kind = 'RECALL' and o.product = r.product and o.version = r.version
                order by o.started_at desc, o.id desc limit 1), '') <> 'ABORTED'
            """;
    private static final String ON_THE_WAY = "select u.id, " + COLUMNS + """
             from release r
            join rollout o on o.product = r.product and o.kind = 'RELEASE'
            join upgrade u on u.rollout = o.id and (u.hop_to = r.version or u.to_version = r.version)
            where r.recalled_at is not null and u.phase in ('RUNNING', 'BETWEEN_HOPS', 'HELD') and u.abort is null limit $1
            """;

    /** Takes a release back; who did so first, and why, stays on record. */
    public Uni<Void> recall(Mutiny.Session session, ProductName name, Recall recall) {
        return Sql.update(
                        session,
                        RECALL,
                        name.value(),
                        recall.version().toString(),
                        Columns.time(recall.at()),
                        recall.by(),
                        recall.reason(),
                        recall.goBack())
                .replaceWithVoid();
    }

    /**
     * Recalls that are to take everybody back, where a tenant runs the release and no way back was planned for it; but none
     * whose tenants are still being entered, or whose last rollout somebody aborted: another one begins if a person asks.
     */
    public Uni<List<Map.Entry<ProductName, Recall>>> leftBehind(Mutiny.Session session) {
        return Sql.rows(session, LEFT_BEHIND)
                .map(rows -> rows.stream()
                        .map(row -> Map.entry(new ProductName(Columns.text(row[0])), recall(row, 1)))
                        .toList());
    }

    /** Upgrades that are on their way to a recalled release and have yet to hear of it, with the recall. */
    public Uni<Map<UpgradeId, Recall>> onTheWay(Mutiny.Session session, int limit) {
        return Sql.rows(session, ON_THE_WAY, limit).map(rows -> {
            Map<UpgradeId, Recall> found = new LinkedHashMap<>();
            rows.forEach(row -> found.put(new UpgradeId(Columns.text(row[0])), recall(row, 1)));
            return found;
        });
    }

    /** The recall in a row's columns from one on. */
    static Recall recall(@Nullable Object[] row, int first) {
        return new Recall(
                Version.of(Columns.text(row[first])),
                Columns.text(row[first + 1]),
                Columns.text(row[first + 2]),
                Boolean.TRUE.equals(row[first + 3]),
                Columns.instant(row[first + 4]));
    }
}
