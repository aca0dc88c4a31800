package dev.upkeep.executor.driver;

import dev.upkeep.secrets.Seal;
import dev.upkeep.secrets.SealKey;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Seals what the executor keeps of tenants, by the first of its keys; opens what any of them has sealed, so that a key is
 * rotated by putting a new one in front.
 *
 * <p>Where no key is named, one is made beside what it seals: that keeps a copy of a single file from being read, not one
 * of the whole directory, and is said in the log.
 */
public final class Sealing {
    private static final Logger LOG = Logger.getLogger(Sealing.class);
    private static final String OWN = "backup.key";
    private static final String NAME_THE_KEYS =
            "Give upkeep.executor.backup-keys the key that it was sealed with, after the one that seals now";

    private final Path backups;
    private final List<String> references;

    Sealing(Path backups, List<String> references) {
        this.backups = backups;
        this.references = List.copyOf(references);
    }

    /**
     * Seals what is written to the stream given back.
     *
     * @param name that it must be opened by again: of whose it is, so that nobody's is taken for another's
     */
    public OutputStream onto(OutputStream out, String name, Secrets secrets) throws IOException {
        return Seal.onto(out, first(secrets), name);
    }

    /** The id of the key that seals now. */
    public String keyId(Secrets secrets) throws IOException {
        return first(secrets).id();
    }

    /**
     * What was sealed, opened.
     *
     * @throws Refused {@link Failure#BACKUP_KEY_MISSING}
     * @throws Seal.Broken also while it is read, if it is not what was sealed under this name
     */
    public InputStream opened(Path file, String name, Secrets secrets) throws IOException {
        Map<String, SealKey> keys = all(secrets);
        InputStream sealed = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        try {
            return Seal.opened(sealed, id -> Optional.ofNullable(keys.get(id)), name);
        } catch (Seal.KeyMissing e) {
            sealed.close();
            throw missing(file, e.id(), keys);
        } catch (IOException | RuntimeException e) {
            sealed.close();
            throw e;
        }
    }

    /** Refuses unless a file is sealed with the key of this id, and that key is one of ours. */
    public void check(Path file, String id, Secrets secrets) throws IOException {
        String found;
        try (InputStream sealed = Files.newInputStream(file)) {
            found = Seal.keyId(sealed);
        }
        if (!found.equals(id)) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.BACKUP_KEY_WRONG,
                    file + " is sealed with key " + found + ", and was written with key " + id,
                    "Find out who put another file in its place; take a new backup"));
        }
        Map<String, SealKey> keys = all(secrets);
        if (!keys.containsKey(id)) {
            throw missing(file, id, keys);
        }
    }

    private static Refused missing(Path file, String id, Map<String, SealKey> keys) {
        return new Refused(Outcome.Failed.forGood(
                Failure.BACKUP_KEY_MISSING,
                file + " is sealed with key " + id + ", and this executor has " + keys.keySet(),
                NAME_THE_KEYS));
    }

    private SealKey first(Secrets secrets) throws IOException {
        return references.isEmpty() ? own() : key(references.getFirst(), secrets);
    }

    private Map<String, SealKey> all(Secrets secrets) throws IOException {
        List<SealKey> keys = new ArrayList<>();
        if (references.isEmpty()) {
            ownIfThere().ifPresent(keys::add);
        }
        references.forEach(reference -> keys.add(key(reference, secrets)));
        Map<String, SealKey> byId = new HashMap<>();
        keys.forEach(key -> byId.put(key.id(), key));
        return byId;
    }

    private static SealKey key(String reference, Secrets secrets) {
        return parsed(reference, secrets.resolve(reference));
    }

    private static SealKey parsed(String where, String text) {
        try {
            return SealKey.of(text);
        } catch (IllegalArgumentException e) {
            throw new Refused(
                    Outcome.Failed.forGood(
                            Failure.BACKUP_KEY_WRONG,
                            "what is at " + where + " is no key of backups: " + e.getMessage(),
                            "Put the key back that was there, or a new one: openssl rand -base64 32"),
                    e);
        }
    }

    private Optional<SealKey> ownIfThere() throws IOException {
        Path file = backups.resolve(OWN);
        try {
            return Optional.of(parsed(file.toString(), Files.readString(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whole or not there: a second executor on the same directory may make it at the same moment. */
    private SealKey own() throws IOException {
        Optional<SealKey> there = ownIfThere();
        if (there.isPresent()) {
            return there.get();
        }
        var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.createDirectories(backups, owner);
        Path next = Files.createTempFile(backups, OWN, ".next");
        try {
            try (FileChannel file = FileChannel.open(next, StandardOpenOption.WRITE)) {
                file.write(StandardCharsets.US_ASCII.encode(SealKey.fresh() + "\n"));
                file.force(true);
            }
            Files.createLink(backups.resolve(OWN), next);
            LOG.warnf(
                    "made a key of backups in their own directory, %s; set upkeep.executor.backup-keys to keep it elsewhere",
                    backups.resolve(OWN));
            Artifacts.sync(backups);
        } catch (FileAlreadyExistsException anotherWasFaster) {
            // Its key is as good.
        } finally {
            Files.deleteIfExists(next);
        }
        return ownIfThere().orElseThrow(() -> new IOException("the key " + backups.resolve(OWN) + " has gone"));
    }
}
