package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.SqlFence;
import dev.upkeep.executor.driver.Work;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.regex.Pattern;

/**
 * Restores a proven backup into a new database and gives it the failed one's name; the failed one is kept under another.
 *
 * <p>Ordering: restore, compare, shut the failed database, itemise what was written up to that moment, set the sequences
 * on, swap the two names in one transaction. From the shutting on nobody can write what the gap report does not have.
 * Failure: which of the names are there says how far an attempt has come: once the failed database has its new name, all
 * is done; before that the tenant's database is as it was, and is opened again if an attempt ends.
 */
final class Restoration {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final int NAME_LIMIT = 63;

    private final Tools tools;
    private final Dumps dumps;
    private final GapExport export;

    Restoration(Tools tools, Dumps dumps, GapExport export) {
        this.tools = tools;
        this.dumps = dumps;
        this.export = export;
    }

    /** The names that play a part. */
    private record Names(String current, String failed, String restored, Pattern leftovers) {
        static Names of(StepRequested request, Database database, Backup backup) {
            String current = Server.name(database);
            String stem = limited(current, "_restore_" + request.token());
            return new Names(
                    current,
                    limited(current, "_failed_" + Durable.shortName(request.upgrade() + "/" + backup.digest(), 8)),
                    stem,
                    Pattern.compile(Pattern.quote(stem.substring(0, stem.lastIndexOf('_') + 1)) + "\\d+"));
        }

        private static String limited(String name, String suffix) {
            int room = NAME_LIMIT - suffix.length();
            return name.length() <= room
                    ? name + suffix
                    : name.substring(0, room - 9) + "_" + Durable.shortName(name, 8) + suffix;
        }
    }

    /** What a finished restoration would report, if this one is. */
    Optional<Map<String, String>> finished(StepRequested request, Work work) throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        Names names = Names.of(request, database, backup(request, work));
        try (Connection connection = Server.maintenance(database).open()) {
            return isDone(connection, names) ? Optional.of(found(names)) : Optional.empty();
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        Backup backup = backup(request, work);
        if (!request.facts().containsKey(Fact.GAP_REPORT)) {
            throw refused(
                    Failure.FACT_MISSING,
                    "the writes since the backup have not been itemised",
                    "Put export-writes before restore-database");
        }
        Manifest manifest = dumps.manifest(backup, work);
        Dumps.agrees(backup, manifest);
        Names names = Names.of(request, database, backup);
        Database maintenance = Server.maintenance(database);
        try (Connection connection = maintenance.open()) {
            lock(connection, names.current(), work);
            if (isDone(connection, names)) {
                open(connection, names.failed());
                return new Outcome.Done(found(names), "The backup had been restored before");
            }
            if (!Server.has(connection, names.current())) {
                throw refused(
                        Failure.DATABASE_REFUSED,
                        "there is no database " + names.current() + " to put the backup in place of",
                        "Find out who dropped or renamed it");
            }
            // An attempt that died may have left it shut.
            open(connection, names.current());
            raiseFence(database, request);
            tools.check("pg_restore", Math.max(manifest.serverVersion(), Server.version(connection)), work);
            dropLeftovers(connection, names, request);
            Database restored = Server.neighbour(database, names.restored());
            restore(connection, database, restored, backup, manifest, names, work);
            raiseFence(restored, request);
            Map<String, String> found = new HashMap<>(found(names));
            try {
                found.putAll(shutAndExport(connection, database, restored, names, request, work));
                swap(connection, names, work);
            } catch (SQLException | Refused e) {
                openQuietly(maintenance, names, e);
                throw e;
            } catch (InterruptedException e) {
                openQuietly(maintenance, names, e);
                throw e;
            }
            open(connection, names.failed());
            return new Outcome.Done(
                    found,
                    "Restored backup " + backup.id() + " as " + names.current() + " and kept the failed database as "
                            + names.failed() + "; " + found.getOrDefault(Fact.GAP_WRITES, "0")
                            + " row changes since the backup are itemised");
        } catch (SQLException e) {
            throw Server.refused(maintenance, e);
        }
    }

    private void restore(
            Connection connection,
            Database database,
            Database restored,
            Backup backup,
            Manifest manifest,
            Names names,
            Work work)
            throws SQLException, InterruptedException {
        String owner = Server.find(
                        connection,
                        "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = ?",
                        names.current())
                .orElseThrow();
        Server.run(
                connection,
                "CREATE DATABASE " + Server.identifier(names.restored()) + " OWNER " + Server.identifier(owner)
                        + " TEMPLATE template0" + manifest.locale().clause());
        for (String setting : DatabaseSettings.of(connection, names.current(), names.restored())) {
            Server.run(connection, setting);
        }
        work.progress("restoring " + backup.id() + " into " + names.restored());
        dumps.restore(backup, manifest, restored, List.of(), Failure.RESTORE_FAILED, work);
        work.progress("comparing " + names.restored() + " with the backup");
        try (Connection reading = restored.open()) {
            Server.normalise(reading);
            List<String> differences = manifest.contents().differences(Contents.read(reading));
            if (!differences.isEmpty()) {
                throw refused(
                        Failure.BACKUP_MISMATCH,
                        "what was restored is not what was backed up: " + differences.getFirst(),
                        "The tenant's database is untouched; restore another backup by hand");
            }
            // A restored database has no statistics: without them its first queries would be planned blindly.
            Server.run(reading, "ANALYZE");
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    /** From here on the failed database is read by this executor alone. */
    private Map<String, String> shutAndExport(
            Connection connection, Database database, Database restored, Names names, StepRequested request, Work work)
            throws SQLException, InterruptedException {
        work.progress("shutting " + names.current() + " and itemising the last writes");
        try (Connection last = database.open()) {
            Server.normalise(last);
            Server.run(last, "SET synchronous_commit = on");
            int mine = Integer.parseInt(Server.text(last, "SELECT pg_backend_pid()::text"));
            Server.run(connection, "ALTER DATABASE " + Server.identifier(names.current()) + " ALLOW_CONNECTIONS false");
            endOthers(connection, names.current(), mine, work);
            SqlFence.raise(last, request.token());
            Map<String, String> found =
                    export.export(request, database, last, work).found();
            setSequencesOn(Contents.sequences(last), restored);
            return found;
        }
    }

    private static void endOthers(Connection connection, String name, int mine, Work work)
            throws SQLException, InterruptedException {
        String others = "pg_stat_activity WHERE datname = " + Server.literal(name) + " AND pid <> " + mine
                + " AND backend_type IN ('client backend', 'walsender')";
        while (!Server.text(connection, "SELECT count(*)::text FROM " + others).equals("0")) {
            Server.run(connection, "SELECT pg_terminate_backend(pid) FROM " + others);
            if (work.left().isZero()) {
                throw new Refused(Outcome.Failed.retryable(
                        Failure.DEADLINE_PASSED,
                        "connections to " + name + " were still open at the deadline",
                        "End them: pg_stat_activity shows whose they are"));
            }
            work.pause(BETWEEN_LOOKS);
        }
    }

    /** So that no number which the failed database gave away is given a second time, to another row. */
    private static void setSequencesOn(SortedMap<String, Contents.Sequence> failed, Database restored)
            throws SQLException, InterruptedException {
        try (Connection connection = restored.open()) {
            Server.normalise(connection);
            for (Map.Entry<String, Contents.Sequence> sequence :
                    Contents.sequences(connection).entrySet()) {
                Contents.Sequence last = failed.get(sequence.getKey());
                if (last != null && !last.isBehindOrAt(sequence.getValue())) {
                    Server.run(
                            connection,
                            "SELECT setval(" + Server.literal(sequence.getKey()) + "::regclass, " + last.value() + ", "
                                    + last.called() + ")");
                }
            }
        } catch (SQLException e) {
            throw Server.refused(restored, e);
        }
    }

    private static void swap(Connection connection, Names names, Work work) throws SQLException, InterruptedException {
        connection.setAutoCommit(false);
        try {
            while (true) {
                try {
                    rename(connection, names.current(), names.failed());
                    rename(connection, names.restored(), names.current());
                    connection.commit();
                    return;
                } catch (SQLException e) {
                    connection.rollback();
                    // 55006: somebody is connected, such as a vacuum, or our own session that is just ending.
                    if (!"55006".equals(e.getSQLState()) || work.left().isZero()) {
                        throw e;
                    }
                    work.pause(BETWEEN_LOOKS);
                }
            }
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void rename(Connection connection, String from, String to) throws SQLException {
        Server.run(connection, "ALTER DATABASE " + Server.identifier(from) + " RENAME TO " + Server.identifier(to));
    }

    private static boolean isDone(Connection connection, Names names) throws SQLException {
        return Server.has(connection, names.failed()) && Server.has(connection, names.current());
    }

    /** So that people can look into it, and slots in it can be read. */
    private static void open(Connection connection, String name) throws SQLException {
        Server.run(connection, "ALTER DATABASE " + Server.identifier(name) + " ALLOW_CONNECTIONS true");
    }

    /** An attempt that did not get to the swap leaves the tenant's database as it found it. */
    private static void openQuietly(Database maintenance, Names names, Exception because) {
        boolean interrupted = Thread.interrupted();
        try (Connection connection = maintenance.open()) {
            if (!Server.has(connection, names.failed())) {
                open(connection, names.current());
            }
        } catch (SQLException | Refused alsoThis) {
            because.addSuppressed(alsoThis);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** What earlier attempts half restored; a later attempt's is not touched. */
    private static void dropLeftovers(Connection connection, Names names, StepRequested request) throws SQLException {
        List<String> leftovers = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database")) {
            while (rows.next()) {
                String name = rows.getString(1);
                if (names.leftovers().matcher(name).matches()
                        && Long.parseLong(name.substring(name.lastIndexOf('_') + 1))
                                <= request.token().value()) {
                    leftovers.add(name);
                }
            }
        }
        for (String leftover : leftovers) {
            Server.run(connection, "DROP DATABASE " + Server.identifier(leftover) + " WITH (FORCE)");
        }
    }

    /** Two attempts never restore the same database at once; the lock ends with the connection. */
    private static void lock(Connection connection, String name, Work work) throws SQLException, InterruptedException {
        String attempt = "SELECT pg_try_advisory_lock(hashtextextended(" + Server.literal("upkeep restore " + name)
                + ", 0))::text";
        while (!Server.text(connection, attempt).equals("true")) {
            if (work.left().isZero()) {
                throw new Refused(Outcome.Failed.retryable(
                        Failure.DEADLINE_PASSED,
                        "another attempt was still restoring " + name + " at the deadline",
                        "Find out why it takes so long"));
            }
            work.pause(BETWEEN_LOOKS);
        }
    }

    private static void raiseFence(Database database, StepRequested request) throws InterruptedException {
        try (Connection connection = database.open()) {
            SqlFence.raise(connection, request.token());
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    private static Backup backup(StepRequested request, Work work) {
        String id = request.facts().get(Fact.BACKUP_BEFORE);
        if (id == null) {
            throw refused(Failure.FACT_MISSING, "no step has taken a backup", "Put backup-database first");
        }
        Backup backup = work.backups()
                .find(id)
                .orElseThrow(() -> refused(
                        Failure.BACKUP_MISSING,
                        "the catalogue has no backup " + id,
                        "Restore the executor's own database, or restore the tenant's by hand"));
        if (!backup.tenant().equals(request.tenant()) || !backup.upgrade().equals(request.upgrade())) {
            throw refused(
                    Failure.BACKUP_MISMATCH,
                    "backup " + id + " is of " + backup.tenant() + ", upgrade " + backup.upgrade(),
                    "Restore the upgrade's own backup");
        }
        if (!backup.proven()) {
            throw refused(Failure.BACKUP_MISMATCH, "backup " + id + " was never proven", "Prove it first");
        }
        return backup;
    }

    private static Map<String, String> found(Names names) {
        return Map.of("restore.failed-database", names.failed());
    }

    private static Refused refused(Failure code, String reason, String fix) {
        return new Refused(Outcome.Failed.forGood(code, reason, fix));
    }
}
