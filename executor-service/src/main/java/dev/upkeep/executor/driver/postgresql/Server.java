package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;

/** What is to be known of the server that a database is on: its name there, its neighbours, how its tools reach it. */
final class Server {
    /** The database that every server has, where databases are made, renamed and dropped from. */
    private static final String MAINTENANCE = "postgres";

    private Server() {}

    /** The database's name on its server. */
    static String name(Database database) {
        return PGProperty.PG_DBNAME.getOrDefault(parsed(database)) instanceof String name ? name : database.user();
    }

    /** Another database of the same server, as the same role. */
    static Database neighbour(Database database, String name) {
        String url = database.url();
        int hosts = "jdbc:postgresql://".length();
        int slash = url.indexOf('/', hosts);
        int question = url.indexOf('?', hosts);
        String parameters = question < 0 ? "" : url.substring(question);
        int endOfHosts = slash >= 0 ? slash : question >= 0 ? question : url.length();
        return new Database(
                url.substring(0, endOfHosts) + "/"
                        + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20") + parameters,
                database.user(),
                database.password());
    }

    /** The maintenance database of the same server. */
    static Database maintenance(Database database) {
        return neighbour(database, MAINTENANCE);
    }

    /** The environment by which libpq's programs find the database; the password is nowhere else. */
    static Map<String, String> environment(Database database) {
        Properties parsed = parsed(database);
        Map<String, String> environment = new HashMap<>();
        put(environment, "PGHOST", PGProperty.PG_HOST.getOrDefault(parsed));
        put(environment, "PGPORT", PGProperty.PG_PORT.getOrDefault(parsed));
        put(environment, "PGSSLMODE", PGProperty.SSL_MODE.getOrDefault(parsed));
        put(environment, "PGSSLROOTCERT", PGProperty.SSL_ROOT_CERT.getOrDefault(parsed));
        environment.put("PGDATABASE", name(database));
        environment.put("PGUSER", database.user());
        environment.put("PGPASSWORD", database.password());
        environment.put("PGCONNECT_TIMEOUT", "10");
        environment.put("PGAPPNAME", "upkeep-executor");
        environment.put("PGOPTIONS", "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0");
        return environment;
    }

    /** The hosts the URL names. */
    static String host(Database database) {
        String host = PGProperty.PG_HOST.getOrDefault(parsed(database));
        return host == null ? "localhost" : host;
    }

    /** What tells this server from all others, also after it was copied under another address. */
    static String identity(Connection connection) throws SQLException {
        return text(connection, "SELECT system_identifier::text FROM pg_control_system()");
    }

    /** Such as 150018. */
    static int version(Connection connection) throws SQLException {
        return Integer.parseInt(text(connection, "SHOW server_version_num"));
    }

    /** Whether a database of this name is on the connection's server. */
    static boolean has(Connection connection, String name) throws SQLException {
        return find(connection, "SELECT 1::text FROM pg_database WHERE datname = ?", name)
                .isPresent();
    }

    /** The first column of the first row. */
    static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    /** The first column of the first row, if there is one and it is not null. */
    static Optional<String> find(Connection connection, String query, String argument) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, argument);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
            }
        }
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** An SQL identifier, always quoted. */
    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** An SQL literal. */
    static String literal(String value) {
        String quoted = "'" + value.replace("'", "''") + "'";
        return value.indexOf('\\') < 0 ? quoted : "E" + quoted.replace("\\", "\\\\");
    }

    /**
     * Makes texts that the server gives the same wherever it is asked: dates, numbers, names; and lets nothing be
     * hidden by row-level security.
     */
    static void normalise(Connection connection) throws SQLException {
        run(
                connection,
                "SET search_path = pg_catalog; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD';"
                        + " SET IntervalStyle = postgres; SET extra_float_digits = 1; SET bytea_output = hex;"
                        + " SET lc_monetary = 'C'; SET xmloption = content; SET row_security = off;"
                        + " SET standard_conforming_strings = on;"
                        + " SET statement_timeout = 0; SET lock_timeout = 0;"
                        + " SET idle_in_transaction_session_timeout = 0");
    }

    /** What an SQL error means for a step; also when it is the thread's interruption that broke the connection. */
    static Refused refused(Database database, SQLException e) throws InterruptedException {
        if (Thread.interrupted()) {
            throw (InterruptedException) new InterruptedException("cancelled while the database worked").initCause(e);
        }
        if ("42501".equals(e.getSQLState())) {
            return new Refused(
                    Outcome.Failed.forGood(
                            Failure.NO_RIGHTS,
                            "role " + database.user() + " may not: " + e.getMessage(),
                            "Grant the role what docs/how-to/prepare-a-database.md lists"),
                    e);
        }
        return database.refused(e);
    }

    private static void put(
            Map<String, String> environment, String key, @org.jspecify.annotations.Nullable String value) {
        if (value != null) {
            environment.put(key, value);
        }
    }

    private static Properties parsed(Database database) {
        Properties parsed = org.postgresql.Driver.parseURL(database.url(), new Properties());
        if (parsed == null) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.SETTING_MISSING,
                    "the database's url can't be read",
                    "Use jdbc:postgresql://host:port/name"));
        }
        return parsed;
    }
}
