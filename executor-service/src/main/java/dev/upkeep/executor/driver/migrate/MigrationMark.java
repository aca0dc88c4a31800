package dev.upkeep.executor.driver.migrate;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.SqlFence;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Marks each migration's transaction in the server's log, so that whoever decodes the log can tell the migration's own
 * changes from the product's, and holds the fence in it, so that a later attempt waits for it.
 */
final class MigrationMark implements Callback {
    /** The prefix of the logical message; its content is the step's id. */
    static final String PREFIX = "upkeep.migration";

    private final Job job;

    MigrationMark(Job job) {
        this.job = job;
    }

    static void emit(Connection connection, StepRequested request) throws SQLException {
        try (PreparedStatement emit = connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            emit.setString(1, PREFIX);
            emit.setString(2, request.step().value());
            emit.execute();
        }
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try {
            if (job.fenced()) {
                SqlFence.hold(context.getConnection(), job.request().token());
            }
            emit(context.getConnection(), job.request());
            job.work().progress("migrating " + context.getMigrationInfo().getScript());
        } catch (SQLException e) {
            throw new FlywayException("can't mark the migration: " + e.getMessage(), e);
        }
    }

    @Override
    public String getCallbackName() {
        return "upkeep-mark";
    }
}
