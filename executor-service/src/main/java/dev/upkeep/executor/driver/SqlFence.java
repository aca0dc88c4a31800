package dev.upkeep.executor.driver;

import dev.upkeep.contract.Token;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The highest token that a database has seen, in its own schema {@code upkeep}, which is no part of the product's.
 *
 * <p>Ordering: {@link #raise} waits for every transaction that {@link #hold}s the fence, so that no earlier attempt is
 * still writing once it returns.
 */
public final class SqlFence {
    private static final long CREATION_LOCK = 0x75706b656570L; // "upkeep"

    private SqlFence() {}

    /**
     * Lets later attempts pass and earlier ones no more; commits if the connection is in auto-commit mode.
     *
     * @throws Refused {@link Failure#STALE_TOKEN} if a higher token has been here
     */
    public static void raise(Connection connection, Token token) throws SQLException {
        create(connection);
        try (PreparedStatement raise = connection.prepareStatement(
                "INSERT INTO upkeep.fence (single, token) VALUES (true, ?) ON CONFLICT (single)"
                        + " DO UPDATE SET token = excluded.token WHERE fence.token <= excluded.token")) {
            raise.setLong(1, token.value());
            if (raise.executeUpdate() == 0) {
                throw stale(token);
            }
        }
    }

    /**
     * Keeps later attempts waiting until the connection's transaction ends.
     *
     * @throws Refused {@link Failure#STALE_TOKEN} if a higher token has been here
     */
    public static void hold(Connection connection, Token token) throws SQLException {
        try (PreparedStatement hold =
                connection.prepareStatement("SELECT token FROM upkeep.fence WHERE token <= ? FOR SHARE")) {
            hold.setLong(1, token.value());
            try (ResultSet row = hold.executeQuery()) {
                if (!row.next()) {
                    throw stale(token);
                }
            }
        }
    }

    private static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet there = statement.executeQuery("SELECT to_regclass('upkeep.fence') IS NOT NULL")) {
                there.next();
                if (there.getBoolean(1)) {
                    return;
                }
            }
            // IF NOT EXISTS alone is not safe against two that create at once.
            statement.execute("DO $$ BEGIN PERFORM pg_advisory_xact_lock(" + CREATION_LOCK + ");"
                    + " CREATE SCHEMA IF NOT EXISTS upkeep;"
                    + " CREATE TABLE IF NOT EXISTS upkeep.fence (single boolean PRIMARY KEY CHECK (single),"
                    + " token bigint NOT NULL); END $$");
        }
    }

    private static Refused stale(Token token) {
        return new Refused(Outcome.Failed.forGood(
                Failure.STALE_TOKEN,
                "token " + token + " is lower than the highest that the database has seen",
                "Nothing to do: a later attempt has taken over"));
    }
}
