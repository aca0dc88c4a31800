package dev.upkeep.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A planner on the loopback interface that says what a test tells it to, and keeps what it was sent. */
final class Planner implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, Deque<Answer>> answers = Collections.synchronizedMap(new LinkedHashMap<>());
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    private record Answer(int status, String contentType, String body) {}

    /** What the command line sent. */
    record Request(String line, String contentType, String idempotencyKey, String authorization, String body) {}

    Planner() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Answers a request; told several times, each answer is given once and the last one for ever. */
    Planner on(String line, int status, String body) {
        return on(line, status, status < 400 ? "application/json" : "application/problem+json", body);
    }

    Planner on(String line, int status, String contentType, String body) {
        answers.computeIfAbsent(line, l -> new ArrayDeque<>()).add(new Answer(status, contentType, body));
        return this;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        requests.add(new Request(
                line,
                String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key")),
                String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
        Deque<Answer> known = answers.getOrDefault(line, new ArrayDeque<>());
        Answer answer = known.size() > 1 ? known.remove() : known.peek();
        if (answer == null) {
            answer = new Answer(404, "application/problem+json", """
                    {"type": "urn:upkeep:problem:not-found", "title": "not found", "status": 404, "detail": "nothing is here",
                     "errors": [{"pointer": "", "detail": "nothing is here", "fix": "look elsewhere"}]}""");
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.contentType());
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
