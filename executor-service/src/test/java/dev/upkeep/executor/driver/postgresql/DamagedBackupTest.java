package dev.upkeep.executor.driver.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Action.ProveBackup;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.secrets.SealKey;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every way in which a backup was known to be no good, each refused by name.
 *
 * <p>Some cases also change what the catalogue knows, so that the check behind the digest is reached: whoever writes a
 * wrong dump with a right digest must be found out by the restore.
 */
class DamagedBackupTest {
    @TempDir
    private Path directory;

    private Ground ground;
    private Path file;

    @BeforeEach
    void takeAGoodBackup() throws Exception {
        ground = new Ground(directory);
        ground.sql("CREATE TABLE note (id int PRIMARY KEY, body text);"
                + " INSERT INTO note SELECT n, md5(n::text) FROM generate_series(1, 2000) n");
        ground.done(new BackupDatabase(Moment.BEFORE));
        file = backup().file();
    }

    private Backup backup() {
        return ground.backups.find(ground.facts.get(Fact.BACKUP_BEFORE)).orElseThrow();
    }

    private void refusedAs(Failure code) throws Exception {
        Outcome.Failed failed = ground.failed(new ProveBackup());
        assertThat(failed.code()).as(failed.reason()).isEqualTo(code);
        assertThat(failed.retryable()).isFalse();
        assertThat(ground.backups
                        .find(ground.facts.getOrDefault(Fact.BACKUP_BEFORE, ""))
                        .filter(Backup::proven))
                .isEmpty();
        assertThat(ground.askScratch("SELECT count(*) FROM pg_database WHERE datname = 'upkeep_proof_"
                        + Durable.shortName(ground.tenant + "/" + ground.upgrade, 12) + "'"))
                .isEqualTo("0");
    }

    /** The catalogue's entry made to agree with whatever the file and the manifest are now. */
    private void letTheCatalogueAgree() throws Exception {
        ObjectNode manifest =
                (ObjectNode) Wire.json().readTree(Manifest.beside(file).toFile());
        manifest.put("digest", Durable.digest(file).value());
        manifest.put("bytes", Files.size(file));
        Files.write(Manifest.beside(file), Wire.json().writeValueAsBytes(manifest));
        Digest digest = Durable.digest(file);
        long bytes = Files.size(file);
        Digest manifestDigest = Durable.digest(Manifest.beside(file));
        change(b -> with(b, b.tenant(), b.upgrade(), b.component(), digest, bytes, manifestDigest, b.taken()));
    }

    private void change(UnaryOperator<Backup> how) {
        ground.backups.enter(how.apply(backup()));
    }

    private static Backup with(
            Backup b,
            TenantId tenant,
            UpgradeId upgrade,
            ComponentName component,
            Digest digest,
            long bytes,
            Digest manifest,
            Instant taken) {
        Map<String, String> details = new HashMap<>(b.details());
        details.put(Backing.MANIFEST, manifest.value());
        return new Backup(
                b.id(),
                tenant,
                upgrade,
                b.step(),
                component,
                b.moment(),
                b.file(),
                digest,
                bytes,
                b.fingerprint(),
                b.rows(),
                b.slot(),
                details,
                taken,
                b.proven());
    }

    private static Digest manifestOf(Backup b) {
        return new Digest(Optional.ofNullable(b.details().get(Backing.MANIFEST)).orElseThrow());
    }

    private void overwrite(byte[] bytes) throws Exception {
        Files.write(file, bytes);
    }

    /** What is in the dump of a ground. */
    private static byte[] inClear(Ground ground) throws Exception {
        Backup backup =
                ground.backups.find(ground.facts.get(Fact.BACKUP_BEFORE)).orElseThrow();
        try (InputStream dump = ground.places
                .sealing()
                .opened(
                        backup.file(),
                        Backing.name(backup.tenant(), backup.id()),
                        ground.work().secrets())) {
            return dump.readAllBytes();
        }
    }

    /** As somebody would who has the key: what is behind the seal must be found out by the restore. */
    private void overwriteSealed(byte[] dump) throws Exception {
        try (OutputStream out = ground.places
                .sealing()
                .onto(
                        Files.newOutputStream(file),
                        Backing.name(backup().tenant(), backup().id()),
                        ground.work().secrets())) {
            out.write(dump);
        }
    }

    private void editManifest(java.util.function.Consumer<ObjectNode> edit) throws Exception {
        ObjectNode manifest =
                (ObjectNode) Wire.json().readTree(Manifest.beside(file).toFile());
        edit.accept(manifest);
        Files.write(Manifest.beside(file), Wire.json().writeValueAsBytes(manifest));
        Digest digest = Durable.digest(Manifest.beside(file));
        change(b -> with(b, b.tenant(), b.upgrade(), b.component(), b.digest(), b.bytes(), digest, b.taken()));
    }

    @Test
    void provesTheBackupThatAllOtherTestsDamage() throws Exception {
        assertThat(ground.done(new ProveBackup()).found()).containsEntry(Fact.BACKUP_PROVEN, "true");
    }

    @Test
    void refusesATruncatedDump() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        overwrite(Arrays.copyOf(bytes, bytes.length - 100));
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesATruncatedDumpThatTheCatalogueAgreesWith() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        overwrite(Arrays.copyOf(bytes, bytes.length - 100));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpWithOneFlippedBit() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        overwrite(bytes);
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpWithAFlippedBitThatARestoreWouldNotNotice() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        // The second at which the dump was made, in its header.
        bytes[17] ^= 1;
        overwrite(bytes);
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpWhoseDataBlockIsDamagedThoughTheCatalogueAgrees() throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        for (int n = bytes.length - 20_000; n < bytes.length - 10_000; n++) {
            bytes[n] = (byte) ~bytes[n];
        }
        overwrite(bytes);
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpWhoseDataBlockIsDamagedThoughItsSealIsWhole() throws Exception {
        byte[] bytes = inClear(ground);
        for (int n = bytes.length - 20_000; n < bytes.length - 10_000; n++) {
            bytes[n] = (byte) ~bytes[n];
        }
        overwriteSealed(bytes);
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpThatWasTruncatedBeforeItWasSealed() throws Exception {
        byte[] bytes = inClear(ground);
        overwriteSealed(Arrays.copyOf(bytes, bytes.length - 10_000));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpWhoseKeyIsGone() throws Exception {
        Files.delete(key());
        refusedAs(Failure.BACKUP_KEY_MISSING);
    }

    @Test
    void refusesADumpWhoseKeyWasReplacedByAnother() throws Exception {
        Files.writeString(key(), SealKey.fresh());
        refusedAs(Failure.BACKUP_KEY_MISSING);
    }

    @Test
    void refusesAKeyThatIsNone() throws Exception {
        Files.writeString(key(), "hunter2");
        refusedAs(Failure.BACKUP_KEY_WRONG);
    }

    @Test
    void refusesADumpThatIsSealedWithAnotherKeyThanItsManifestSays() throws Exception {
        byte[] bytes = inClear(ground);
        String old = Files.readString(key());
        Files.writeString(key(), SealKey.fresh());
        overwriteSealed(bytes);
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_KEY_WRONG);
        Files.writeString(key(), old);
        refusedAs(Failure.BACKUP_KEY_WRONG);
    }

    @Test
    void refusesADumpThatWasSealedUnderAnothersName() throws Exception {
        byte[] bytes = inClear(ground);
        try (OutputStream out = ground.places
                .sealing()
                .onto(
                        Files.newOutputStream(file),
                        Backing.name(new TenantId("zenith"), backup().id()),
                        ground.work().secrets())) {
            out.write(bytes);
        }
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpInClearInThePlaceOfASealedOne() throws Exception {
        overwrite(inClear(ground));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
        editManifest(manifest -> manifest.put("format", 1).remove("key"));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesAManifestThatSaysOfNoKey() throws Exception {
        editManifest(manifest -> manifest.remove("key"));
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    private Path key() {
        return ground.places.backups().resolve("backup.key");
    }

    @Test
    void refusesAnEmptyDump() throws Exception {
        overwrite(new byte[0]);
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesAnEmptyDumpThatTheCatalogueAgreesWith() throws Exception {
        overwrite(new byte[0]);
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpThatIsGone() throws Exception {
        Files.delete(file);
        refusedAs(Failure.BACKUP_MISSING);
    }

    @Test
    void refusesADumpWhoseManifestIsGone() throws Exception {
        Files.delete(Manifest.beside(file));
        refusedAs(Failure.BACKUP_MISSING);
    }

    @Test
    void refusesAnotherFileInTheDumpsPlace() throws Exception {
        overwrite("-- a plain SQL script\nCREATE TABLE note (id int);\n"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpOfANewerFormat() throws Exception {
        byte[] bytes = inClear(ground);
        // "PGDMP", then the major and minor version of the format
        bytes[5] = 1;
        bytes[6] = 99;
        overwriteSealed(bytes);
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesADumpOfAnotherDatabaseUnderTheRightName() throws Exception {
        Ground other = new Ground(directory.resolve("other"));
        other.sql("CREATE TABLE note (id int PRIMARY KEY, body text); INSERT INTO note VALUES (1, 'not theirs')");
        other.done(new BackupDatabase(Moment.BEFORE));
        overwriteSealed(inClear(other));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesADumpWithAsManyRowsButOneOfThemOther() throws Exception {
        ground.sql("UPDATE note SET body = 'other' WHERE id = 77");
        ProcessBuilder dump = new ProcessBuilder(
                        "/usr/bin/pg_dump",
                        "-Fc",
                        "-N",
                        "upkeep",
                        "-h",
                        ground.server.host(),
                        "-p",
                        Integer.toString(ground.server.port()),
                        "-U",
                        ground.name,
                        "-f",
                        directory.resolve("other.dump").toString(),
                        ground.name)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("dump.log").toFile());
        dump.environment().put("PGPASSWORD", "tenant-secret");
        assertThat(dump.start().waitFor()).isZero();
        overwriteSealed(Files.readAllBytes(directory.resolve("other.dump")));
        letTheCatalogueAgree();
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesABackupOfAnotherTenant() throws Exception {
        change(b -> with(
                b,
                new TenantId("zenith"),
                b.upgrade(),
                b.component(),
                b.digest(),
                b.bytes(),
                manifestOf(b),
                b.taken()));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesABackupOfAnotherComponent() throws Exception {
        change(b -> with(
                b,
                b.tenant(),
                b.upgrade(),
                new ComponentName("cache"),
                b.digest(),
                b.bytes(),
                manifestOf(b),
                b.taken()));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesABackupOfAnEarlierUpgrade() throws Exception {
        change(b -> with(
                b,
                b.tenant(),
                new UpgradeId("u-last-year"),
                b.component(),
                b.digest(),
                b.bytes(),
                manifestOf(b),
                b.taken()));
        refusedAs(Failure.BACKUP_STALE);
    }

    @Test
    void refusesABackupThatIsADayOld() throws Exception {
        change(b -> with(
                b,
                b.tenant(),
                b.upgrade(),
                b.component(),
                b.digest(),
                b.bytes(),
                manifestOf(b),
                b.taken().minus(Duration.ofHours(25))));
        refusedAs(Failure.BACKUP_STALE);
    }

    @Test
    void refusesABackupOfASchemaThatWasNotTheOneChecked() throws Exception {
        ground.facts.put(Fact.SCHEMA_BEFORE, "sf1:" + "0".repeat(64));
        refusedAs(Failure.BACKUP_STALE);
    }

    @Test
    void refusesAManifestThatWasEdited() throws Exception {
        Files.writeString(
                Manifest.beside(file), Files.readString(Manifest.beside(file)).replace("2000", "2001"));
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesTheManifestOfAnotherBackup() throws Exception {
        editManifest(manifest -> manifest.put("backup", "u-other.backup"));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesAManifestOfANewerFormat() throws Exception {
        editManifest(manifest -> manifest.put("format", 3));
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesAManifestThatIsNoJson() throws Exception {
        Files.writeString(Manifest.beside(file), "{\"format\": 1, ");
        Digest digest = Durable.digest(Manifest.beside(file));
        change(b -> with(b, b.tenant(), b.upgrade(), b.component(), b.digest(), b.bytes(), digest, b.taken()));
        refusedAs(Failure.BACKUP_DAMAGED);
    }

    @Test
    void refusesABackupOfAServerThatIsNotTheTenants() throws Exception {
        editManifest(manifest -> manifest.put("server", "1234567890"));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesABackupOfADatabaseThatIsNotTheTenants() throws Exception {
        editManifest(manifest -> manifest.put("database", "zenith"));
        refusedAs(Failure.BACKUP_MISMATCH);
    }

    @Test
    void refusesABackupThatTheCatalogueDoesNotHave() throws Exception {
        ground.facts.put(Fact.BACKUP_BEFORE, "u-nobody.backup");
        refusedAs(Failure.BACKUP_MISSING);
    }

    @Test
    void refusesToProveWithoutABackup() throws Exception {
        ground.facts.remove(Fact.BACKUP_BEFORE);
        refusedAs(Failure.FACT_MISSING);
    }
}
