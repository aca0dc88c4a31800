package dev.upkeep.executor.driver;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One backup as the catalogue knows it.
 *
 * @param id deterministic for a step, so that a redo finds it: letters, digits and {@code . _ : -}
 * @param file the dump, in the executor's backup directory
 * @param fingerprint of the schema in the dump's snapshot
 * @param rows by {@code schema.table}, counted in the dump's snapshot
 * @param slot the replication slot that captures later writes
 * @param details whatever else its driver wants to find again; never a secret
 */
public record Backup(
        String id,
        TenantId tenant,
        UpgradeId upgrade,
        StepId step,
        ComponentName component,
        Moment moment,
        Path file,
        Digest digest,
        long bytes,
        SchemaFingerprint fingerprint,
        Map<String, Long> rows,
        Optional<String> slot,
        Map<String, String> details,
        Instant taken,
        boolean proven) {
    public Backup {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(tenant, "tenant");
        Objects.requireNonNull(upgrade, "upgrade");
        Objects.requireNonNull(step, "step");
        Objects.requireNonNull(component, "component");
        Objects.requireNonNull(moment, "moment");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(fingerprint, "fingerprint");
        rows = Map.copyOf(rows);
        Objects.requireNonNull(slot, "slot");
        details = Map.copyOf(details);
        Objects.requireNonNull(taken, "taken");
    }

    /** Where what is known of a dump is written beside it. */
    public static Path manifest(Path dump) {
        return dump.resolveSibling(dump.getFileName() + ".manifest.json");
    }
}
