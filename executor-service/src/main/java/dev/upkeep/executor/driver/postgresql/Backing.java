package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Sealing;
import dev.upkeep.executor.driver.SqlFence;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Dumps a database in one snapshot, counts what is in that snapshot, and opens the capture of what is written after it.
 *
 * <p>Ordering: fence, slot, counts and dump in the slot's snapshot, flush, manifest, catalogue. What the catalogue has
 * is therefore whole. Failure: whatever ends an attempt before the catalogue has the backup leaves a part of a file and
 * perhaps a slot, both of which the next attempt removes.
 */
final class Backing {
    /** In the catalogue's details: what the manifest beside the dump is known by. */
    static final String MANIFEST = "manifest";

    /** The same for the key that it is sealed with. */
    static final String KEY = "key";

    private static final String TOKEN = "token";

    private final Places places;
    private final Sealing sealing;
    private final Tools tools;

    Backing(Places places, Tools tools) {
        this.places = places;
        this.sealing = places.sealing();
        this.tools = tools;
    }

    /** The backup's id, the same for every attempt of a step. */
    static String id(StepRequested request, Moment moment) {
        String id = (request.upgrade() + "." + request.step() + "."
                        + moment.name().toLowerCase(Locale.ROOT))
                .replaceAll("[^A-Za-z0-9._-]", "-");
        return id.length() <= 120 ? id : id.substring(0, 100) + "-" + Durable.shortName(id, 16);
    }

    /** The name that a backup's dump is sealed under. */
    static String name(TenantId tenant, String id) {
        return tenant + "/" + id;
    }

    /** What an earlier attempt of the step has left finished, if it is all still there. */
    Optional<Map<String, String>> finished(StepRequested request, Moment moment, Work work)
            throws InterruptedException {
        Optional<Backup> entered = work.backups().find(id(request, moment));
        if (entered.isEmpty() || !isThere(entered.get())) {
            return Optional.empty();
        }
        Backup backup = entered.get();
        // A failed state is another one at each attempt; a slot ties a backup to its upgrade's one beginning.
        if (moment == Moment.FAILED
                && !request.token().toString().equals(backup.details().get(TOKEN))) {
            return Optional.empty();
        }
        if (backup.slot().isPresent()) {
            Database database = Database.of(request.target(), work.secrets());
            try (Connection connection = database.open()) {
                Optional<Slot.State> slot = Slot.state(connection, backup.slot().get());
                if (slot.isEmpty() || slot.get().lost()) {
                    return Optional.empty();
                }
            } catch (SQLException e) {
                throw Server.refused(database, e);
            }
        }
        return Optional.of(found(backup, moment));
    }

    Outcome perform(StepRequested request, Moment moment, Work work) throws InterruptedException {
        Optional<Map<String, String>> finished = finished(request, moment, work);
        if (finished.isPresent()) {
            return new Outcome.Done(finished.get(), "The backup " + id(request, moment) + " had been taken before");
        }
        Database database = Database.of(request.target(), work.secrets());
        try (Connection connection = database.open()) {
            SqlFence.raise(connection, request.token());
            tools.check("pg_dump", Server.version(connection), work);
            Optional<String> slot = moment == Moment.BEFORE
                    ? Optional.of(Slot.name(request.tenant(), request.upgrade()))
                    : Optional.empty();
            if (slot.isEmpty()) {
                return dump(request, moment, database, slot, Optional.empty(), work);
            }
            Slot.check(connection);
            Slot.drop(connection, slot.get(), work);
            work.progress("opening the capture of writes");
            try (Slot.Capture capture = Slot.open(database, slot.get(), work)) {
                return dump(request, moment, database, slot, Optional.of(capture), work);
            } catch (Refused refused) {
                dropQuietly(connection, slot.get(), refused, work);
                throw refused;
            }
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    private Outcome dump(
            StepRequested request,
            Moment moment,
            Database database,
            Optional<String> slot,
            Optional<Slot.Capture> capture,
            Work work)
            throws SQLException, InterruptedException {
        Instant taken = work.now();
        Path directory = places.backups().resolve(request.tenant().value());
        Path file = directory.resolve(id(request, moment) + ".dump");
        Path part = directory.resolve(id(request, moment) + ".dump.part");
        try (Connection reading = database.open()) {
            Server.normalise(reading);
            reading.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reading.setReadOnly(true);
            reading.setAutoCommit(false);
            if (capture.isPresent()) {
                Server.run(
                        reading,
                        "SET TRANSACTION SNAPSHOT "
                                + Server.literal(capture.get().snapshot()));
            }
            String snapshot = Server.text(reading, "SELECT pg_export_snapshot()");
            String from = capture.isPresent()
                    ? capture.get().from()
                    : Server.text(reading, "SELECT pg_current_wal_lsn()::text");
            work.progress("counting what is in the snapshot");
            Contents contents = Contents.read(reading);
            String server = Server.identity(reading);
            int version = Server.version(reading);
            Manifest.Locale locale = Manifest.Locale.of(reading);
            List<String> roles = Manifest.roles(reading);

            Durable.directory(directory);
            Files.deleteIfExists(part);
            work.progress("dumping " + contents.rows() + " rows");
            String key = sealing.keyId(work.secrets());
            // The file on its own: a seal that can't write its end on a full disk does not close it.
            try (OutputStream onto = Files.newOutputStream(part);
                    OutputStream dump =
                            sealing.onto(onto, name(request.tenant(), id(request, moment)), work.secrets())) {
                tools.dump(database, snapshot, dump, work);
            }
            reading.rollback();

            Digest digest = Durable.digest(part);
            long bytes = Files.size(part);
            Durable.publish(part, file);
            Manifest manifest = new Manifest(
                    Manifest.FORMAT,
                    id(request, moment),
                    request.tenant(),
                    request.upgrade(),
                    moment,
                    Server.name(database),
                    server,
                    version,
                    locale,
                    roles,
                    slot,
                    from,
                    contents,
                    digest,
                    bytes,
                    taken,
                    Optional.of(key));
            Backup backup = enter(request, manifest, manifest.write(file), key, file, work);
            return new Outcome.Done(
                    found(backup, moment),
                    String.format(
                            Locale.ROOT,
                            "Backed up %,d rows in %,d tables: %,d KiB, in one snapshot at %s%s",
                            contents.rows(),
                            contents.tables().size(),
                            (bytes + 1023) / 1024,
                            from,
                            slot.isPresent() ? "; later writes are captured" : ""));
        } catch (IOException e) {
            throw Durable.refused(part, e);
        } finally {
            deleteQuietly(part);
        }
    }

    private static Backup enter(
            StepRequested request, Manifest manifest, Digest manifestDigest, String key, Path file, Work work) {
        Map<String, Long> rows = new HashMap<>();
        manifest.contents().tables().forEach((name, table) -> rows.put(name, table.rows()));
        Backup backup = new Backup(
                manifest.backup(),
                request.tenant(),
                request.upgrade(),
                request.step(),
                request.target().component(),
                manifest.moment(),
                file,
                manifest.digest(),
                manifest.bytes(),
                manifest.contents().fingerprint(),
                rows,
                manifest.slot(),
                Map.of(
                        MANIFEST,
                        manifestDigest.value(),
                        TOKEN,
                        request.token().toString(),
                        "database",
                        manifest.database(),
                        "server",
                        manifest.server(),
                        "from",
                        manifest.from(),
                        KEY,
                        key),
                manifest.taken(),
                false);
        work.backups().enter(backup);
        return backup;
    }

    private static Map<String, String> found(Backup backup, Moment moment) {
        Map<String, String> found = new HashMap<>();
        found.put(moment == Moment.BEFORE ? Fact.BACKUP_BEFORE : Fact.BACKUP_FAILED, backup.id());
        backup.slot().ifPresent(slot -> found.put(Fact.CAPTURE_SLOT, slot));
        found.put("backup.bytes", Long.toString(backup.bytes()));
        found.put(
                "backup.rows",
                Long.toString(backup.rows().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()));
        return found;
    }

    private static boolean isThere(Backup backup) throws InterruptedException {
        try {
            return Files.isRegularFile(backup.file())
                    && Files.size(backup.file()) == backup.bytes()
                    && Durable.digest(backup.file()).equals(backup.digest())
                    && Durable.digest(Manifest.beside(backup.file()))
                            .value()
                            .equals(backup.details().get(MANIFEST));
        } catch (IOException notToBeRead) {
            return false;
        }
    }

    /** A slot that nobody will use would hold back the server's log until end-capture; it need not wait for that. */
    private static void dropQuietly(Connection connection, String slot, Refused because, Work work)
            throws InterruptedException {
        try {
            Slot.drop(connection, slot, work);
        } catch (SQLException | Refused alsoThis) {
            because.addSuppressed(alsoThis);
        }
    }

    private static void deleteQuietly(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException theNextAttemptTries) {
            // It takes room, nothing else.
        }
    }
}
