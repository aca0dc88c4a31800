package dev.upkeep.gate;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Answers the loopback port on which the gate is asked, parked and opened. */
final class Admin implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Admin.class.getName());
    private static final Set<String> FIELDS = Set.of("state", "token", "retryAfter");
    private static final int LARGEST_ORDER = 4_096;

    private final Gate gate;
    private final Tally tally;

    Admin(Gate gate, Tally tally) {
        this.gate = gate;
        this.tally = tally;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            switch (request) {
                case "GET /gate" -> json(exchange, standing());
                case "PUT /gate" -> put(exchange);
                case "GET /healthz" -> json(exchange, Map.of("status", "up"));
                case "GET /metrics" ->
                    Answers.send(
                            exchange,
                            200,
                            "text/plain; version=0.0.4; charset=utf-8",
                            tally.prometheus(gate.standing()).getBytes(StandardCharsets.UTF_8));
                case String other ->
                    Problem.of(
                                    404,
                                    "not-found",
                                    "Not found",
                                    other + "; there are GET and PUT /gate, GET /healthz, GET /metrics")
                            .send(exchange);
            }
        }
    }

    private Map<String, Object> standing() {
        Gate.Standing standing = gate.standing();
        Map<String, Object> fields = Json.position(standing.position());
        fields.put("inFlight", standing.inFlight());
        return fields;
    }

    private static void json(HttpExchange exchange, Map<String, Object> fields) throws IOException {
        Answers.send(exchange, 200, "application/json", Json.bytes(fields));
    }

    private void put(HttpExchange exchange) throws IOException {
        Map<String, Object> fields;
        try {
            fields = Json.object(exchange.getRequestBody().readNBytes(LARGEST_ORDER));
        } catch (IllegalArgumentException e) {
            bad("body", e.getMessage() + "; send {\"state\":\"parked\",\"token\":8,\"retryAfter\":5}")
                    .send(exchange);
            return;
        }
        Optional<Problem> wrong = wrong(fields);
        if (wrong.isPresent()) {
            wrong.get().send(exchange);
            return;
        }
        carryOut(exchange, order(fields));
    }

    private void carryOut(HttpExchange exchange, Order order) throws IOException {
        Outcome outcome;
        try {
            outcome = gate.obey(order);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "the position could not be kept", e);
            Problem.of(500, "not-kept", "Position not kept", "the gate stands as it stood: " + e.getMessage())
                    .send(exchange);
            return;
        }
        switch (outcome) {
            case Outcome.Obeyed(var position) -> {
                LOG.log(
                        System.Logger.Level.INFO,
                        "{0} under token {1,number,#}",
                        position.state().word(),
                        position.token());
                json(exchange, standing());
            }
            case Outcome.Overtaken(var current) ->
                Problem.of(
                                409,
                                "overtaken",
                                "Token overtaken",
                                "token " + order.token() + " is lower than " + current + ", which was here before")
                        .with("field", "token")
                        .with("currentToken", current)
                        .send(exchange);
        }
    }

    private static Optional<Problem> wrong(Map<String, Object> fields) {
        for (String name : fields.keySet()) {
            if (!FIELDS.contains(name)) {
                return Optional.of(bad(name, name + " is not known; there are state, token and retryAfter"));
            }
        }
        if (!(fields.get("state") instanceof String word) || State.of(word).isEmpty()) {
            return Optional.of(bad("state", "state is " + fields.get("state") + "; give open or parked"));
        }
        if (!(fields.get("token") instanceof Long token) || token < 0) {
            return Optional.of(
                    bad("token", "token is " + fields.get("token") + "; give the attempt's number, 0 or more"));
        }
        Object retryAfter = fields.getOrDefault("retryAfter", (long) Position.DEFAULT_RETRY_AFTER);
        if (!(retryAfter instanceof Long seconds) || seconds < 1 || seconds > Position.LONGEST_RETRY_AFTER) {
            return Optional.of(bad(
                    "retryAfter",
                    "retryAfter is " + retryAfter + "; give seconds from 1 to " + Position.LONGEST_RETRY_AFTER));
        }
        return Optional.empty();
    }

    private static Order order(Map<String, Object> fields) {
        return new Order(
                State.of((String) requireNonNull(fields.get("state"))).orElseThrow(),
                (Long) requireNonNull(fields.get("token")),
                Math.toIntExact((Long) fields.getOrDefault("retryAfter", (long) Position.DEFAULT_RETRY_AFTER)));
    }

    private static Problem bad(String field, String detail) {
        return Problem.of(400, "bad-order", "Order not understood", detail).with("field", field);
    }
}
