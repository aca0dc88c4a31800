package dev.upkeep.executor.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Backups;
import dev.upkeep.messaging.Sql;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/** The catalogue of backups in PostgreSQL. */
@ApplicationScoped
public class BackupCatalogue implements Backups {
    private static final String COLUMNS = "id, tenant, upgrade, step, component, moment, file, digest, bytes,"
            + " fingerprint, row_counts, slot, details, taken_at, proven";
    private static final String ENTER = "insert into backup (" + COLUMNS + ") values"
            + " ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) on conflict (id) do update set"
            + " file = excluded.file, digest = excluded.digest, bytes = excluded.bytes,"
            + " fingerprint = excluded.fingerprint, row_counts = excluded.row_counts, slot = excluded.slot,"
            + " details = excluded.details, taken_at = excluded.taken_at, proven = excluded.proven";
    private static final String FIND = "select " + COLUMNS + " from backup where id = $1";
    private static final String PAGE = "select " + COLUMNS + " from backup where ($1::text is null or tenant = $1)"
            + " and ($2::text is null or (taken_at, id) < (select taken_at, id from backup where id = $2))"
            + " order by taken_at desc, id desc limit $3";
    private static final String OUTLIVED = "select " + COLUMNS + " from (select b.*, row_number() over"
            + " (partition by tenant, component order by taken_at desc, id desc) as place from backup b) b"
            + " where taken_at < $1 and place > $2"
            // Of a tenant without any step nothing is known: the comparison with null keeps its backups.
            + " and upgrade <> (select upgrade from step_run r where r.tenant = b.tenant order by token desc, id desc limit 1)"
            + " and not exists (select 1 from step_run r where r.tenant = b.tenant and r.upgrade = b.upgrade"
            + " and r.state in ('accepted', 'running'))"
            + " and ($3::text is null or (taken_at, id) > (select taken_at, id from backup where id = $3))"
            + " order by taken_at, id limit $4";
    private static final String FORGET = "delete from backup where id = $1";
    private static final String PROVEN = "update backup set proven = true where id = $1";
    private static final int ALL = 1000;

    private final Mutiny.SessionFactory sessions;
    private final ObjectMapper json = new ObjectMapper();

    BackupCatalogue(Mutiny.SessionFactory sessions) {
        this.sessions = sessions;
    }

    @Override
    public void enter(Backup b) {
        Blocking.await(() -> sessions.withTransaction((session, transaction) -> Sql.update(
                session,
                ENTER,
                b.id(),
                b.tenant().value(),
                b.upgrade().value(),
                b.step().value(),
                b.component().value(),
                b.moment().name(),
                b.file().toString(),
                b.digest().value(),
                b.bytes(),
                b.fingerprint().value(),
                write(b.rows()),
                b.slot().orElse(null),
                write(b.details()),
                b.taken().atOffset(ZoneOffset.UTC),
                b.proven())));
    }

    @Override
    public Optional<Backup> find(String id) {
        return Blocking.await(() -> sessions.withTransaction((session, transaction) -> Sql.rows(session, FIND, id)
                .map(rows -> rows.stream().map(this::backup).findFirst())));
    }

    @Override
    public void proven(String id) {
        Blocking.await(() -> sessions.withTransaction((session, transaction) -> Sql.update(session, PROVEN, id)));
    }

    @Override
    public List<Backup> of(TenantId tenant) {
        return Blocking.await(() -> page(Optional.of(tenant), Optional.empty(), ALL));
    }

    @Override
    public List<Backup> outlived(Instant before, int least, Optional<String> after, int limit) {
        return Blocking.await(() -> sessions.withTransaction((session, transaction) -> Sql.rows(
                        session, OUTLIVED, before.atOffset(ZoneOffset.UTC), least, after.orElse(null), limit)
                .map(rows -> rows.stream().map(this::backup).toList())));
    }

    @Override
    public void forget(String id) {
        Blocking.await(() -> sessions.withTransaction((session, transaction) -> Sql.update(session, FORGET, id)));
    }

    /**
     * The latest first, of one tenant or of all.
     *
     * @param after the id of the last one of the page before
     */
    public Uni<List<Backup>> page(Optional<TenantId> tenant, Optional<String> after, int limit) {
        return sessions.withTransaction((session, transaction) -> Sql.rows(
                        session, PAGE, tenant.map(TenantId::value).orElse(null), after.orElse(null), limit)
                .map(rows -> rows.stream().map(this::backup).toList()));
    }

    private Backup backup(Object[] row) {
        return new Backup(
                (String) row[0],
                new TenantId((String) row[1]),
                new UpgradeId((String) row[2]),
                new StepId((String) row[3]),
                new ComponentName((String) row[4]),
                Moment.valueOf((String) row[5]),
                Path.of((String) row[6]),
                new Digest((String) row[7]),
                (Long) row[8],
                new SchemaFingerprint((String) row[9]),
                read((String) row[10], new TypeReference<Map<String, Long>>() {}),
                Optional.ofNullable((String) row[11]),
                read((String) row[12], new TypeReference<Map<String, String>>() {}),
                ((OffsetDateTime) row[13]).toInstant(),
                (Boolean) row[14]);
    }

    private String write(Map<String, ?> map) {
        try {
            return json.writeValueAsString(map);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a map can't be written", bug);
        }
    }

    private <T> T read(String text, TypeReference<T> type) {
        try {
            return json.readValue(text, type);
        } catch (JsonProcessingException bug) {
            throw new IllegalStateException("a kept map can't be read", bug);
        }
    }
}
