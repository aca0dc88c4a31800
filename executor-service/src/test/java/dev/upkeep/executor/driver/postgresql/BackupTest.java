package dev.upkeep.executor.driver.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.CheckCapacity;
import dev.upkeep.contract.step.Action.CheckCompatibility;
import dev.upkeep.contract.step.Action.CheckSchema;
import dev.upkeep.contract.step.Action.EndCapture;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Action.ProveBackup;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Rehearsal;
import dev.upkeep.secrets.SealKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {
    private static final BackupDatabase BEFORE = new BackupDatabase(Moment.BEFORE);

    @TempDir
    private Path directory;

    private Ground ground(String... sql) throws Exception {
        Ground ground = new Ground(directory);
        for (String statement : sql) {
            ground.sql(statement);
        }
        return ground;
    }

    /** A schema that dumps and restores are known to stumble over. */
    private Ground richGround() throws Exception {
        return ground(
                "CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('fine', 'so so')",
                "CREATE TABLE app.account (id bigserial PRIMARY KEY, status varchar(10) CHECK (status IN ('new', 'old')),"
                        + " mood app.mood DEFAULT 'fine', paid numeric(10, 2), dropped int, at timestamptz, tags text[])",
                "ALTER TABLE app.account DROP COLUMN dropped",
                "CREATE TABLE \"No\"\"te\" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
                        + " account bigint REFERENCES app.account, body text, raw bytea, ratio float8,"
                        + " long text GENERATED ALWAYS AS (body || body) STORED)",
                "CREATE VIEW loud AS SELECT n.id, a.status FROM \"No\"\"te\" n JOIN app.account a ON a.id = n.account"
                        + " WHERE a.status IN ('new', 'old')",
                "CREATE MATERIALIZED VIEW tally AS SELECT count(*) FROM app.account",
                "CREATE TABLE part (id int, k date) PARTITION BY RANGE (k)",
                "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')",
                "CREATE FUNCTION app.twice(n int, m app.mood DEFAULT 'fine') RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
                "ALTER TABLE app.account ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY own ON app.account TO " + "CURRENT_USER" + " USING (status = 'new')",
                "INSERT INTO app.account (status, paid, at, tags) SELECT 'new', n / 3.0, now(), ARRAY['a', NULL, 'x,\"y']"
                        + " FROM generate_series(1, 500) n",
                "INSERT INTO \"No\"\"te\" (account, body, raw, ratio) SELECT n, E'it''s\\n' || n, '\\xdeadbeef', n / 7.0"
                        + " FROM generate_series(1, 300) n",
                "INSERT INTO part SELECT n, date '2024-01-01' + n FROM generate_series(1, 100) n",
                "SELECT lo_from_bytea(0, 'large')");
    }

    @Test
    void provesABackupOfARichSchemaByRestoringItElsewhere() throws Exception {
        Ground ground = richGround();
        Outcome.Done before = ground.done(new CheckSchema(Moment.BEFORE));

        Outcome.Done taken = ground.done(BEFORE);
        Outcome.Done proven = ground.done(new ProveBackup());

        Backup backup =
                ground.backups.find(ground.facts.get(Fact.BACKUP_BEFORE)).orElseThrow();
        assertThat(backup.proven()).isTrue();
        assertThat(backup.fingerprint().value()).isEqualTo(before.found().get(Fact.SCHEMA_BEFORE));
        assertThat(backup.rows()).containsEntry("app.account", 500L).containsEntry("public.\"No\"\"te\"", 300L);
        assertThat(taken.found()).containsKey(Fact.CAPTURE_SLOT).containsEntry("backup.rows", "900");
        assertThat(proven.found())
                .containsEntry(Fact.BACKUP_PROVEN, "true")
                .containsEntry("proof.rows", "900")
                .containsEntry(Fact.SCHEMA_AFTER, before.found().get(Fact.SCHEMA_BEFORE));
        assertThat(ground.askScratch("SELECT count(*) FROM pg_database WHERE datname LIKE 'upkeep_proof%'"))
                .isEqualTo("0");
    }

    @Test
    void leavesOutOfTheBackupWhatIsWrittenAfterItsSnapshot() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)", "INSERT INTO note VALUES (1)");

        ground.done(BEFORE);
        ground.sql("INSERT INTO note VALUES (2)");
        ground.done(new ProveBackup());

        assertThat(ground.facts).containsEntry("proof.rows", "1");
    }

    @Test
    void keepsUpkeepsOwnSchemaOutOfTheBackup() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");

        ground.done(BEFORE);

        Backup backup =
                ground.backups.find(ground.facts.get(Fact.BACKUP_BEFORE)).orElseThrow();
        assertThat(backup.rows()).containsOnlyKeys("public.note");
        assertThat(ground.ask("SELECT count(*) FROM upkeep.fence")).isEqualTo("1");
    }

    @Test
    void learnsTheSchemaThatTheMigrationsGiveFromTheRestoredCopy() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        ground.migrations.add(new Migration("2", true, true));
        ground.rehearsal = (request, schema, copy, work) -> {
            try (Connection connection = copy.open();
                    Statement statement = connection.createStatement()) {
                statement.execute("ALTER TABLE note ADD COLUMN tag text");
                return new Outcome.Done(Map.of("migrations.ran", "2"), "ran 2");
            } catch (java.sql.SQLException e) {
                throw copy.refused(e);
            }
        };
        ground.done(BEFORE);

        Outcome.Done proven = ground.done(new ProveBackup());

        ground.sql("ALTER TABLE note ADD COLUMN tag text");
        ground.done(new CheckSchema(Moment.FAILED));
        assertThat(proven.found().get(Fact.SCHEMA_AFTER)).isEqualTo(ground.facts.get(Fact.SCHEMA_FAILED));
    }

    @Test
    void learnsTheSchemaThatRevertsGiveAndThatTheyLeadBack() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY, tag text)");
        ground.migrations.add(new Migration("2", true, true));
        ground.back = true;
        ground.rehearsal = byDirection("ALTER TABLE note ADD COLUMN tag text", "ALTER TABLE note DROP COLUMN tag");
        ground.done(BEFORE);

        Outcome.Done proven = ground.done(new ProveBackup());

        assertThat(proven.found()).containsEntry("migrations.reverted", "2");
        assertThat(proven.summary()).contains("migrating again led back to where it was");
        ground.sql("ALTER TABLE note DROP COLUMN tag");
        ground.done(new CheckSchema(Moment.FAILED));
        assertThat(proven.found().get(Fact.SCHEMA_AFTER)).isEqualTo(ground.facts.get(Fact.SCHEMA_FAILED));
    }

    @Test
    void refusesRevertsThatTakeMoreThanMigratingAgainBrings() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY, tag text)");
        ground.migrations.add(new Migration("2", true, true));
        ground.back = true;
        ground.rehearsal = byDirection(
                "ALTER TABLE note ADD COLUMN tag text", "ALTER TABLE note DROP COLUMN tag, DROP CONSTRAINT note_pkey");
        ground.done(BEFORE);

        Outcome.Failed failed = ground.failed(new ProveBackup());

        assertThat(failed.code()).isEqualTo(Failure.NOT_REVERSIBLE);
        assertThat(failed.retryable()).isFalse();
    }

    private static Rehearsal byDirection(String migrate, String revert) {
        return (request, schema, copy, work) -> {
            try (Connection connection = copy.open();
                    Statement statement = connection.createStatement()) {
                statement.execute(request.goesBack() ? revert : migrate);
                return new Outcome.Done(
                        Map.of(request.goesBack() ? "migrations.reverted" : "migrations.ran", "2"), "did 2");
            } catch (java.sql.SQLException e) {
                throw copy.refused(e);
            }
        };
    }

    @Test
    void doesNotReportABackupProvenWhoseMigrationsFailInTheRehearsal() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        ground.migrations.add(new Migration("2", true, true));
        ground.rehearsal = (request, schema, copy, work) ->
                Outcome.Failed.forGood(Failure.MIGRATION_FAILED, "2 does not run", "Mend it");
        ground.done(BEFORE);

        assertThat(ground.failed(new ProveBackup()).code()).isEqualTo(Failure.MIGRATION_FAILED);
    }

    @Test
    void findsTheFinishedBackupInsteadOfTakingASecondOne() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        ground.done(BEFORE);
        Backup first = ground.backups.find(ground.facts.get(Fact.BACKUP_BEFORE)).orElseThrow();

        Look look = ground.driver().look(ground.request(BEFORE), ground.work());
        ground.done(BEFORE);

        assertThat(look).isInstanceOf(Look.Done.class);
        assertThat(ground.backups.find(first.id())).contains(first);
    }

    @Test
    void startsAfreshWhenTheSlotOfAnEarlierAttemptIsLeftButNoBackup() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        StepRequested request = ground.request(BEFORE);
        String slot = Slot.name(request.tenant(), request.upgrade());
        ground.ask("SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
        Path left = ground.places.backups().resolve("acme").resolve(Backing.id(request, Moment.BEFORE) + ".dump.part");
        Files.createDirectories(ground.places.backups().resolve("acme"));
        Files.writeString(left, "half a dump");

        ground.done(BEFORE);

        assertThat(ground.done(new ProveBackup()).found()).containsEntry(Fact.BACKUP_PROVEN, "true");
        assertThat(left).doesNotExist();
    }

    @Test
    void leavesNothingBehindWhenTheDumpFails() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path dump = Files.writeString(
                bin.resolve("pg_dump"),
                "#!/bin/sh\n[ \"$1\" = --version ] && exec /usr/bin/pg_dump --version\necho 'No space left on device' >&2\nexit 1\n");
        assertThat(dump.toFile().setExecutable(true)).isTrue();
        Places places = with(ground.places, bin);

        Outcome.Failed failed = Ground.failed(ground.perform(ground.driver(places), ground.request(BEFORE)));

        assertThat(failed.code()).isEqualTo(Failure.DISK_FULL);
        assertThat(failed.retryable()).isTrue();
        assertThat(slots(ground)).isEqualTo("0");
        try (Stream<Path> files = Files.list(ground.places.backups().resolve("acme"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    @EnabledIf(value = "mayMount", disabledReason = "only root may mount the small volume that this test fills")
    void namesAFullDiskLeavesNothingOnItAndGoesOnOnceThereIsRoom() throws Exception {
        Ground ground = ground(
                "CREATE TABLE note (id int PRIMARY KEY, body text)",
                // Digests don't compress: the dump is as large as they are.
                "INSERT INTO note SELECT n, string_agg(sha256((n * 100 + m)::text::bytea)::text, '')"
                        + " FROM generate_series(1, 400) n, generate_series(1, 50) m GROUP BY n");
        Path volume = Files.createDirectories(ground.places.backups());
        mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", volume.toString());
        try {
            Outcome.Failed failed = Ground.failed(ground.perform(ground.driver(), ground.request(BEFORE)));

            assertThat(failed.code()).as(failed.reason()).isEqualTo(Failure.DISK_FULL);
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.fix()).contains("room");
            assertThat(slots(ground)).isEqualTo("0");
            try (Stream<Path> files = Files.walk(volume)) {
                assertThat(files.filter(Files::isRegularFile).filter(file -> !file.endsWith("backup.key")))
                        .isEmpty();
            }

            mount("-o", "remount,size=64m", volume.toString());
            ground.done(BEFORE);
            assertThat(ground.done(new ProveBackup()).found()).containsEntry(Fact.BACKUP_PROVEN, "true");
        } finally {
            run("umount", volume.toString());
        }
    }

    static boolean mayMount() {
        return System.getProperty("user.name").equals("root");
    }

    private static void mount(String... arguments) throws Exception {
        run(Stream.concat(Stream.of("mount"), Stream.of(arguments)).toArray(String[]::new));
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }

    @Test
    void namesAMissingPgDumpAndAnOldOne() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        PostgresqlDriver driver = ground.driver(with(ground.places, bin));

        Outcome.Failed missing = Ground.failed(ground.perform(driver, ground.request(BEFORE)));
        Path old = Files.writeString(bin.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n");
        assertThat(old.toFile().setExecutable(true)).isTrue();
        Outcome.Failed tooOld = Ground.failed(ground.perform(driver, ground.request(BEFORE)));

        assertThat(missing.code()).isEqualTo(Failure.TOOL_MISSING);
        assertThat(missing.fix()).contains("postgresql-client");
        assertThat(tooOld.code()).isEqualTo(Failure.TOOL_TOO_OLD);
        assertThat(slots(ground)).isEqualTo("0");
    }

    @Test
    void refusesAnAttemptThatALaterOneHasOvertaken() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        StepRequested earlier = ground.request(BEFORE);
        ground.done(new EndCapture());

        Outcome.Failed failed = Ground.failed(ground.perform(ground.driver(), earlier));

        assertThat(failed.code()).isEqualTo(Failure.STALE_TOKEN);
        assertThat(slots(ground)).isEqualTo("0");
    }

    @Test
    void saysWhyWritesCantBeCapturedByARoleThatMayNotReplicate() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        try (Connection connection = ground.server.database("postgres").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER ROLE " + ground.name + " NOREPLICATION");
        }

        Outcome.Failed failed = ground.failed(BEFORE);

        assertThat(failed.code()).isEqualTo(Failure.CAPTURE_IMPOSSIBLE);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.fix()).contains("REPLICATION");
    }

    @Test
    void callsADatabaseThatIsDownRetryableAndAWrongPasswordNot() throws Exception {
        Ground ground = ground();
        Map<String, String> right = ground.settings;
        Map<String, String> down = new HashMap<>(right);
        down.put("url", "jdbc:postgresql://127.0.0.1:1/acme");
        Map<String, String> wrong = new HashMap<>(right);
        wrong.put("password", "not-it");

        ground.settings = down;
        Outcome.Failed isDown = ground.failed(BEFORE);
        ground.settings = wrong;
        Outcome.Failed refuses = ground.failed(BEFORE);

        assertThat(isDown.code()).isEqualTo(Failure.DATABASE_DOWN);
        assertThat(isDown.retryable()).isTrue();
        assertThat(refuses.code()).isEqualTo(Failure.DATABASE_REFUSED);
        assertThat(refuses.retryable()).isFalse();
        assertThat(refuses.toString()).doesNotContain("not-it");
    }

    @Test
    void endsTheCaptureOnceAndFindsItEndedAgain() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        ground.done(BEFORE);
        String open = slots(ground);

        Outcome.Done first = ground.done(new EndCapture());
        Outcome.Done again = ground.done(new EndCapture());

        assertThat(open).isEqualTo("1");
        assertThat(slots(ground)).isEqualTo("0");
        assertThat(first.summary()).isNotEqualTo(again.summary());
    }

    @Test
    void saysThatItWaitedForATransactionThatNeverEndedAndLeavesNoSlot() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        try (Connection endless = ground.database().connect();
                Statement statement = endless.createStatement()) {
            endless.setAutoCommit(false);
            statement.execute("INSERT INTO note VALUES (1)");

            Outcome.Failed failed = Ground.failed(
                    ground.perform(ground.driver(), ground.request(BEFORE), ground.work(Duration.ofSeconds(10))));

            assertThat(failed.code()).isEqualTo(Failure.DEADLINE_PASSED);
            assertThat(failed.reason()).contains("running transactions");
            assertThat(slots(ground)).isEqualTo("0");
        }
        assertThat(ground.done(BEFORE).found()).containsKey(Fact.CAPTURE_SLOT);
    }

    @Test
    void seesTheVolumeOfAServerOnThisMachineByItself() throws Exception {
        Ground ground = ground();
        ground.settings = Map.of(
                "url", ground.server.database(ground.name).jdbcUrl(),
                "user", ground.server.user(),
                "password", ground.server.password());
        String directory = Ground.ask(ground.server.database("postgres"), "SHOW data_directory");

        Outcome outcome = ground.perform(ground.driver(), ground.request(new CheckCapacity(0.2)));

        // In a container the server's directory is not this machine's: then it must say so instead of guessing.
        if (Files.isReadable(Path.of(directory, "global", "pg_control"))) {
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
        } else {
            assertThat(Ground.failed(outcome).code()).isEqualTo(Failure.VOLUME_UNKNOWN);
        }
    }

    @Test
    void touchesNoSlotButTheUpgradesOwn() throws Exception {
        Ground ground = ground();
        ground.facts.put(Fact.CAPTURE_SLOT, "somebody_elses");

        assertThat(ground.failed(new EndCapture()).code()).isEqualTo(Failure.CAPTURE_LOST);
    }

    @Test
    void dumpsTheFailedStateWithoutACapture() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)", "INSERT INTO note VALUES (1)");

        Outcome.Done done = ground.done(new BackupDatabase(Moment.FAILED));

        assertThat(done.found()).containsKey(Fact.BACKUP_FAILED).doesNotContainKey(Fact.CAPTURE_SLOT);
        assertThat(slots(ground)).isEqualTo("0");
    }

    @Test
    void readsTheMigrationsThatStandInFlywaysHistory() throws Exception {
        Ground ground = ground();
        String none = ground.done(new CheckSchema(Moment.BEFORE)).found().get(Fact.MIGRATIONS_BEFORE);
        ground.sql(
                "CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version text, type text, success bool);"
                        + " INSERT INTO flyway_schema_history VALUES (1, '1', 'SQL', true), (2, '2', 'SQL', true),"
                        + " (3, '2', 'UNDO_SQL', true), (4, '3', 'SQL', false), (5, NULL, 'SQL', true), (6, '4', 'SQL', true)");

        String some = ground.done(new CheckSchema(Moment.FAILED)).found().get(Fact.MIGRATIONS_FAILED);

        assertThat(none).isEmpty();
        assertThat(some).isEqualTo("1,4");
    }

    @Test
    void tellsWhichVersionTheServerIs() throws Exception {
        Ground ground = ground();

        Outcome.Done told = ground.done(new CheckCompatibility("postgresql", List.of("15")));

        assertThat(told.found()).containsOnlyKeys(Fact.THIRD_PARTY + "postgresql");
        assertThat(told.found().get(Fact.THIRD_PARTY + "postgresql")).matches("15\\.\\d+");
    }

    @Test
    void refusesAVolumeWithTooLittleRoomAndOneItCantSee() throws Exception {
        Ground ground = ground();
        Outcome.Done enough = ground.done(new CheckCapacity(0.2));
        Path small = Files.createDirectories(Path.of("/dev/shm"));
        Map<String, String> unseen = new HashMap<>(ground.settings);
        unseen.remove("data-directory");

        Map<String, String> full = new HashMap<>(ground.settings);
        full.put("data-directory", "/proc");
        ground.settings = full;
        Outcome.Failed tooLittle = ground.failed(new CheckCapacity(0.2));
        ground.settings = unseen;
        Outcome.Failed unknown = ground.failed(new CheckCapacity(0.2));

        assertThat(small).exists();
        assertThat(enough.found()).containsKeys("capacity.free-bytes", "capacity.database-bytes");
        assertThat(tooLittle.code()).isEqualTo(Failure.NOT_ENOUGH_SPACE);
        assertThat(unknown.code()).isEqualTo(Failure.VOLUME_UNKNOWN);
        assertThat(unknown.fix()).contains("data-directory");
    }

    @Test
    void writesNoSecretAnywhere() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path spy = Files.writeString(
                bin.resolve("pg_dump"),
                "#!/bin/sh\necho \"$0 $*\" >> " + directory + "/argv\nexec /usr/bin/pg_dump \"$@\"\n");
        assertThat(spy.toFile().setExecutable(true)).isTrue();
        ground.perform(ground.driver(with(ground.places, bin)), ground.request(BEFORE));

        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> all = files.filter(Files::isRegularFile)
                    .filter(file -> !file.startsWith(bin))
                    .toList();
            assertThat(all).anySatisfy(file -> assertThat(file.getFileName()).hasToString("argv"));
            assertThat(all)
                    .allSatisfy(file -> assertThat(
                                    new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                            // A dump's table of contents is not compressed.
                            .doesNotContain("tenant-secret", "CREATE TABLE"));
        }
    }

    @Test
    void provesWithAnOldKeyWhatWasSealedBeforeTheRotationAndNamesItOnceItIsGone() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        Path old = Files.writeString(directory.resolve("old"), SealKey.fresh());
        Path next = Files.writeString(directory.resolve("next"), SealKey.fresh());
        Outcome taken = ground.perform(ground.driver(sealedBy(ground.places, old)), ground.request(BEFORE));
        ground.facts.putAll(((Outcome.Done) taken).found());

        Outcome lost = ground.perform(ground.driver(sealedBy(ground.places, next)), ground.request(new ProveBackup()));
        Outcome proven =
                ground.perform(ground.driver(sealedBy(ground.places, next, old)), ground.request(new ProveBackup()));

        assertThat(Ground.failed(lost).code()).isEqualTo(Failure.BACKUP_KEY_MISSING);
        assertThat(Ground.failed(lost).reason())
                .contains(
                        SealKey.of(Files.readString(old)).id(),
                        SealKey.of(Files.readString(next)).id());
        assertThat(proven).isInstanceOf(Outcome.Done.class);
    }

    private static Places sealedBy(Places places, Path... keys) {
        return new Places(
                places.backups(),
                places.reports(),
                places.pgBin(),
                places.searchPath(),
                places.scratch(),
                Stream.of(keys).map(key -> "file:" + key).toList());
    }

    @Test
    void killsTheDumpWhenItIsCancelled() throws Exception {
        Ground ground = ground("CREATE TABLE note (id int PRIMARY KEY)");
        Path bin = Files.createDirectories(directory.resolve("bin"));
        Path slow = Files.writeString(
                bin.resolve("pg_dump"),
                "#!/bin/sh\n[ \"$1\" = --version ] && exec /usr/bin/pg_dump --version\necho $$ > " + directory
                        + "/pid\nsleep 600\n");
        assertThat(slow.toFile().setExecutable(true)).isTrue();
        PostgresqlDriver driver = ground.driver(with(ground.places, bin));
        StepRequested request = ground.request(BEFORE);
        List<Throwable> thrown = new java.util.concurrent.CopyOnWriteArrayList<>();
        Thread attempt = Thread.ofVirtual().start(() -> {
            try {
                driver.perform(request, ground.work(Duration.ofSeconds(60)));
            } catch (InterruptedException | java.io.IOException | RuntimeException e) {
                thrown.add(e);
            }
        });
        org.awaitility.Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Files.exists(directory.resolve("pid"))
                        && !Files.readString(directory.resolve("pid")).isBlank());

        attempt.interrupt();
        attempt.join();

        long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(ground.done(BEFORE).found()).containsKey(Fact.BACKUP_BEFORE);
    }

    private static Places with(Places places, Path bin) {
        return new Places(places.backups(), places.reports(), Optional.of(bin), places.searchPath(), places.scratch());
    }

    private static String slots(Ground ground) throws Exception {
        StepRequested request = ground.request(BEFORE);
        return ground.ask("SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
                + Slot.name(request.tenant(), request.upgrade()) + "'");
    }
}
