package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import dev.upkeep.embedded.Postgres;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Rehearsal;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.PostgresPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A tenant whose database is on one real server, a scratch server beside it, and the driver between them.
 *
 * <p>The role has what the how-to asks for and no more: it owns the database, may replicate and may make databases.
 */
final class Ground {
    private static @Nullable Postgres scratch;

    final PostgresPart server = Parts.postgres();
    final String name;
    final Path directory;
    final Places places;
    final MemoryBackups backups = new MemoryBackups();
    final Map<String, String> facts = new HashMap<>();
    final List<Migration> migrations = new ArrayList<>();
    final LocalPrograms programs = new LocalPrograms(List.of(Path.of("/usr/bin"), Path.of("/bin")));
    final String upgrade;
    Rehearsal rehearsal = (request, schema, copy, work) -> {
        throw new AssertionError("nobody asked for a rehearsal");
    };
    /** Whether the hop takes 1.1.0 back to 1.0.0. */
    boolean back;

    Map<String, String> settings;
    TenantId tenant = new TenantId("acme");
    private long token = 10;

    Ground(Path directory) throws SQLException {
        this.directory = directory;
        String random = Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
        this.name = "acme_" + random;
        this.upgrade = "u-acme-" + random;
        try (Connection connection = server.database("postgres").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE " + name + " LOGIN REPLICATION CREATEDB PASSWORD 'tenant-secret'");
            statement.execute("CREATE DATABASE " + name + " OWNER " + name);
            statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
        }
        this.settings = Map.of(
                "url",
                server.database(name).jdbcUrl(),
                "user",
                name,
                "password",
                "env:TENANT_PASSWORD",
                "data-directory",
                directory.toString());
        Postgres scratchServer = scratch();
        this.places = new Places(
                directory.resolve("backups"),
                directory.resolve("reports"),
                Optional.empty(),
                List.of(Path.of("/usr/bin")),
                Optional.of(new Places.Scratch(
                        scratchServer.jdbcUrl("postgres"), scratchServer.user(), "env:SCRATCH_PASSWORD")));
    }

    /** One for all tests of this JVM, with which it ends. */
    static synchronized Postgres scratch() {
        Postgres started = scratch;
        if (started == null) {
            started = Postgres.temporary().start();
            scratch = started;
        }
        return started;
    }

    PostgresqlDriver driver() {
        return driver(places);
    }

    PostgresqlDriver driver(Places where) {
        return new PostgresqlDriver(where, programs, (r, s, c, w) -> rehearsal.rehearse(r, s, c, w));
    }

    /** The tenant's own role. */
    Database database() {
        return new Database(server.host(), server.port(), name, name, "tenant-secret");
    }

    void sql(String sql) throws SQLException {
        sql(name, sql);
    }

    void sql(String database, String sql) throws SQLException {
        try (Connection connection =
                        new Database(server.host(), server.port(), database, name, "tenant-secret").connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    String ask(String query) throws SQLException {
        return ask(database(), query);
    }

    static String ask(Database database, String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    String askScratch(String query) throws SQLException {
        try (Connection connection = scratch().connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }

    TestWork work() throws IOException {
        return work(Duration.ofSeconds(60));
    }

    TestWork work(Duration limit) throws IOException {
        return new TestWork(
                Files.createTempDirectory(Files.createDirectories(directory.resolve("work")), "attempt"),
                limit,
                Map.of(
                        "TENANT_PASSWORD",
                        "tenant-secret",
                        "SCRATCH_PASSWORD",
                        scratch().password()),
                backups);
    }

    StepRequested request(Action action) {
        Target database = new Target(new ComponentName("database"), new DriverName("postgresql"), settings, Map.of());
        Target schema = new Target(new ComponentName("schema"), new DriverName("migrate"), Map.of(), Map.of());
        return new StepRequested(
                tenant,
                new UpgradeId(upgrade),
                new StepId("step:" + action.word()),
                1,
                new Token(token++),
                action,
                new ProductName("inkwell"),
                Version.of(back ? "1.1.0" : "1.0.0"),
                Version.of(back ? "1.0.0" : "1.1.0"),
                database,
                Map.of("schema", schema),
                migrations,
                facts,
                Duration.ofSeconds(60));
    }

    Outcome perform(Action action) throws IOException, InterruptedException {
        return perform(driver(), request(action));
    }

    Outcome perform(PostgresqlDriver driver, StepRequested request) throws IOException, InterruptedException {
        return perform(driver, request, work());
    }

    Outcome perform(PostgresqlDriver driver, StepRequested request, TestWork work) throws InterruptedException {
        try {
            return driver.perform(request, work);
        } catch (Refused refused) {
            return refused.failed();
        }
    }

    /** Performs what should succeed, and remembers its facts for the steps after it. */
    Outcome.Done done(Action action) throws IOException, InterruptedException {
        return switch (perform(action)) {
            case Outcome.Done done -> {
                facts.putAll(done.found());
                yield done;
            }
            case Outcome.Failed failed -> throw new AssertionError(failed.toString());
            case Outcome.Uncertain uncertain -> throw new AssertionError(uncertain.toString());
        };
    }

    Outcome.Failed failed(Action action) throws IOException, InterruptedException {
        return failed(perform(action));
    }

    static Outcome.Failed failed(Outcome outcome) {
        if (outcome instanceof Outcome.Failed failed) {
            return failed;
        }
        throw new AssertionError("was not refused: " + outcome);
    }
}
