package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Database;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the schema that is there: its fingerprint, and the migrations that Flyway's history says have run. */
final class SchemaReading {
    static final String SETTING = "history-table";
    static final String UNLESS_TOLD = "flyway_schema_history";

    private SchemaReading() {}

    static Outcome read(StepRequested request, Moment moment, Work work) throws InterruptedException {
        Database database = Database.of(request.target(), work.secrets());
        try (Connection connection = database.open()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            SchemaFingerprint fingerprint = Database.fingerprint(connection);
            List<String> applied = applied(
                    connection, work.secrets().find(request.target(), SETTING).orElse(UNLESS_TOLD));
            connection.rollback();
            Map<String, String> found = new HashMap<>();
            String migrations = String.join(",", applied);
            switch (moment) {
                case BEFORE -> {
                    found.put(Fact.SCHEMA_BEFORE, fingerprint.value());
                    found.put(Fact.MIGRATIONS_BEFORE, migrations);
                }
                case FAILED -> {
                    found.put(Fact.SCHEMA_FAILED, fingerprint.value());
                    found.put(Fact.MIGRATIONS_FAILED, migrations);
                }
                case AFTER -> {
                    String expected = request.facts().get(Fact.SCHEMA_AFTER);
                    if (expected == null || !expected.equals(fingerprint.value())) {
                        return Outcome.Failed.forGood(
                                Failure.SCHEMA_NOT_ITS_OWN,
                                "the schema is " + fingerprint + ", the rehearsal gave "
                                        + (expected == null ? "none" : expected),
                                "Find out what else changes this database's schema");
                    }
                }
            }
            return new Outcome.Done(
                    found,
                    "The schema is " + fingerprint.value().substring(0, 12)
                            + (applied.isEmpty() ? "; no migration is recorded" : " with migrations " + migrations));
        } catch (SQLException e) {
            throw Server.refused(database, e);
        }
    }

    /** The versions that have run and were not taken back, in their order; none if there is no history. */
    static List<String> applied(Connection connection, String table) throws SQLException {
        List<String> places = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
                        + " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = ? AND c.relkind = 'r'"
                        + " AND n.nspname NOT LIKE 'pg\\_%'")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    places.add(rows.getString(1));
                }
            }
        }
        if (places.isEmpty()) {
            return List.of();
        }
        if (places.size() > 1) {
            throw new Refused(Outcome.Failed.forGood(
                    Failure.SETTING_MISSING,
                    "there are several migration histories: " + places,
                    "Set " + SETTING + " of the database component to a name that only one of them has"));
        }
        List<String> applied = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT version, type FROM " + places.getFirst()
                        + " WHERE success AND version IS NOT NULL ORDER BY installed_rank")) {
            while (rows.next()) {
                String version = rows.getString(1);
                // Flyway appends: a version that was undone, or deleted by a repair, has a second row that says so.
                applied.remove(version);
                if (!rows.getString(2).startsWith("UNDO") && !rows.getString(2).equals("DELETE")) {
                    applied.add(version);
                }
            }
        }
        return applied;
    }
}
