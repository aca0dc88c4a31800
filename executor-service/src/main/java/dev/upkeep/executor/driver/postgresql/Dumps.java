package dev.upkeep.executor.driver.postgresql;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Sealing;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.secrets.Seal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads dumps that the catalogue has: whether they are still what was written, and what is in them. */
final class Dumps {
    private static final String AGAIN = "Take a new backup";

    private final Sealing sealing;
    private final Tools tools;

    Dumps(Sealing sealing, Tools tools) {
        this.sealing = sealing;
        this.tools = tools;
    }

    /**
     * The manifest beside a dump, after both were found to be the bytes that were written, and the dump to be sealed with
     * a key that is at hand.
     */
    Manifest manifest(Backup backup, Work work) throws InterruptedException {
        Path file = backup.file();
        try {
            if (Files.size(file) != backup.bytes()) {
                throw refused(
                        Failure.BACKUP_DAMAGED,
                        file + " has " + Files.size(file) + " bytes and not " + backup.bytes(),
                        AGAIN);
            }
            if (!Durable.digest(file).equals(backup.digest())) {
                throw refused(Failure.BACKUP_DAMAGED, file + " has not the digest it was written with", AGAIN);
            }
            Path beside = Manifest.beside(file);
            if (!Durable.digest(beside).value().equals(backup.details().get(Backing.MANIFEST))) {
                throw refused(Failure.BACKUP_DAMAGED, beside + " has not the digest it was written with", AGAIN);
            }
            Manifest manifest = Manifest.read(file);
            if (manifest.key().isPresent()) {
                sealing.check(file, manifest.key().get(), work.secrets());
            }
            return manifest;
        } catch (Seal.Broken e) {
            throw refused(Failure.BACKUP_DAMAGED, file + ": " + e.getMessage(), AGAIN);
        } catch (NoSuchFileException e) {
            throw refused(Failure.BACKUP_MISSING, e.getFile() + " is gone", AGAIN);
        } catch (JsonProcessingException e) {
            throw refused(
                    Failure.BACKUP_DAMAGED,
                    Manifest.beside(file) + " can't be read: " + e.getOriginalMessage(),
                    "Use an executor of the version that wrote it, or take a new backup");
        } catch (IOException e) {
            throw Durable.refused(file, e);
        }
    }

    /** Refuses unless the manifest is of this very backup. */
    static void agrees(Backup backup, Manifest manifest) {
        Map<String, Long> rows = new HashMap<>();
        manifest.contents().tables().forEach((name, table) -> rows.put(name, table.rows()));
        boolean agrees = manifest.backup().equals(backup.id())
                && manifest.tenant().equals(backup.tenant())
                && manifest.upgrade().equals(backup.upgrade())
                && manifest.moment() == backup.moment()
                && manifest.digest().equals(backup.digest())
                && manifest.contents().fingerprint().equals(backup.fingerprint())
                && manifest.slot().equals(backup.slot())
                && manifest.key().equals(Optional.ofNullable(backup.details().get(Backing.KEY)))
                && rows.equals(backup.rows());
        if (!agrees) {
            throw refused(
                    Failure.BACKUP_MISMATCH,
                    "the manifest beside " + backup.file() + " is of " + manifest.backup() + " (" + manifest.tenant()
                            + ") and does not agree with the catalogue",
                    AGAIN);
        }
    }

    /**
     * Restores a backup into an empty database; it goes through a pipe, and is on no disk in clear.
     *
     * @param more further arguments of pg_restore
     * @param unless what it means if it is nothing that has a name of its own
     */
    void restore(Backup backup, Manifest manifest, Database into, List<String> more, Failure unless, Work work)
            throws InterruptedException {
        try (InputStream dump = manifest.key().isPresent()
                ? sealing.opened(backup.file(), Backing.name(backup.tenant(), backup.id()), work.secrets())
                : Files.newInputStream(backup.file())) {
            tools.restore(dump, into, more, unless, work);
        } catch (Seal.Broken e) {
            throw refused(Failure.BACKUP_DAMAGED, backup.file() + ": " + e.getMessage(), AGAIN);
        } catch (IOException e) {
            throw Durable.refused(backup.file(), e);
        }
    }

    private static Refused refused(Failure code, String reason, String fix) {
        return new Refused(Outcome.Failed.forGood(code, reason, fix));
    }
}
