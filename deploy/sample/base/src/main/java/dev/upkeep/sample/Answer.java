package dev.upkeep.sample;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What inkwell answers to a request: a status, and JSON unless it is empty. */
record Answer(int status, @Nullable Object json) {
    private static final Map<Integer, String> TITLES = Map.of(
            400, "Bad request",
            404, "Not found",
            405, "Method not allowed",
            409, "Conflict",
            500, "Internal error",
            503, "Not available");

    static Answer ok(Object json) {
        return new Answer(200, json);
    }

    static Answer empty() {
        return new Answer(204, null);
    }

    static Answer problem(int status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", TITLES.getOrDefault(status, "Error"));
        problem.put("status", status);
        problem.put("detail", detail);
        return new Answer(status, problem);
    }

    static Answer refused(Refusal refusal) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", TITLES.get(400));
        problem.put("status", 400);
        problem.put("detail", refusal.getMessage());
        problem.put("field", refusal.field());
        return new Answer(400, problem);
    }

    void send(HttpExchange exchange) throws IOException {
        if (json == null) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        byte[] bytes = Json.bytes(json);
        exchange.getResponseHeaders()
                .set("Content-Type", status >= 400 ? "application/problem+json" : "application/json");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }
}
