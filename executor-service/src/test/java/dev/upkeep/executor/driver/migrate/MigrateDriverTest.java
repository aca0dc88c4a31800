package dev.upkeep.executor.driver.migrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@org.junit.jupiter.api.Timeout(60)
class MigrateDriverTest {
    private static final Version V = Version.of("1.1.0");

    @TempDir
    Path directory;

    private final MigrateDriver driver =
            new MigrateDriver(new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin"))));
    private final Database database = Parts.postgres().freshDatabase();
    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, String> scripts = new LinkedHashMap<>(Map.of(
            "db/migration/V1__notes.sql", "create table note (id int primary key, body text);",
            "db/migration/V2__tags.sql", "create table tag (note int); insert into tag values (1);",
            "db/migration/U2__tags.sql", "drop table tag;"));
    private int works;

    @Test
    void runsWhatHasNotRunAndSaysWhichAndHowLong() throws Exception {
        Done first = (Done) driver.perform(migrate(1), work());

        assertThat(first.found()).containsEntry("migrations.ran", "1,2").containsKey("migration.2.millis");
        assertThat(((Done) driver.perform(migrate(1), work())).found())
                .containsEntry("migrations.ran", "")
                .containsEntry("migrations.skipped", "2");
    }

    @Test
    void marksEachMigrationsOwnChangesInTheServersLog() throws Exception {
        ask("select pg_create_logical_replication_slot('mark_" + database.name() + "', 'test_decoding')");
        try {
            driver.perform(migrate(1), work());
            sql("insert into note values (1, 'by the product')");

            String changes = ask("select string_agg(data, E'\\n') from pg_logical_slot_get_changes('mark_"
                    + database.name() + "', null, null)");

            // Transaction by transaction: those of migrations carry the mark, the product's does not.
            List<String> transactions = List.of(changes.split("(?m)^COMMIT.*$"));
            assertThat(transactions.stream().filter(t -> t.contains("table public.tag: INSERT")))
                    .singleElement()
                    .asString()
                    .contains("upkeep.migration");
            assertThat(transactions.stream().filter(t -> t.contains("by the product")))
                    .singleElement()
                    .asString()
                    .doesNotContain("upkeep.migration");
        } finally {
            ask("select pg_drop_replication_slot('mark_" + database.name() + "')");
        }
    }

    @Test
    void namesTheMigrationThatFailedAndLeavesNothingOfIt() throws Exception {
        scripts.put("db/migration/V3__wrong.sql", "create table half (id int); insert into nowhere values (1);");

        Outcome.Failed failed = Ready.failure(driver, migrate(1), work());

        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.reason()).contains("migration 3 (wrong)").contains("nowhere");
        assertThat(failed.retryable()).isFalse();
        assertThat(ask("select to_regclass('half') is null")).isEqualTo("t");
    }

    @Test
    void givesUpWaitingForALockAndMayTryAgain() throws Exception {
        driver.perform(migrate(1), work());
        scripts.put("db/migration/V3__wait.sql", "alter table note add column colour text;");
        settings.put("lock-timeout", "PT0.3S");
        try (Connection reader = database.connect();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("lock table note in access share mode");

            Outcome.Failed failed = Ready.failure(driver, migrate(1), work());

            assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
            assertThat(failed.retryable()).isTrue();
        }
        assertThat(driver.perform(migrate(1), work())).isInstanceOf(Done.class);
    }

    @Test
    void revertsExactlyWhatIsAskedAndForgetsItOnce() throws Exception {
        driver.perform(migrate(1), work());
        Action revert = new Action.RevertMigrations(List.of("2"));

        Done done = (Done) driver.perform(request(2, revert), work());

        assertThat(done.found()).containsEntry("migrations.reverted", "2");
        assertThat(ask("select to_regclass('tag') is null and to_regclass('note') is not null"))
                .isEqualTo("t");
        assertThat(ask("select string_agg(version, ',') from flyway_schema_history"))
                .isEqualTo("1");
        assertThat(((Done) driver.perform(request(2, revert), work())).found())
                .containsEntry("migrations.reverted", "");
    }

    @Test
    void namesAMigrationThatHasNoWayBack() throws Exception {
        driver.perform(migrate(1), work());

        Outcome.Failed failed = Ready.failure(driver, request(2, new Action.RevertMigrations(List.of("1"))), work());

        assertThat(failed.code()).isEqualTo(Failure.NOT_REVERSIBLE);
        assertThat(ask("select to_regclass('tag') is not null")).isEqualTo("t");
    }

    @Test
    void takesARecalledReleaseBackByTheScriptsOfTheReleaseThatIsLeft() throws Exception {
        driver.perform(migrate(1), work());

        Outcome outcome = driver.perform(back(request(2, new Action.RevertMigrations(List.of("2")))), work());

        assertThat(((Done) outcome).found()).containsEntry("migrations.reverted", "2");
        assertThat(ask("select to_regclass('tag') is null and to_regclass('note') is not null"))
                .isEqualTo("t");
    }

    @Test
    void rehearsesRevertsOnACopyWhereTheHopGoesBack() throws Exception {
        Database copy = Parts.postgres().freshDatabase();
        dev.upkeep.executor.driver.Database there =
                new dev.upkeep.executor.driver.Database(copy.jdbcUrl(), copy.user(), copy.password());
        driver.rehearse(migrate(1), schema(), there, work());

        Outcome outcome = driver.rehearse(back(request(1, new Action.ProveBackup())), schema(), there, work());

        assertThat(((Done) outcome).found()).containsEntry("migrations.reverted", "2");
        try (Connection connection = there.open();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select to_regclass('tag') is null")) {
            row.next();
            assertThat(row.getBoolean(1)).isTrue();
        }
    }

    /** The same for a hop from 1.1.0 back to 1.0.0. */
    private static StepRequested back(StepRequested r) {
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                r.step(),
                r.attempt(),
                r.token(),
                r.action(),
                r.product(),
                r.to(),
                r.from(),
                r.target(),
                r.uses(),
                List.of(new Migration("2", true, true)),
                r.facts(),
                r.deadline());
    }

    @Test
    void rehearsesOnACopyWithoutTouchingTheTenant() throws Exception {
        Database copy = Parts.postgres().freshDatabase();

        Outcome outcome = driver.rehearse(
                migrate(1),
                schema(),
                new dev.upkeep.executor.driver.Database(copy.jdbcUrl(), copy.user(), copy.password()),
                work());

        assertThat(((Done) outcome).found()).containsEntry("migrations.ran", "1,2");
        assertThat(ask("select to_regclass('note') is null and to_regclass('upkeep.fence') is null"))
                .isEqualTo("t");
    }

    @Test
    void migratesByACommandThatFindsItsDatabaseInTheEnvironment() throws Exception {
        settings.put("engine", "command");
        settings.put("command", "/bin/sh -c 'echo url $UPKEEP_DATABASE_URL'");

        assertThat(((Done) driver.perform(migrate(1), work())).summary()).contains(database.jdbcUrl());

        settings.put("command", "/bin/sh -c 'echo no room >&2; exit 4'");
        Outcome.Failed failed = Ready.failure(driver, migrate(2), work());
        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.reason()).contains("exit code 4").contains("no room");
    }

    @Test
    void givesACommandAnImageByItsDigestAndFetchesNothing() throws Exception {
        settings.put("engine", "command");
        settings.put("command", "/bin/sh -c 'echo runs {artifact}'");
        Digest digest = new Digest("sha256:" + "ab".repeat(32));
        Target app = Ready.target(
                "app",
                "compose",
                Map.of(),
                Map.of("1.1.0", new Artifact("oci://registry.example:5000/team/app:1.1.0", digest)));

        Outcome outcome = driver.perform(
                Ready.request(
                        1,
                        new Action.Migrate(V),
                        Ready.target("schema", "migrate", settings, Map.of()),
                        Map.of("database", target(), "artifact", app),
                        Map.of()),
                work());

        assertThat(((Done) outcome).summary()).endsWith("runs registry.example:5000/team/app@" + digest.value());
    }

    @Test
    void saysThatTheDatabaseIsDownAndThatItMayTryAgain() throws Exception {
        Target down = Ready.target(
                "database",
                "postgresql",
                Map.of(
                        "url",
                        "jdbc:postgresql://127.0.0.1:" + Ready.freePort() + "/acme",
                        "user",
                        "a",
                        "password",
                        "b"),
                Map.of());

        Outcome.Failed failed = Ready.failure(
                driver, Ready.request(1, new Action.Migrate(V), schema(), Map.of("database", down), Map.of()), work());

        assertThat(failed.code()).isEqualTo(Failure.DATABASE_DOWN);
        assertThat(failed.retryable()).isTrue();
    }

    private StepRequested migrate(long token) throws IOException {
        return request(token, new Action.Migrate(V));
    }

    private StepRequested request(long token, Action action) throws IOException {
        return Ready.request(token, action, schema(), Map.of("database", target()), Map.of());
    }

    private Target target() {
        return Ready.target(
                "database",
                "postgresql",
                Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                Map.of());
    }

    private Target schema() throws IOException {
        Path jar = Ready.jar(directory.resolve("app-" + works + ".jar"), scripts);
        return Ready.target("schema", "migrate", settings, Map.of("1.1.0", Ready.artifact(jar)));
    }

    private Work work() {
        return new TestWork(
                directory.resolve("scratch-" + works++), Duration.ofSeconds(60), Map.of(), new MemoryBackups());
    }

    private void sql(String sql) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String ask(String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
