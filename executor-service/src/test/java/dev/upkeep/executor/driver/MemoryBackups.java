package dev.upkeep.executor.driver;

import dev.upkeep.contract.TenantId;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A catalogue that is as durable as a test. */
public final class MemoryBackups implements Backups {
    private final Map<String, Backup> byId = new ConcurrentHashMap<>();

    @Override
    public void enter(Backup backup) {
        byId.put(backup.id(), backup);
    }

    @Override
    public Optional<Backup> find(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    @Override
    public void proven(String id) {
        byId.computeIfPresent(
                id,
                (key, b) -> new Backup(
                        b.id(),
                        b.tenant(),
                        b.upgrade(),
                        b.step(),
                        b.component(),
                        b.moment(),
                        b.file(),
                        b.digest(),
                        b.bytes(),
                        b.fingerprint(),
                        b.rows(),
                        b.slot(),
                        b.details(),
                        b.taken(),
                        true));
    }

    @Override
    public List<Backup> of(TenantId tenant) {
        return byId.values().stream()
                .filter(b -> b.tenant().equals(tenant))
                .sorted(Comparator.comparing(Backup::taken).reversed())
                .toList();
    }

    /** In memory nothing outlives its test. */
    @Override
    public List<Backup> outlived(Instant before, int least, Optional<String> after, int limit) {
        return List.of();
    }

    @Override
    public void forget(String id) {
        byId.remove(id);
    }
}
