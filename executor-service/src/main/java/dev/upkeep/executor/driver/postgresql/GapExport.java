package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.SqlFence;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/**
 * Decodes what was written since the backup's snapshot and writes it down.
 *
 * <p>Failure: the slot is read without being moved on, so that an export that dies loses nothing and the next one reads
 * the same again, and whatever came after. A slot that is gone, or that the server has invalidated, can't be made up for:
 * that is said by name, and nothing is restored.
 */
final class GapExport {
    private static final int BATCH = 500;

    private final Places places;
    private final Dumps dumps;

    GapExport(Places places, Dumps dumps) {
        this.places = places;
        this.dumps = dumps;
    }

    Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        String slot = PostgresqlDriver.slot(request);
        String home;
        try (Connection connection = Server.maintenance(database).open()) {
            home = home(connection, slot, work);
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
        // Where the slot is: after a restore that is the failed database under its new name.
        Database where = Server.neighbour(database, home);
        try (Connection connection = where.open()) {
            Server.normalise(connection);
            // Its commit brings everything that was committed before to disk, whatever those sessions waited for.
            Server.run(connection, "SET synchronous_commit = on");
            SqlFence.raise(connection, request.token());
            return done(export(request, where, connection, work));
        } catch (SQLException e) {
            throw refused(slot, where, e);
        }
    }

    static Outcome done(Exported exported) {
        return new Outcome.Done(
                exported.found(),
                exported.counts().writes() + " row changes of the application and "
                        + exported.counts().migrationWrites() + " of the migration are itemised in "
                        + exported.report());
    }

    /** What was written down, and where. */
    record Exported(Path report, GapReport.Counts counts) {
        Map<String, String> found() {
            return Map.of(
                    Fact.GAP_REPORT,
                    report.toString(),
                    Fact.GAP_WRITES,
                    Long.toString(counts.writes()),
                    "gap.migration-writes",
                    Long.toString(counts.migrationWrites()));
        }
    }

    /**
     * Writes the gap down up to what is on disk now.
     *
     * @param connection to the slot's database, in auto-commit mode, {@link Server#normalise normal}
     */
    Exported export(StepRequested request, Database database, Connection connection, Work work)
            throws SQLException, InterruptedException {
        String slot = PostgresqlDriver.slot(request);
        home(connection, slot, work);
        Backup backup = backup(request, work);
        Manifest manifest = dumps.manifest(backup, work);
        Dumps.agrees(backup, manifest);
        String to = Server.text(connection, "SELECT pg_current_wal_flush_lsn()::text");
        Path directory = places.reports().resolve(request.tenant().value());
        Path report = directory.resolve(request.upgrade().value().replaceAll("[^A-Za-z0-9._-]", "-") + "-gap.jsonl");
        try {
            Durable.directory(directory);
            GapReport writer = new GapReport(
                    new GapReport.Heading(
                            request.tenant(), request.upgrade(), manifest.database(), backup.id(), manifest.from(), to),
                    work.secrets().find(request.target(), SchemaReading.SETTING).orElse(SchemaReading.UNLESS_TOLD),
                    manifest.contents().tables(),
                    Contents.shapes(connection),
                    work.scratch());
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT lsn::text, data FROM pg_logical_slot_peek_changes(?, ?::pg_lsn, NULL,"
                            + " 'include-xids', 'on', 'include-timestamp', 'on')")) {
                statement.setString(1, slot);
                statement.setString(2, to);
                statement.setFetchSize(BATCH);
                work.progress("decoding the writes since the backup");
                try (ResultSet rows = statement.executeQuery()) {
                    return new Exported(report, writer.write(() -> next(rows, slot, database), report));
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (IOException e) {
            throw Durable.refused(report, e);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    Outcome.Failed.forGood(
                            Failure.EXPORT_FAILED,
                            "the server's decoding of slot " + slot + " can't be read: " + e.getMessage(),
                            "Read the slot by hand with pg_logical_slot_peek_changes; it is kept"),
                    e);
        }
    }

    private static Optional<GapReport.Decoded> next(ResultSet rows, String slot, Database database)
            throws InterruptedException {
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled while decoding");
            }
            return rows.next()
                    ? Optional.of(new GapReport.Decoded(rows.getString(1), TestDecoding.read(rows.getString(2))))
                    : Optional.empty();
        } catch (SQLException e) {
            throw refused(slot, database, e);
        }
    }

    /** The name of the slot's database, once nobody uses the slot. */
    private static String home(Connection connection, String slot, Work work)
            throws SQLException, InterruptedException {
        Slot.free(connection, slot, work);
        Slot.State state = Slot.state(connection, slot).orElseThrow(() -> lost("slot " + slot + " is gone"));
        if (state.lost()) {
            throw lost("the server has thrown away writes that slot " + slot + " should have kept");
        }
        return state.database();
    }

    private static Backup backup(StepRequested request, Work work) {
        String id = request.facts().get(Fact.BACKUP_BEFORE);
        if (id == null) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.FACT_MISSING, "there is no fact " + Fact.BACKUP_BEFORE, "Put backup-database first"));
        }
        return work.backups()
                .find(id)
                .orElseThrow(() -> new Refused(Outcome.Failed.forGood(
                        Failure.BACKUP_MISSING,
                        "the catalogue has no backup " + id,
                        "Restore the executor's own database")));
    }

    private static Refused lost(String why) {
        return new Refused(Outcome.Failed.forGood(
                Failure.CAPTURE_LOST,
                why + ": writes since the backup can't be itemised",
                "Restore nothing before somebody has compared the failed database with the backup; raise"
                        + " max_slot_wal_keep_size for the next time"));
    }

    private static Refused refused(String slot, Database database, SQLException e) throws InterruptedException {
        // 55000: the slot was invalidated; 42704: it is gone.
        if ("55000".equals(e.getSQLState()) || "42704".equals(e.getSQLState())) {
            Refused lost = lost("slot " + slot + ": " + e.getMessage());
            lost.addSuppressed(e);
            return lost;
        }
        return Server.refused(database, e);
    }
}
