package dev.upkeep.sample.writer;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;

/** A real PostgreSQL for the tests, whose data outlive its stop. */
final class Postgres implements AutoCloseable {
    private final Path data;
    private final int port;
    private EmbeddedPostgres server;

    Postgres(Path data) throws IOException {
        this.data = data;
        this.port = InkwellProcess.freePort();
        this.server = run();
    }

    private EmbeddedPostgres run() throws IOException {
        return EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    void stop() throws IOException {
        server.close();
    }

    void start() throws IOException {
        server = run();
    }

    String create(String database) throws SQLException {
        execute(url("postgres"), "CREATE DATABASE " + database);
        return url(database);
    }

    String copy(String from, String to) throws SQLException {
        execute(url("postgres"), "CREATE DATABASE " + to + " TEMPLATE " + from);
        return url(to);
    }

    void replace(String database, String by) throws SQLException {
        execute(url("postgres"), "DROP DATABASE " + database + " WITH (FORCE)");
        execute(url("postgres"), "ALTER DATABASE " + by + " RENAME TO " + database);
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    static void execute(String url, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Brings a database to the schema of a release, with Flyway and the scripts of that very release. */
    static void migrate(String url, String version) {
        Flyway.configure()
                .dataSource(url, "postgres", "")
                .locations("filesystem:../v" + version + "/target/classes/db/migration")
                .load()
                .migrate();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
