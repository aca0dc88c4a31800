package dev.upkeep.executor.run;

import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Backups;
import dev.upkeep.messaging.LogKeys;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Deletes backups that nobody needs any more, by the policy {@code upkeep.executor.keep}; never one that an upgrade which
 * is not decided may still need, see {@link Backups#outlived}.
 *
 * <p>Ordering: the dump, its entry in the catalogue, its manifest. Failure: a sweep that is cut short leaves the manifest,
 * by which the next one knows that the rest is this executor's to delete: an executor with a volume of its own touches
 * nothing of the others'.
 */
@ApplicationScoped
class Retention {
    private static final Logger LOG = Logger.getLogger(Retention.class);
    private static final int PAGE = 200;

    private final Backups backups;
    private final Settings.Keep keep;
    private final InstantSource clock;
    private final Meters meters;
    private @Nullable Thread sweeper;

    Retention(Backups backups, Settings settings, InstantSource clock, Meters meters) {
        this.backups = backups;
        this.keep = settings.keep();
        this.clock = clock;
        this.meters = meters;
        if (keep.backupsLeast() < 0
                || keep.backupsFor().isNegative()
                || keep.sweep().isNegative()
                || keep.sweep().isZero()) {
            throw new IllegalStateException(
                    "upkeep.executor.keep: spans and numbers must not be negative, sweep not zero");
        }
    }

    void start(@Observes StartupEvent event) {
        sweeper = Thread.ofVirtual().name("backup-sweeper").start(this::sweepForEver);
    }

    void stop(@Observes ShutdownEvent event) {
        if (sweeper != null) {
            sweeper.interrupt();
        }
    }

    private void sweepForEver() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                TimeUnit.NANOSECONDS.sleep(keep.sweep().toNanos());
                sweep();
            } catch (InterruptedException stopped) {
                return;
            } catch (RuntimeException e) {
                LOG.warnf("can't look for backups that may go, will try again: %s", e.getMessage());
            }
        }
    }

    /** How many it has deleted. */
    int sweep() {
        Instant before = clock.instant().minus(keep.backupsFor());
        int deleted = 0;
        Optional<String> after = Optional.empty();
        // A page is asked for before its last one goes, by which the next one is found.
        List<Backup> page = backups.outlived(before, keep.backupsLeast(), after, PAGE);
        while (!page.isEmpty()) {
            List<Backup> next = page.size() < PAGE
                    ? List.of()
                    : backups.outlived(
                            before,
                            keep.backupsLeast(),
                            Optional.of(page.getLast().id()),
                            PAGE);
            for (Backup backup : page) {
                if (isHere(backup) && delete(backup)) {
                    deleted++;
                }
            }
            page = next;
        }
        return deleted;
    }

    private static boolean isHere(Backup backup) {
        return Files.exists(backup.file()) || Files.exists(Backup.manifest(backup.file()));
    }

    private boolean delete(Backup backup) {
        Path manifest = Backup.manifest(backup.file());
        try {
            Files.deleteIfExists(backup.file());
            backups.forget(backup.id());
            Files.deleteIfExists(manifest);
        } catch (IOException e) {
            meters.deleted(false);
            LOG.warnf("can't delete backup %s: %s", backup.id(), e);
            return false;
        }
        meters.deleted(true);
        LogKeys.of(
                        "tenant",
                        backup.tenant().value(),
                        "upgrade",
                        backup.upgrade().value())
                .log(() -> LOG.infof(
                        "deleted backup %s of %s, taken %s: it had outlived upkeep.executor.keep",
                        backup.id(), backup.component(), backup.taken()));
        return true;
    }
}
