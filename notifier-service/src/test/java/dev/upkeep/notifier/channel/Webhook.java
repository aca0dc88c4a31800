package dev.upkeep.notifier.channel;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A real HTTP endpoint on this machine that takes posts as Slack's incoming webhooks do. */
public final class Webhook implements AutoCloseable {
    private final HttpServer server;
    private final List<String> posts = new CopyOnWriteArrayList<>();
    private final AtomicInteger busy = new AtomicInteger();

    public Webhook() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/services/good", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean refused = busy.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
            if (refused) {
                exchange.getResponseHeaders().add("Retry-After", "1");
            } else {
                posts.add(body);
            }
            byte[] answer = (refused ? "rate_limited" : "ok").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(refused ? 429 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.createContext("/services/gone", exchange -> {
            byte[] answer = "no_service".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(404, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    public String good() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/services/good";
    }

    public String gone() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/services/gone";
    }

    public List<String> posts() {
        return List.copyOf(posts);
    }

    /** Asks the next so many posts to come back later. */
    public void busy(int times) {
        busy.set(times);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
