package dev.upkeep.verifier.store;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** The readings, in PostgreSQL, deduplicated by series and time. */
@ApplicationScoped
public class Observations {
    private static final int PRUNED_AT_ONCE = 5_000;

    /** Keeps those that are new; says how many were. */
    public Uni<Integer> keep(Mutiny.Session session, List<Observed> observed) {
        if (observed.isEmpty()) {
            return Uni.createFrom().item(0);
        }
        int n = observed.size();
        String[] tenants = new String[n];
        String[] series = new String[n];
        OffsetDateTime[] times = new OffsetDateTime[n];
        Double[] values = new Double[n];
        String[] said = new String[n];
        for (int i = 0; i < n; i++) {
            Observed o = observed.get(i);
            tenants[i] = o.tenant().value();
            series[i] = o.series();
            times[i] = o.at().atOffset(ZoneOffset.UTC);
            values[i] = o.value();
            said[i] = o.text();
        }
        return Sql.update(session, """
                insert into observation (tenant, series, at, value, said)
                select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[], $5::text[])
                on conflict (tenant, series, at) do nothing
                """, tenants, series, times, values, said);
    }

    /**
     * The latest readings of a tenant, of one series or of all, the newest first.
     *
     * @param before only those that come after the one of this series and time in that order
     */
    public Uni<List<Observed>> page(
            Mutiny.Session session, TenantId tenant, Optional<String> series, Optional<Place> before, int most) {
        return Sql.rows(
                        session,
                        """
                        select series, at, value, said from observation
                        where tenant = $1 and ($2::text is null or series = $2)
                          and ($3::timestamptz is null or (at, series) < ($3, $4))
                        order by at desc, series desc limit $5
                        """,
                        tenant.value(),
                        series.orElse(null),
                        before.map(place -> place.at().atOffset(ZoneOffset.UTC)).orElse(null),
                        before.map(Place::series).orElse(""),
                        most)
                .map(rows -> rows.stream()
                        .map(row -> new Observed(
                                tenant,
                                (String) row[0],
                                ((OffsetDateTime) row[1]).toInstant(),
                                ((Number) row[2]).doubleValue(),
                                (String) row[3]))
                        .toList());
    }

    /** Where a reading stands among its tenant's. */
    public record Place(Instant at, String series) {}

    /** Deletes some of those that are older than {@code kept}; says how many. */
    public Uni<Integer> prune(Mutiny.Session session, Duration kept) {
        return Sql.update(session, """
                delete from observation where ctid = any(array(
                    select ctid from observation where at < now() - $1 * interval '1 second' limit $2))
                """, kept.toSeconds(), PRUNED_AT_ONCE);
    }
}
