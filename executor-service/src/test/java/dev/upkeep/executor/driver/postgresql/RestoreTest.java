package dev.upkeep.executor.driver.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.CheckSchema;
import dev.upkeep.contract.step.Action.EndCapture;
import dev.upkeep.contract.step.Action.ExportWrites;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Action.ProveBackup;
import dev.upkeep.contract.step.Action.RestoreDatabase;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.testing.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
    private static final BackupDatabase BEFORE = new BackupDatabase(Moment.BEFORE);

    @TempDir
    private Path directory;

    /** A tenant whose upgrade has failed: backed up, proven, migrated without a way back, written to, stopped. */
    private Ground failedUpgrade() throws Exception {
        Ground ground = new Ground(directory);
        ground.sql("CREATE TABLE note (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text, colour text,"
                + " twice text GENERATED ALWAYS AS (body || body) STORED);"
                + " INSERT INTO note (body, colour) VALUES ('one', 'red'), ('two', 'blue'), ('three', NULL)");
        ground.done(new CheckSchema(Moment.BEFORE));
        ground.done(BEFORE);
        ground.done(new ProveBackup());
        ground.sql("INSERT INTO note (body, colour) VALUES (E'fo''ur\\n', 'green')");
        ground.sql("BEGIN; SELECT pg_logical_emit_message(true, 'upkeep.migration', 's');"
                + " UPDATE note SET body = body || colour WHERE colour IS NOT NULL; ALTER TABLE note DROP COLUMN colour;"
                + " ALTER TABLE note ADD COLUMN lane text; COMMIT");
        ground.sql("INSERT INTO note (body, lane) VALUES ('five', 'left')");
        ground.sql("UPDATE note SET body = 'new two' WHERE id = 2; DELETE FROM note WHERE id = 3");
        ground.done(new CheckSchema(Moment.FAILED));
        return ground;
    }

    private static Database failed(Ground ground) {
        return new Database(
                ground.server.host(),
                ground.server.port(),
                ground.facts.get("restore.failed-database"),
                ground.name,
                "tenant-secret");
    }

    @Test
    void putsTheBackupInTheFailedDatabasesPlaceAndKeepsThat() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new BackupDatabase(Moment.FAILED));
        ground.done(new ExportWrites());

        ground.done(new RestoreDatabase());

        assertThat(ground.ask("SELECT string_agg(body || coalesce(colour, '-'), ',' ORDER BY id) FROM note"))
                .isEqualTo("onered,twoblue,three-");
        assertThat(Ground.ask(failed(ground), "SELECT string_agg(body, ',' ORDER BY id) FROM note"))
                .isEqualTo("onered,new two,fo'ur\ngreen,five");
        String before = ground.facts.get(Fact.SCHEMA_BEFORE);
        ground.done(new CheckSchema(Moment.FAILED));
        assertThat(ground.facts).containsEntry(Fact.SCHEMA_FAILED, before).containsEntry(Fact.GAP_WRITES, "4");
    }

    @Test
    void givesNoNumberASecondTimeAndLetsTheGapBeReApplied() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.done(new RestoreDatabase());

        ground.sql("INSERT INTO note (body) VALUES ('after the restore')");
        String sql = Files.readString(Path.of(ground.facts.get(Fact.GAP_REPORT).replace(".jsonl", ".sql")));
        ground.sql(sql);
        ground.sql(sql);

        assertThat(
                        ground.ask(
                                "SELECT string_agg(id || ' ' || body || ' ' || coalesce(colour, '-'), ',' ORDER BY id) FROM note"))
                .isEqualTo("1 one red,2 new two blue,4 fo'ur\n green,5 five -,6 after the restore -");
    }

    @Test
    void itemisesWhatWasWrittenBetweenTheExportAndTheSwap() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        String exported = ground.facts.get(Fact.GAP_WRITES);
        ground.sql("INSERT INTO note (body) VALUES ('late')");

        ground.done(new RestoreDatabase());

        assertThat(exported).isEqualTo("4");
        assertThat(ground.facts).containsEntry(Fact.GAP_WRITES, "5");
        assertThat(Files.readString(Path.of(ground.facts.get(Fact.GAP_REPORT)))).contains("\"late\"");
    }

    @Test
    void endsConnectionsThatAreStillOpen() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        try (Connection idle = ground.database().connect();
                Statement statement = idle.createStatement()) {
            statement.execute("SELECT 1");

            ground.done(new RestoreDatabase());

            assertThatThrownBy(() -> statement.execute("INSERT INTO note (body) VALUES ('too late')"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void keepsTheDatabasesGrantsParametersAndOwner() throws Exception {
        Ground ground = failedUpgrade();
        try (Connection connection = ground.server.database("postgres").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE app_" + ground.name + " LOGIN; GRANT CONNECT ON DATABASE " + ground.name
                    + " TO app_"
                    + ground.name + "; ALTER DATABASE " + ground.name + " SET search_path = \"$user\", public, pg_temp;"
                    + " ALTER DATABASE " + ground.name + " SET statement_timeout = '7s'; COMMENT ON DATABASE "
                    + ground.name
                    + " IS 'it''s theirs'; ALTER DATABASE " + ground.name + " CONNECTION LIMIT 42");
        }
        String query = "SELECT pg_get_userbyid(datdba) || ' ' || datacl::text || ' ' || datconnlimit || ' '"
                + " || (SELECT setconfig::text FROM pg_db_role_setting WHERE setdatabase = d.oid) || ' '"
                + " || shobj_description(oid, 'pg_database') || datallowconn FROM pg_database d WHERE datname = '"
                + ground.name + "'";
        String before = ground.ask(query);
        ground.done(new ExportWrites());

        ground.done(new RestoreDatabase());

        assertThat(ground.ask(query)).isEqualTo(before).contains("search_path", "7s", "it's theirs", "app_");
    }

    @Test
    void leavesToTheApplicationsRoleWhatWasItsOwnWhenAnotherRoleRestores() throws Exception {
        Ground ground = new Ground(directory);
        ground.sql("CREATE TABLE note (id serial PRIMARY KEY, body text); INSERT INTO note (body) VALUES ('one')");
        ground.settings = Map.of(
                "url", ground.server.database(ground.name).jdbcUrl(),
                "user", ground.server.user(),
                "password", ground.server.password());
        ground.done(BEFORE);
        ground.done(new ProveBackup());
        ground.sql("INSERT INTO note (body) VALUES ('two'); ALTER TABLE note ADD COLUMN lane text");
        ground.done(new ExportWrites());

        ground.done(new RestoreDatabase());

        ground.sql(
                "INSERT INTO note (body) VALUES ('three'); ALTER TABLE note ADD COLUMN mine text; CREATE TABLE also (id int)");
        assertThat(ground.ask("SELECT string_agg(id || body, ',' ORDER BY id) FROM note"))
                .isEqualTo("1one,3three");
    }

    @Test
    void findsItDoneAndDoesNothingTwice() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.done(new RestoreDatabase());
        ground.sql("INSERT INTO note (body) VALUES ('after')");

        Look look = ground.driver().look(ground.request(new RestoreDatabase()), ground.work());
        ground.done(new RestoreDatabase());

        assertThat(look).isInstanceOf(Look.Done.class);
        assertThat(ground.ask("SELECT count(*) FROM note WHERE body = 'after'")).isEqualTo("1");
        assertThat(databases(ground)).isEqualTo("2");
    }

    @Test
    void takesUpAfterAnAttemptThatDiedWithTheCopyHalfRestored() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.sql("postgres", "CREATE DATABASE " + ground.name + "_restore_3");
        ground.sql(ground.name + "_restore_3", "CREATE TABLE half (id int)");

        Look look = ground.driver().look(ground.request(new RestoreDatabase()), ground.work());
        ground.done(new RestoreDatabase());

        assertThat(look).isInstanceOf(Look.NotDone.class);
        assertThat(databases(ground)).isEqualTo("2");
    }

    @Test
    void takesUpAfterAnAttemptThatDiedWithTheDatabaseShut() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.sql("postgres", "ALTER DATABASE " + ground.name + " ALLOW_CONNECTIONS false");

        ground.done(new RestoreDatabase());

        assertThat(ground.ask("SELECT count(*) FROM note")).isEqualTo("3");
        assertThat(Ground.ask(failed(ground), "SELECT count(*) FROM note")).isEqualTo("4");
    }

    @Test
    void leavesTheDatabaseOpenAndInPlaceWhenTheRestoreFails() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        Path file = ground.backups
                .find(ground.facts.get(Fact.BACKUP_BEFORE))
                .orElseThrow()
                .file();
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);

        Outcome.Failed damaged = ground.failed(new RestoreDatabase());

        assertThat(damaged.code()).isEqualTo(Failure.BACKUP_DAMAGED);
        assertThat(ground.ask("SELECT count(*) FROM note")).isEqualTo("4");
        assertThat(databases(ground)).isEqualTo("1");
    }

    @Test
    void restoresNothingWhileTheWritesAreNotItemised() throws Exception {
        Ground ground = failedUpgrade();

        Outcome.Failed notExported = ground.failed(new RestoreDatabase());
        ground.done(new ExportWrites());
        ground.done(new EndCapture());
        Outcome.Failed slotGone = ground.failed(new RestoreDatabase());

        assertThat(notExported.code()).isEqualTo(Failure.FACT_MISSING);
        assertThat(slotGone.code()).isEqualTo(Failure.CAPTURE_LOST);
        assertThat(ground.ask("SELECT count(*) FROM note")).isEqualTo("4");
    }

    @Test
    void restoresNoBackupThatWasNeverProven() throws Exception {
        Ground ground = new Ground(directory);
        ground.done(BEFORE);
        ground.done(new ExportWrites());

        assertThat(ground.failed(new RestoreDatabase()).reason()).contains("never proven");
    }

    @Test
    void endsTheCaptureOfTheRenamedDatabase() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.done(new RestoreDatabase());

        ground.done(new EndCapture());

        StepRequested request = ground.request(new EndCapture());
        assertThat(ground.ask("SELECT count(*) FROM pg_replication_slots WHERE slot_name = '"
                        + Slot.name(request.tenant(), request.upgrade()) + "'"))
                .isEqualTo("0");
    }

    @Test
    void readsTheGapAgainFromTheRenamedDatabase() throws Exception {
        Ground ground = failedUpgrade();
        ground.done(new ExportWrites());
        ground.done(new RestoreDatabase());

        assertThat(ground.done(new ExportWrites()).found()).containsEntry(Fact.GAP_WRITES, "4");
    }

    @Test
    void keepsAnOvertakenAttemptOutOfTheRestoredDatabaseToo() throws Exception {
        Ground ground = failedUpgrade();
        StepRequested earlier = ground.request(new EndCapture());
        ground.done(new ExportWrites());
        ground.done(new RestoreDatabase());

        Outcome.Failed failed = Ground.failed(ground.perform(ground.driver(), earlier));

        assertThat(failed.code()).isEqualTo(Failure.STALE_TOKEN);
    }

    private static String databases(Ground ground) throws SQLException {
        return ground.ask("SELECT count(*) FROM pg_database WHERE datname LIKE '" + ground.name + "%'");
    }
}
