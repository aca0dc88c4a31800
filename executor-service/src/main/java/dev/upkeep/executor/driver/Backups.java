package dev.upkeep.executor.driver;

import dev.upkeep.contract.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The catalogue of backups, durable; its methods block. */
public interface Backups {
    /** Enters a backup whose file is complete, checked and fsynced; a second entry of the same id replaces the first. */
    void enter(Backup backup);

    /** The backup with this id. */
    Optional<Backup> find(String id);

    /** Marks a backup as restored and compared. */
    void proven(String id);

    /** A tenant's backups, the latest first. */
    List<Backup> of(TenantId tenant);

    /**
     * Those that nobody needs any more, the oldest first: taken before {@code before}, not among the {@code least} latest
     * of their component, and not of the upgrade that the tenant's latest step belongs to. A tenant has one upgrade at a
     * time, so that every other one has been decided; of the latest that can't be known here, and its backups stay.
     *
     * @param after the id of the last one of the page before
     */
    List<Backup> outlived(Instant before, int least, Optional<String> after, int limit);

    /** Takes a backup out of the catalogue. */
    void forget(String id);
}
