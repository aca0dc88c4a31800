package dev.upkeep.gate;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** An error as RFC 9457 has it. */
record Problem(int status, Map<String, Object> fields) {

    static Problem of(int status, String type, String title, String detail) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("type", "urn:upkeep:gate:" + type);
        fields.put("title", title);
        fields.put("status", status);
        fields.put("detail", detail);
        return new Problem(status, fields);
    }

    Problem with(String name, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(fields);
        more.put(name, value);
        return new Problem(status, more);
    }

    void send(HttpExchange exchange) throws IOException {
        Answers.send(exchange, status, "application/problem+json", Json.bytes(fields));
    }
}
