package dev.upkeep.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/** One database of the shared PostgreSQL, and who may do anything in it. */
public record Database(String host, int port, String name, String user, String password) {
    public Database {
        if (host.isBlank() || name.isBlank() || user.isBlank()) {
            throw new IllegalArgumentException("a database has a host, a name and a user");
        }
    }

    /** The JDBC address, without user and password. */
    public String jdbcUrl() {
        return "jdbc:" + reactiveUrl();
    }

    /** The address as Quarkus' reactive client takes it, without user and password. */
    public String reactiveUrl() {
        return "postgresql://" + host + ":" + port + "/" + name;
    }

    /** Opens a connection; the caller closes it. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        // Not through DriverManager, which finds no driver when another class loader loaded it first, as under Quarkus.
        Connection connection = new Driver().connect(jdbcUrl(), properties);
        if (connection == null) {
            throw new SQLException("no PostgreSQL driver takes " + jdbcUrl());
        }
        return connection;
    }

    @Override
    public String toString() {
        return jdbcUrl();
    }
}
