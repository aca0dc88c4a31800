package dev.upkeep.gate;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;

/** Sends whole answers of the gate's own. */
final class Answers {
    private Answers() {}

    static void send(HttpExchange exchange, int status, String contentType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
