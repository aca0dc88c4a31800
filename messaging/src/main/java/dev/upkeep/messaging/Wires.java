package dev.upkeep.messaging;

import com.fasterxml.jackson.core.JacksonException;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.DatabaseException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.hibernate.exception.JDBCConnectionException;
import org.jspecify.annotations.Nullable;

/** Tells a broken wire (nobody's fault, wait) from a record that can't be processed (isolate it). */
final class Wires {
    /**
     * SQLSTATE classes that say nothing about the statement: connection (08), rollback by contention (40), resources
     * (53: connections, disk, memory), shut down or cancelled (57), system error (58).
     */
    private static final Set<String> CLASSES = Set.of("08", "40", "53", "57", "58");

    /** Lock not available, read-only (a standby was reached). */
    private static final Set<String> STATES = Set.of("55P03", "25006");

    private Wires() {}

    static boolean broken(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
            if (t instanceof IOException && !(t instanceof JacksonException)
                    || t instanceof TimeoutException
                    || t instanceof io.smallrye.mutiny.TimeoutException
                    || t instanceof JDBCConnectionException
                    || t instanceof VertxException
                    // The client's pool and its closed connections have no class that is public.
                    || t.getClass().getName().startsWith("io.vertx.core.impl.NoStackTrace")
                    || t instanceof DatabaseException database && broken(database.getSqlState())
                    || t instanceof SQLException sql && broken(sql.getSQLState())) {
                return true;
            }
        }
        return false;
    }

    private static boolean broken(@Nullable String state) {
        return state != null
                && state.length() == 5
                && (CLASSES.contains(state.substring(0, 2)) || STATES.contains(state));
    }

    /** One line for a person: the innermost message there is. */
    static String reason(Throwable failure) {
        Throwable inner = failure;
        for (int depth = 0; inner.getCause() != null && depth < 20; depth++) {
            inner = inner.getCause();
        }
        String message = inner.getMessage();
        String text = inner.getClass().getSimpleName() + (message == null ? "" : ": " + message);
        String clean = text.replace('\0', '\uFFFD').replaceAll("\\s+", " ");
        return clean.length() <= 1000 ? clean : clean.substring(0, 1000) + "…";
    }
}
