package dev.upkeep.executor.driver;

import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Target;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/**
 * A PostgreSQL database as a component's settings name it, with its secret resolved.
 *
 * @param url {@code jdbc:postgresql://host:port/name}
 */
public record Database(String url, String user, String password) {
    private static final String UNAVAILABLE = "Check that the database server runs and accepts connections";

    public Database {
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        if (!url.startsWith("jdbc:postgresql://")) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.SETTING_MISSING,
                    "database url '" + url + "' is not of PostgreSQL",
                    "Use jdbc:postgresql://host:port/name"));
        }
    }

    /** The database that a component's {@code url}, {@code user} and {@code password} name. */
    public static Database of(Target component, Secrets secrets) {
        return new Database(
                secrets.need(component, "url"), secrets.need(component, "user"), secrets.need(component, "password"));
    }

    /** A connection in auto-commit mode. */
    public Connection open() {
        return open(Map.of());
    }

    /**
     * A connection in auto-commit mode.
     *
     * @param properties further ones of pgjdbc, such as {@code replication}
     * @throws Refused {@link Failure#DATABASE_DOWN} or {@link Failure#DATABASE_REFUSED}
     */
    public Connection open(Map<String, String> properties) {
        Properties all = new Properties();
        all.setProperty("user", user);
        all.setProperty("password", password);
        all.setProperty("connectTimeout", "5");
        all.setProperty("loginTimeout", "10");
        all.setProperty("tcpKeepAlive", "true");
        all.setProperty("ApplicationName", "upkeep-executor");
        properties.forEach(all::setProperty);
        try {
            // Not through DriverManager, which knows no driver that another class loader has loaded.
            Connection connection = new org.postgresql.Driver().connect(url, all);
            if (connection == null) {
                throw new SQLException("PostgreSQL's driver does not take the url", "08001");
            }
            return connection;
        } catch (SQLException e) {
            throw refused(e);
        }
    }

    /**
     * What an SQL error means for a step: the server is away, busy or out of space (retryable), or refuses for good.
     */
    public Refused refused(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String reason =
                "database " + url + ": " + e.getMessage() + (state.isEmpty() ? "" : " (SQLSTATE " + state + ")");
        if (state.equals("53100")) {
            return new Refused(
                    Outcome.Failed.retryable(Failure.DISK_FULL, reason, "Make room on the database server's volume"),
                    e);
        }
        // 08: connection, 53: resources, 57P: shut down or starting, 40: deadlock or serialisation, 55P03: lock timeout
        boolean passing = state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57P")
                || state.startsWith("40")
                || state.equals("55P03")
                || state.isEmpty();
        return new Refused(
                passing
                        ? Outcome.Failed.retryable(Failure.DATABASE_DOWN, reason, UNAVAILABLE)
                        : Outcome.Failed.forGood(
                                Failure.DATABASE_REFUSED,
                                reason,
                                "Check the component's url, user, password and rights"),
                e);
    }

    /** The identity of the schema that the connection's transaction sees. */
    public static SchemaFingerprint fingerprint(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SchemaFingerprint.CATALOGUE_QUERY)) {
            List<String> catalogue = new ArrayList<>();
            while (rows.next()) {
                catalogue.add(rows.getString(1));
            }
            return SchemaFingerprint.of(catalogue);
        }
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "Database[" + url + ", " + user + "]";
    }
}
