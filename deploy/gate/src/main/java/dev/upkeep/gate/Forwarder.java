package dev.upkeep.gate;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;

/**
 * Passes requests on to the tenant, or turns them away while the gate is parked.
 *
 * <p>Ordering: a request is received whole, then asks the gate, then counts as in flight until its answer has been
 * sent.
 *
 * <p>Failure: 502 and 504 say that the tenant did not answer; where the request had certainly not reached it, the
 * header {@code Upkeep-Forwarded: no} says so. An answer that breaks off half-way is cut here too, never rounded off.
 */
final class Forwarder implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(Forwarder.class.getName());
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final int CUT = 0;

    /** What speaks of one connection only (RFC 9110, 7.6.1), and what the client on this side writes itself. */
    private static final Set<String> NOT_PASSED_ON = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "expect",
            "host",
            "content-length");

    private final Gate gate;
    private final Tally tally;
    private final URI upstream;
    private final Duration timeout;
    private final Path spool;
    private final HttpClient client;

    Forwarder(Gate gate, Tally tally, Settings settings) {
        this.gate = gate;
        this.tally = tally;
        this.upstream = settings.upstream();
        this.timeout = settings.timeout();
        this.spool = settings.state();
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        int status = CUT;
        Deadline deadline = new Deadline(timeout.multipliedBy(2));
        try {
            status = answer(exchange);
            exchange.close();
        } finally {
            deadline.close();
            // An exception on its way out makes the server close the connection, as it should.
            tally.add(status);
        }
    }

    private int answer(HttpExchange exchange) throws IOException {
        // Asked before the body is read as well, so that nobody sends a large one for nothing.
        if (gate.position().state() == State.PARKED) {
            return turnAway(exchange);
        }
        try (Upload upload = Upload.receive(exchange, spool)) {
            HttpRequest request;
            try {
                request = request(exchange, upload);
            } catch (IllegalArgumentException e) {
                return refuse(exchange, 400, "bad-request", "Bad request", "cannot be passed on: " + e.getMessage());
            }
            if (!gate.enter()) {
                return turnAway(exchange);
            }
            try {
                return forward(exchange, request);
            } finally {
                gate.left();
            }
        }
    }

    private int turnAway(HttpExchange exchange) throws IOException {
        int retryAfter = gate.position().retryAfter();
        exchange.getResponseHeaders().set("Retry-After", Integer.toString(retryAfter));
        return refuse(
                exchange,
                503,
                "parked",
                "Parked for maintenance",
                "the service is being worked on; nothing was done, try again in " + retryAfter + " s");
    }

    private static int refuse(HttpExchange exchange, int status, String type, String title, String detail)
            throws IOException {
        exchange.getResponseHeaders().set("Upkeep-Forwarded", "no");
        Problem.of(status, type, title, detail).send(exchange);
        return status;
    }

    private HttpRequest request(HttpExchange exchange, Upload upload) throws IOException {
        URI asked = exchange.getRequestURI();
        String path = asked.getRawPath() == null || asked.getRawPath().isEmpty() ? "/" : asked.getRawPath();
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("the path is " + path);
        }
        String query = asked.getRawQuery() == null ? "" : "?" + asked.getRawQuery();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(upstream + path + query))
                .timeout(timeout)
                .method(exchange.getRequestMethod(), upload.publisher());
        Headers headers = exchange.getRequestHeaders();
        passedOn(headers, request::header);
        request.header(
                "X-Forwarded-For", exchange.getRemoteAddress().getAddress().getHostAddress());
        String host = headers.getFirst("Host");
        if (host != null) {
            request.header("X-Forwarded-Host", host);
        }
        return request.build();
    }

    @FunctionalInterface
    private interface Sink {
        void put(String name, String value);
    }

    private static void passedOn(Map<String, List<String>> headers, Sink sink) {
        Set<String> dropped = new HashSet<>(NOT_PASSED_ON);
        headers.forEach((name, values) -> {
            if (name.equalsIgnoreCase("Connection")) {
                values.forEach(value -> {
                    for (String named : value.split(",")) {
                        dropped.add(named.strip().toLowerCase(Locale.ROOT));
                    }
                });
            }
        });
        headers.forEach((name, values) -> {
            if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> sink.put(name, value));
            }
        });
    }

    private int forward(HttpExchange exchange, HttpRequest request) throws IOException {
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            return refuse(
                    exchange, 502, "upstream-away", "Tenant away", "the tenant does not listen; nothing was done");
        } catch (HttpTimeoutException e) {
            return lost(exchange, 504, "upstream-slow", "Tenant too slow", "within " + timeout.toSeconds() + " s");
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the tenant broke off", e);
            return lost(exchange, 502, "upstream-cut", "Tenant broke off", "and closed the connection");
        } catch (InterruptedException e) {
            throw new IOException("the exchange took too long", e);
        }
        try (InputStream body = response.body()) {
            relay(exchange, response, body);
        }
        return response.statusCode();
    }

    private static int lost(HttpExchange exchange, int status, String type, String title, String how)
            throws IOException {
        Problem.of(status, type, title, "the tenant did not answer " + how + "; it is not known whether it acted")
                .send(exchange);
        return status;
    }

    private static void relay(HttpExchange exchange, HttpResponse<InputStream> response, InputStream body)
            throws IOException {
        Headers headers = exchange.getResponseHeaders();
        passedOn(response.headers().map(), headers::add);
        int status = response.statusCode();
        long length = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        if (exchange.getRequestMethod().equals("HEAD") || status == 204 || status == 304) {
            if (length >= 0 && status != 204) {
                headers.set("Content-Length", Long.toString(length));
            }
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        if (length == 0) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        // To this server a length of 0 means chunks.
        exchange.sendResponseHeaders(status, Math.max(length, 0));
        OutputStream out = exchange.getResponseBody();
        byte[] buffer = new byte[16 * 1024];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            out.write(buffer, 0, read);
            if (body.available() == 0) {
                out.flush();
            }
        }
    }
}
