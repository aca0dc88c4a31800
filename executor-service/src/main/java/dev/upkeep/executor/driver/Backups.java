package dev.upkeep.executor.driver;

import dev.upkeep.contract.TenantId;
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
}
