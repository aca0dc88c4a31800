package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The replication slot that keeps what is written after a backup's snapshot until it has been exported.
 *
 * <p>A slot belongs to the database it was made in, also when that is renamed: it is decoded there, but dropped from
 * anywhere on the server.
 */
final class Slot {
    private static final String OURS = "upkeep_";
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    private Slot() {}

    /** The name of an upgrade's slot: at most 60 of the letters that a slot's name may have. */
    static String name(TenantId tenant, UpgradeId upgrade) {
        String readable = tenant.value().replace('-', '_');
        return OURS + readable.substring(0, Math.min(readable.length(), 40)) + "_"
                + Durable.shortName(tenant + "/" + upgrade, 12);
    }

    /**
     * How a slot is.
     *
     * @param database the name its database has now
     * @param lost whether the server has thrown away writes that it should have kept
     */
    record State(String database, boolean lost, Optional<Integer> usedBy) {}

    /** The slot of this name, if there is one. */
    static Optional<State> state(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT database, coalesce(wal_status, '') = 'lost', active_pid FROM pg_replication_slots"
                        + " WHERE slot_name = ?")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                int pid = row.getInt(3);
                Optional<Integer> usedBy = row.wasNull() ? Optional.empty() : Optional.of(pid);
                return Optional.of(new State(row.getString(1), row.getBoolean(2), usedBy));
            }
        }
    }

    /** Drops the slot; says whether there was one. Whoever uses it is an attempt that was given up: it is ended. */
    static boolean drop(Connection connection, String name, Work work) throws SQLException, InterruptedException {
        if (!name.startsWith(OURS)) {
            throw new IllegalArgumentException("slot " + name + " is not Upkeep's");
        }
        boolean found = false;
        while (true) {
            Optional<State> state = state(connection, name);
            if (state.isEmpty()) {
                return found;
            }
            found = true;
            if (state.get().usedBy().isPresent()) {
                Server.run(
                        connection,
                        "SELECT pg_terminate_backend(" + state.get().usedBy().get() + ")");
            } else {
                try {
                    Server.run(connection, "SELECT pg_drop_replication_slot(" + Server.literal(name) + ")");
                    return true;
                } catch (SQLException e) {
                    // 55006: in use after all; 42704: gone meanwhile. The next look tells.
                    if (!"55006".equals(e.getSQLState()) && !"42704".equals(e.getSQLState())) {
                        throw e;
                    }
                }
            }
            if (work.left().isZero()) {
                throw inUse(name);
            }
            work.pause(BETWEEN_LOOKS);
        }
    }

    private static Refused inUse(String name) {
        return new Refused(Outcome.Failed.retryable(
                Failure.DEADLINE_PASSED,
                "slot " + name + " was still in use at the deadline",
                "End the server process that uses it"));
    }

    /** Waits until nobody uses the slot, ending whoever does: an attempt that was given up. */
    static void free(Connection connection, String name, Work work) throws SQLException, InterruptedException {
        Optional<Integer> usedBy = state(connection, name).flatMap(State::usedBy);
        while (usedBy.isPresent()) {
            Server.run(connection, "SELECT pg_terminate_backend(" + usedBy.get() + ")");
            if (work.left().isZero()) {
                throw inUse(name);
            }
            work.pause(BETWEEN_LOOKS);
            usedBy = state(connection, name).flatMap(State::usedBy);
        }
    }

    /**
     * Refuses if writes can't be captured on this server, before anything is done.
     *
     * @throws Refused {@link Failure#CAPTURE_IMPOSSIBLE}
     */
    static void check(Connection connection) throws SQLException {
        String level = Server.text(connection, "SHOW wal_level");
        if (!level.equals("logical")) {
            throw impossible("the server's wal_level is " + level);
        }
        String may = Server.text(
                connection, "SELECT (rolsuper OR rolreplication)::text FROM pg_roles WHERE rolname = current_user");
        if (!may.equals("true")) {
            throw impossible("the role may not replicate");
        }
    }

    /**
     * Makes the slot, and a snapshot that has everything committed before it and nothing after.
     *
     * <p>Making it waits for the transactions that are running.
     */
    static Capture open(Database database, String name, Work work) throws InterruptedException {
        Connection connection = database.open(Map.of(
                "replication", "database",
                "preferQueryMode", "simple",
                "assumeMinServerVersion", "10",
                // It waits for the transactions that are running, however long they take.
                "socketTimeout", Long.toString(Math.max(1, work.left().toSeconds() - 1))));
        try {
            Statement statement = connection.createStatement();
            statement.closeOnCompletion();
            try (ResultSet row = statement.executeQuery(
                    "CREATE_REPLICATION_SLOT " + Server.identifier(name) + " LOGICAL test_decoding EXPORT_SNAPSHOT")) {
                row.next();
                return new Capture(connection, row.getString("snapshot_name"), row.getString("consistent_point"));
            }
        } catch (SQLException e) {
            close(connection);
            if (e.getCause() instanceof SocketTimeoutException) {
                throw new Refused(
                        Outcome.Failed.retryable(
                                Failure.DEADLINE_PASSED,
                                "a snapshot to back up from was still waiting for running transactions at the deadline",
                                "End the longest transactions of pg_stat_activity, or raise the step's deadline"),
                        e);
            }
            throw refused(database, e);
        }
    }

    /** The snapshot lives until this is closed; the slot goes on. */
    record Capture(Connection connection, String snapshot, String from) implements AutoCloseable {
        @Override
        public void close() {
            Slot.close(connection);
        }
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException alreadyBroken) {
            // Nothing is lost with it: the snapshot has been read, or the attempt has failed anyway.
        }
    }

    private static Refused refused(Database database, SQLException e) throws InterruptedException {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        // 53400: no slot left; 58P01: no test_decoding; 42501: no right to replicate; 55000: wal_level; 28000: pg_hba
        return switch (state) {
            case "53400", "58P01", "42501", "55000", "28000" -> {
                Refused impossible = impossible(String.valueOf(e.getMessage()));
                impossible.initCause(e);
                yield impossible;
            }
            default -> Server.refused(database, e);
        };
    }

    private static Refused impossible(String why) {
        return new Refused(Outcome.Failed.forGood(
                Failure.CAPTURE_IMPOSSIBLE,
                "writes after the backup can't be captured: " + why,
                "Set wal_level = logical and enough max_replication_slots on the server (restart it), provide"
                        + " test_decoding (postgresql-contrib) and ALTER ROLE ... REPLICATION"));
    }
}
