package dev.upkeep.executor.driver.migrate;

import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.SqlFence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.output.MigrateOutput;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.internal.exception.FlywayMigrateException;

/** Runs and reverts migrations as Flyway understands them; its history table says which have run. */
final class FlywayEngine {
    private static final String REVERT = "U";

    Outcome migrate(Job job, Path scripts) {
        try {
            int skipped = flyway(job, scripts).info().applied().length;
            MigrateResult result = flyway(job, scripts).migrate();
            Map<String, String> found = new HashMap<>();
            List<String> ran = new ArrayList<>();
            for (MigrateOutput migration : result.migrations) {
                String id = migration.version == null ? migration.description : migration.version;
                ran.add(id);
                found.put("migration." + id + ".millis", Integer.toString(migration.executionTime));
            }
            found.put("migrations.ran", String.join(",", ran));
            found.put("migrations.skipped", Integer.toString(skipped));
            String summary = ran.isEmpty()
                    ? "nothing to migrate: all " + skipped + " had run"
                    : (ran.size() == 1 ? "migration " : "migrations ") + String.join(", ", ran) + " ran in "
                            + result.getTotalMigrationTime() + " ms; " + skipped + " had run before";
            return new Done(found, summary);
        } catch (FlywayException e) {
            return failed(job, e);
        }
    }

    Look lookMigrated(Job job, Path scripts) {
        try {
            MigrationInfo[] pending = flyway(job, scripts).info().pending();
            boolean failed = Arrays.stream(flyway(job, scripts).info().all())
                    .anyMatch(migration -> migration.getState() == MigrationState.FAILED);
            return pending.length == 0 && !failed
                    ? new Look.Done(Map.of("migrations.ran", ""), "found done: no migration is pending")
                    : new Look.NotDone();
        } catch (FlywayException e) {
            throw new Refused(failed(job, e), e);
        }
    }

    Outcome revert(Job job, List<String> migrations, Path scripts) {
        Database database = job.database();
        try (Connection connection = database.open()) {
            connection.setAutoCommit(false);
            List<String> reverted = new ArrayList<>();
            for (String id : appliedLastFirst(connection, job, migrations)) {
                Path script = script(scripts, id);
                job.work().progress("reverting " + id);
                revert(connection, job, id, script);
                reverted.add(id);
            }
            return new Done(
                    Map.of("migrations.reverted", String.join(",", reverted)),
                    reverted.isEmpty()
                            ? "nothing to revert: none of " + migrations + " is applied"
                            : "reverted " + String.join(", ", reverted));
        } catch (SQLException e) {
            throw database.refused(e);
        } catch (IOException e) {
            throw Artifacts.trouble("can't read the scripts", e);
        }
    }

    Look lookReverted(Job job, List<String> migrations) {
        try (Connection connection = job.database().open()) {
            return appliedLastFirst(connection, job, migrations).isEmpty()
                    ? new Look.Done(Map.of(), "found done: none of " + migrations + " is applied")
                    : new Look.NotDone();
        } catch (SQLException e) {
            throw job.database().refused(e);
        }
    }

    /** The script and the deletion of its history row stand or fall together. */
    private static void revert(Connection connection, Job job, String id, Path script)
            throws SQLException, IOException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL lock_timeout = " + lockTimeout(job).toMillis());
            if (job.fenced()) {
                SqlFence.hold(connection, job.request().token());
            }
            MigrationMark.emit(connection, job.request());
            statement.execute(Files.readString(script));
            try (PreparedStatement forget =
                    connection.prepareStatement("DELETE FROM " + table(job) + " WHERE version = ?")) {
                forget.setString(1, id);
                forget.executeUpdate();
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            Failed why = job.database().refused(e).failed();
            throw new Refused(
                    new Failed(
                            Failure.MIGRATION_FAILED,
                            "migration " + id + " could not be reverted: " + e.getMessage(),
                            "Correct the script " + script.getFileName() + " or take the restore route",
                            why.retryable()),
                    e);
        }
    }

    private static List<String> appliedLastFirst(Connection connection, Job job, List<String> migrations)
            throws SQLException {
        List<String> applied = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT version FROM " + table(job)
                + " WHERE version = ANY (?) AND success ORDER BY installed_rank DESC")) {
            select.setArray(1, connection.createArrayOf("text", migrations.toArray()));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    applied.add(rows.getString(1));
                }
            }
        }
        return applied;
    }

    private static Path script(Path scripts, String id) throws IOException {
        // Flyway writes 1_2 in a file's name for version 1.2.
        List<String> prefixes = List.of(REVERT + id + "__", REVERT + id.replace('.', '_') + "__");
        try (Stream<Path> all = Files.list(scripts)) {
            return all.filter(file -> prefixes.stream()
                            .anyMatch(prefix -> file.getFileName().toString().startsWith(prefix)))
                    .findFirst()
                    .orElseThrow(() -> new Refused(Failed.forGood(
                            Failure.NOT_REVERSIBLE,
                            "the release has no script " + REVERT + id + "__*.sql",
                            "Take the restore route, or declare the migration as not reversible")));
        }
    }

    private static Flyway flyway(Job job, Path scripts) {
        return Flyway.configure(FlywayEngine.class.getClassLoader())
                .dataSource(
                        job.database().url(),
                        job.database().user(),
                        job.database().password())
                .locations("filesystem:" + forwardOnly(scripts))
                .table(job.setting("table", "flyway_schema_history"))
                .failOnMissingLocations(true)
                // What ships in no release must not be wiped, guessed or run out of its order.
                .cleanDisabled(true)
                .baselineOnMigrate(false)
                .outOfOrder(false)
                .connectRetries(0)
                .initSql("SET lock_timeout = " + lockTimeout(job).toMillis())
                .callbacks(new MigrationMark(job))
                .load();
    }

    /** Without the scripts that revert, which Flyway's free edition would only warn of. */
    private static Path forwardOnly(Path scripts) {
        try (Stream<Path> all = Files.list(scripts)) {
            Path forward = Files.createDirectories(scripts.resolve("forward"));
            for (Path script : all.filter(Files::isRegularFile).collect(Collectors.toList())) {
                if (!script.getFileName().toString().startsWith(REVERT)) {
                    Path copy = forward.resolve(script.getFileName());
                    if (!Files.exists(copy)) {
                        Files.copy(script, copy);
                    }
                }
            }
            return forward;
        } catch (IOException e) {
            throw Artifacts.trouble("can't lay out the migrations", e);
        }
    }

    private static Duration lockTimeout(Job job) {
        String text = job.setting("lock-timeout", "PT10S");
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting lock-timeout '" + text + "' of " + job.component().component() + " is no duration",
                    "Use an ISO 8601 duration, such as PT10S"));
        }
    }

    private static String table(Job job) {
        return "\"" + job.setting("table", "flyway_schema_history").replace("\"", "\"\"") + "\"";
    }

    private static Failed failed(Job job, FlywayException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refused refused) {
                return refused.failed();
            }
        }
        SQLException sql = sqlCause(e);
        Failed connection = sql == null ? null : job.database().refused(sql).failed();
        if (!(e instanceof FlywayMigrateException migrate)) {
            // Before any migration ran: the database is away, or the history does not fit the release.
            if (connection != null) {
                return connection;
            }
            return Failed.forGood(
                    Failure.MIGRATION_FAILED,
                    "the migrations can't be run: " + e.getMessage(),
                    "Compare the database's history table with the release's migrations");
        }
        // Only what was rolled back whole may be tried again by itself.
        boolean passing = migrate.isExecutableInTransaction() && connection != null && connection.retryable();
        return new Failed(
                Failure.MIGRATION_FAILED,
                "migration " + migrate.getMigration().getVersion() + " ("
                        + migrate.getMigration().getDescription() + ") failed: "
                        + (sql == null ? e.getMessage() : sql.getMessage()),
                "Correct the migration in a new release; what ran of it "
                        + (migrate.isExecutableInTransaction() ? "was rolled back" : "is still there"),
                passing);
    }

    private static @org.jspecify.annotations.Nullable SQLException sqlCause(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return sql;
            }
        }
        return null;
    }
}
