package dev.upkeep.sample;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests to /notes.
 *
 * <p>Failure: a 2xx says that the write is committed, a 4xx or 5xx that it is not. Where the database connection broke
 * under a change, nobody knows which; then the caller's connection is cut without an answer rather than told a guess.
 */
final class Notes implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Notes.class.getName());
    private static final int DEFAULT_LIMIT = 20;
    private static final int MOST = 1_000;
    private static final int LARGEST_BODY = 1 << 20;
    private static final int EVERYONE = 1 << 20;

    private final DataSource database;
    private final Shelf shelf;
    private final Tally tally;
    /** One permit per request under way; shutting takes them all, and so waits for each. */
    private final Semaphore underWay = new Semaphore(EVERYONE);

    private volatile boolean stopping;

    Notes(DataSource database, Shelf shelf, Tally tally) {
        this.database = database;
        this.shelf = shelf;
        this.tally = tally;
    }

    /** Stops taking requests, and waits until those under way are answered. False when the time was not enough. */
    boolean shut(Duration longest) throws InterruptedException {
        stopping = true;
        return underWay.tryAcquire(EVERYONE, longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        long began = System.nanoTime();
        String method = exchange.getRequestMethod();
        Tally.Outcome outcome = Tally.Outcome.ERROR;
        if (stopping || !underWay.tryAcquire()) {
            exchange.getResponseHeaders().set("Connection", "close");
            Answer.problem(503, "inkwell is stopping; nothing was written").send(exchange);
            exchange.close();
            return;
        }
        try (exchange) {
            Optional<Answer> answer = answer(exchange, method);
            if (answer.isPresent()) {
                answer.get().send(exchange);
                outcome = Tally.Outcome.of(answer.get().status());
            }
        } finally {
            underWay.release();
            tally.add(method, outcome, System.nanoTime() - began);
        }
    }

    /** Empty when the outcome is in doubt. */
    private Optional<Answer> answer(HttpExchange exchange, String method) throws IOException {
        try {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/notes") || path.equals("/notes/")) {
                return switch (method) {
                    case "POST" -> post(draft(exchange));
                    case "GET", "HEAD" -> list(limit(exchange.getRequestURI().getRawQuery()));
                    case String other -> Optional.of(Answer.problem(405, other + " /notes; use GET or POST"));
                };
            }
            if (!path.startsWith("/notes/")) {
                return Optional.of(Answer.problem(404, path + " is not here; the notes are under /notes"));
            }
            UUID id = Refusal.uuid("id", path.substring("/notes/".length()));
            return switch (method) {
                case "PUT" -> put(id, draft(exchange));
                case "DELETE" -> delete(id);
                case "GET", "HEAD" -> get(id);
                case String other -> Optional.of(Answer.problem(405, other + " " + path + "; use GET, PUT or DELETE"));
            };
        } catch (Refusal refusal) {
            return Optional.of(Answer.refused(refusal));
        } catch (RuntimeException e) {
            // The shelf commits in its last act, so whatever it throws on its way wrote nothing.
            LOG.log(System.Logger.Level.ERROR, method + " " + exchange.getRequestURI(), e);
            return Optional.of(Answer.problem(500, "inkwell failed; nothing was written"));
        }
    }

    private static Draft draft(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(LARGEST_BODY + 1);
        if (bytes.length > LARGEST_BODY) {
            throw new Refusal("body", "of the request is too large; send at most " + LARGEST_BODY + " bytes");
        }
        return new Draft(Json.object(bytes));
    }

    private static int limit(@Nullable String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query == null ? new String[0] : query.split("&")) {
            int equals = pair.indexOf('=');
            parameters.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
        }
        String text = parameters.getOrDefault("limit", Integer.toString(DEFAULT_LIMIT));
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // The refusal below says it better.
        }
        throw new Refusal("limit", "is " + text + "; give a number from 1 to " + MOST);
    }

    private Optional<Answer> post(Draft draft) {
        UUID id = draft.id().orElseGet(UUID::randomUUID);
        // Asked before a connection is taken: a bad draft must not cost one.
        draft.writeId();
        return with(connection -> {
            shelf.insert(connection, id, draft);
            return new Answer(201, Map.of("id", id));
        });
    }

    private Optional<Answer> put(UUID id, Draft draft) {
        draft.writeId();
        return with(connection -> shelf.update(connection, id, draft) ? Answer.ok(Map.of("id", id)) : unknown(id));
    }

    private Optional<Answer> delete(UUID id) {
        return with(connection -> shelf.delete(connection, id) ? Answer.empty() : unknown(id));
    }

    private Optional<Answer> get(UUID id) {
        return with(connection -> shelf.find(connection, id).map(Answer::ok).orElseGet(() -> unknown(id)));
    }

    private Optional<Answer> list(int limit) {
        return with(connection -> {
            List<Map<String, Object>> notes = shelf.latest(connection, limit);
            return Answer.ok(Map.of("notes", notes));
        });
    }

    private static Answer unknown(UUID id) {
        return Answer.problem(404, "there is no note " + id);
    }

    @FunctionalInterface
    private interface Work {
        Answer on(Connection connection) throws SQLException;
    }

    private Optional<Answer> with(Work work) {
        Connection connection;
        try {
            connection = database.getConnection();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "no database connection: {0}", e.getMessage());
            return Optional.of(Answer.problem(503, "the database is not available; nothing was written"));
        }
        try {
            return Optional.of(work.on(connection));
        } catch (SQLException e) {
            return afterwards(e);
        } finally {
            giveBack(connection);
        }
    }

    /** Apart from the work, for a failure here must not turn a committed write into a refused one. */
    private static void giveBack(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.WARNING, "could not give a connection back: {0}", e.getMessage());
        }
    }

    private static Optional<Answer> afterwards(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        if (state.equals("23505")) {
            return Optional.of(Answer.problem(409, "there is a note with this id already"));
        }
        if (state.startsWith("22")) {
            return Optional.of(Answer.problem(400, "the database cannot keep this: " + failure.getMessage()));
        }
        // Class 08 is a broken connection, 57P a server that goes away; without a state the driver could not say.
        if (state.isEmpty() || state.startsWith("08") || state.startsWith("57P")) {
            LOG.log(System.Logger.Level.WARNING, "the outcome of a write is in doubt: {0}", failure.getMessage());
            return Optional.empty();
        }
        // Anything else is the server's own word that it took the statement back.
        LOG.log(System.Logger.Level.ERROR, "the database refused a statement", failure);
        return Optional.of(Answer.problem(500, "the database refused; nothing was written"));
    }
}
