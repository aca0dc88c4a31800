package dev.upkeep.access.intake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An OpenID provider as far as a service sees it: its JWKS on the loopback interface. A test PUTs what is to be there,
 * for test and provider live in different class loaders; without anything put it is away. {@code /asked} counts.
 */
public final class Provider implements QuarkusTestResourceLifecycleManager {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile String keys = "";
    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/keys", this::keys);
        server.createContext("/asked", exchange -> answer(exchange, 200, Integer.toString(asked.get())));
        server.start();
        return Map.of(
                "mp.jwt.verify.publickey.location",
                        "http://127.0.0.1:" + server.getAddress().getPort() + "/keys",
                "mp.jwt.verify.issuer", "https://id.example.com/realms/ops",
                "mp.jwt.verify.audiences", "upkeep-production",
                "smallrye.jwt.path.groups", "realm_access/roles");
    }

    private void keys(HttpExchange exchange) throws IOException {
        if (exchange.getRequestMethod().equals("PUT")) {
            keys = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            answer(exchange, 204, "");
        } else {
            asked.incrementAndGet();
            answer(exchange, keys.isEmpty() ? 503 : 200, keys);
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void stop() {
        server.stop(0);
    }
}
