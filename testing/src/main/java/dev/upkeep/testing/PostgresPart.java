package dev.upkeep.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;

/** The PostgreSQL server that all tests of this JVM share; its {@code wal_level} is logical. */
public record PostgresPart(String host, int port, String user, String password) {
    public PostgresPart {
        if (host.isBlank() || user.isBlank()) {
            throw new IllegalArgumentException("a PostgreSQL server has a host and a user");
        }
    }

    /** A database of this name, which must be there, as the superuser sees it. */
    public Database database(String name) {
        return new Database(host, port, name, user, password);
    }

    /** Makes a database that nobody has used before. */
    public Database freshDatabase() {
        String name =
                "test_" + Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
        try (Connection connection = database("postgres").connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create database " + name);
            return database(name);
        } catch (SQLException e) {
            throw new IllegalStateException("no fresh database could be made at " + host + ":" + port, e);
        }
    }

    @Override
    public String toString() {
        return "PostgreSQL at " + host + ":" + port;
    }
}
