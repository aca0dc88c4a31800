package dev.upkeep.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.upkeep.embedded.Port;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers on 127.0.0.1 as Slack's incoming webhooks do, and keeps what was posted. */
final class SlackChannel implements AutoCloseable {
    private static final int MOST_BYTES = 1 << 20;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> posts = new CopyOnWriteArrayList<>();

    private SlackChannel(HttpServer server) {
        this.server = server;
        server.createContext("/services/", this::take);
        server.setExecutor(threads);
        server.start();
    }

    static SlackChannel open() {
        try {
            return new SlackChannel(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
        } catch (IOException e) {
            throw new LocalFailure("can't listen for Slack messages: " + e.getMessage(), "free a port on 127.0.0.1", e);
        }
    }

    /** Where to post. */
    String url() {
        return "http://" + Port.HOST + ":" + server.getAddress().getPort() + "/services/demo";
    }

    /** The one-line texts of what was posted, the oldest first. */
    List<String> texts() {
        return posts.stream().map(SlackChannel::text).toList();
    }

    /** Writes what was posted, one JSON document a line. */
    void saveTo(Path file) throws IOException {
        Files.write(file, posts);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
            boolean json = body.startsWith("{");
            if (json) {
                posts.add(body.replace("\n", " "));
            }
            // Slack's own answers.
            byte[] answer = (json ? "ok" : "invalid_payload").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(json ? 200 : 400, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private static String text(String post) {
        try {
            return new ObjectMapper()
                    .readTree(post)
                    .path("text")
                    .asText()
                    .lines()
                    .findFirst()
                    .orElse("");
        } catch (JsonProcessingException e) {
            return post;
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
