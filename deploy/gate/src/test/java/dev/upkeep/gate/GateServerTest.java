package dev.upkeep.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateServerTest {
    private static final HttpHandler HELLO = exchange -> {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
        }
    };

    @TempDir
    Path directory;

    private GateServer gateTo(URI upstream, Duration timeout) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return GateServer.start(new Settings(any, upstream, any, directory, timeout), InstantSource.system());
    }

    private GateServer gateTo(URI upstream) throws IOException {
        return gateTo(upstream, Duration.ofSeconds(10));
    }

    @Test
    void passesMethodPathHeadersAndBodyOnAndTheAnswerBack() throws Exception {
        // Given
        AtomicReference<String> seen = new AtomicReference<>("");
        HttpHandler echo = exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                seen.set(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                        + exchange.getRequestHeaders().get("X-Two") + " "
                        + exchange.getRequestHeaders().getFirst("X-Forwarded-For"));
                exchange.getResponseHeaders().add("X-Answer", "a");
                exchange.getResponseHeaders().add("X-Answer", "b");
                exchange.sendResponseHeaders(418, 0);
                exchange.getResponseBody().write(body);
            }
        };
        try (Upstream upstream = new Upstream(echo);
                GateServer gate = gateTo(upstream.uri())) {
            // When
            HttpResponse<String> response =
                    Client.send(HttpRequest.newBuilder(Client.uri(gate.port(), "/a%20b/c?d=%2F&e"))
                            .header("X-Two", "1")
                            .header("X-Two", "2")
                            .method("PATCH", HttpRequest.BodyPublishers.ofString("in")));
            // Then
            assertThat(seen.get()).isEqualTo("PATCH /a%20b/c?d=%2F&e [1, 2] 127.0.0.1");
            assertThat(response.statusCode()).isEqualTo(418);
            assertThat(response.headers().allValues("X-Answer")).containsExactly("a", "b");
            assertThat(response.body()).isEqualTo("in");
        }
    }

    @Test
    void passesAnswersWithoutABodyOn() throws Exception {
        // Given
        HttpHandler bodiless = exchange -> {
            try (exchange) {
                switch (exchange.getRequestMethod()) {
                    case "HEAD" -> exchange.getResponseHeaders().set("Content-Length", "1234");
                    case String other -> {}
                }
                exchange.sendResponseHeaders(exchange.getRequestMethod().equals("DELETE") ? 204 : 200, -1);
            }
        };
        try (Upstream upstream = new Upstream(bodiless);
                GateServer gate = gateTo(upstream.uri())) {
            for (int i = 0; i < 3; i++) {
                // When
                var head = Client.send(HttpRequest.newBuilder(Client.uri(gate.port(), "/"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody()));
                var delete = Client.send(
                        HttpRequest.newBuilder(Client.uri(gate.port(), "/")).DELETE());
                var empty = Client.get(gate.port(), "/");
                // Then
                assertThat(head.statusCode()).isEqualTo(200);
                assertThat(head.headers().firstValue("Content-Length")).contains("1234");
                assertThat(delete.statusCode()).isEqualTo(204);
                assertThat(empty.statusCode()).isEqualTo(200);
                assertThat(empty.body()).isEmpty();
            }
        }
    }

    @Test
    void passesALargeBodyOnBothWays() throws Exception {
        // Given
        byte[] large = new byte[20 << 20];
        new Random(7).nextBytes(large);
        HttpHandler echo = exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        };
        try (Upstream upstream = new Upstream(echo);
                GateServer gate = gateTo(upstream.uri())) {
            // When
            HttpResponse<byte[]> response = Client.send(
                    HttpRequest.newBuilder(Client.uri(gate.port(), "/"))
                            .POST(HttpRequest.BodyPublishers.ofByteArray(large)),
                    HttpResponse.BodyHandlers.ofByteArray());
            // Then
            assertThat(response.body()).isEqualTo(large);
            try (var left = Files.list(directory)) {
                assertThat(left.filter(file -> file.getFileName().toString().startsWith("upload")))
                        .isEmpty();
            }
        }
    }

    @Test
    void turnsRequestsAwayWhileParkedAndSaysWhenToComeAgain() throws Exception {
        // Given
        try (Upstream upstream = new Upstream(HELLO);
                GateServer gate = gateTo(upstream.uri())) {
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(200);
            // When
            HttpResponse<String> parked = Client.park(gate.adminPort(), 8);
            // Then
            assertThat(parked.statusCode()).isEqualTo(200);
            assertThat(parked.body())
                    .contains("\"state\":\"parked\"", "\"token\":8", "\"inFlight\":0", "\"retryAfter\":3");
            HttpResponse<String> away = Client.get(gate.port(), "/");
            assertThat(away.statusCode()).isEqualTo(503);
            assertThat(away.headers().firstValue("Retry-After")).contains("3");
            assertThat(away.headers().firstValue("Content-Type")).contains("application/problem+json");
            // An answer is counted when its last byte is out, which its reader may see first.
            Awaitility.await()
                    .untilAsserted(() -> assertThat(
                                    Client.get(gate.adminPort(), "/metrics").body())
                            .contains("gate_requests_total{code=\"2xx\"} 1")
                            .contains("gate_requests_total{code=\"5xx\"} 1")
                            .contains("gate_parked 1"));
            assertThat(Client.get(gate.adminPort(), "/healthz").statusCode()).isEqualTo(200);
            Client.open(gate.adminPort(), 9);
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void passesNothingOnceThePutThatParksIsAnsweredThoughTrafficIsHeavy() throws Exception {
        // Given: a tenant that notes every request which reaches it after the gate has said "parked, nothing in flight"
        AtomicBoolean drained = new AtomicBoolean();
        AtomicInteger late = new AtomicInteger();
        AtomicInteger reached = new AtomicInteger();
        HttpHandler watchful = exchange -> {
            reached.incrementAndGet();
            if (drained.get()) {
                late.incrementAndGet();
            }
            HELLO.handle(exchange);
        };
        AtomicBoolean stop = new AtomicBoolean();
        ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
        try (Upstream upstream = new Upstream(watchful);
                GateServer gate = gateTo(upstream.uri());
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                running.add(callers.submit(() -> {
                    while (!stop.get()) {
                        statuses.add(Client.get(gate.port(), "/").statusCode());
                    }
                    return null;
                }));
            }
            for (int round = 1; round <= 20; round++) {
                int before = reached.get();
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(2))
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> reached.get() >= before + 20);
                // When
                Client.park(gate.adminPort(), 2L * round);
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(2))
                        .atMost(Duration.ofSeconds(20))
                        .until(() ->
                                Client.get(gate.adminPort(), "/gate").body().contains("\"inFlight\":0"));
                drained.set(true);
                int turnedAway = statuses.size();
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(2))
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> statuses.size() >= turnedAway + 50);
                drained.set(false);
                Client.open(gate.adminPort(), 2L * round + 1);
            }
            stop.set(true);
            for (Future<?> caller : running) {
                caller.get(20, TimeUnit.SECONDS);
            }
        }
        // Then
        assertThat(late).hasValue(0);
        assertThat(statuses).contains(200, 503).containsOnly(200, 503);
    }

    @Test
    void countsARequestAsInFlightUntilItIsAnswered() throws Exception {
        // Given
        CountDownLatch there = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        HttpHandler slow = exchange -> {
            there.countDown();
            await(goOn);
            HELLO.handle(exchange);
        };
        try (Upstream upstream = new Upstream(slow);
                GateServer gate = gateTo(upstream.uri());
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> caller = callers.submit(() -> Client.get(gate.port(), "/"));
            await(there);
            // When
            HttpResponse<String> parked = Client.park(gate.adminPort(), 1);
            // Then
            assertThat(parked.body()).contains("\"inFlight\":1");
            goOn.countDown();
            assertThat(caller.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> Client.get(gate.adminPort(), "/gate").body().contains("\"inFlight\":0"));
        }
    }

    @Test
    void refusesATokenThatALaterOneHasOvertaken() throws Exception {
        // Given
        try (Upstream upstream = new Upstream(HELLO);
                GateServer gate = gateTo(upstream.uri())) {
            Client.park(gate.adminPort(), 8);
            // When
            HttpResponse<String> overtaken = Client.open(gate.adminPort(), 7);
            // Then
            assertThat(overtaken.statusCode()).isEqualTo(409);
            assertThat(overtaken.body()).contains("\"currentToken\":8", "\"field\":\"token\"");
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(503);
            assertThat(Client.get(gate.adminPort(), "/gate").body()).contains("\"state\":\"parked\"", "\"token\":8");
        }
    }

    @Test
    void takesTheSameOrderTwiceAsOnce() throws Exception {
        // Given
        try (Upstream upstream = new Upstream(HELLO);
                GateServer gate = gateTo(upstream.uri())) {
            String first = Client.park(gate.adminPort(), 8).body();
            // When
            HttpResponse<String> again = Client.park(gate.adminPort(), 8);
            // Then
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).isEqualTo(first);
        }
    }

    @Test
    void refusesAnOrderItDoesNotUnderstandAndNamesTheField() throws Exception {
        // Given
        try (Upstream upstream = new Upstream(HELLO);
                GateServer gate = gateTo(upstream.uri())) {
            Map<String, String> wrong = Map.of(
                    "{\"state\":\"shut\",\"token\":1}", "state",
                    "{\"state\":\"parked\"}", "token",
                    "{\"state\":\"parked\",\"token\":-1}", "token",
                    "{\"state\":\"parked\",\"token\":1,\"retryAfter\":0}", "retryAfter",
                    "{\"state\":\"parked\",\"token\":1,\"extra\":0}", "extra",
                    "{\"state\":\"parked\",\"state\":\"open\",\"token\":1}", "body",
                    "parked", "body");
            for (Map.Entry<String, String> order : wrong.entrySet()) {
                // When
                HttpResponse<String> refused = Client.order(gate.adminPort(), order.getKey());
                // Then
                assertThat(refused.statusCode()).as(order.getKey()).isEqualTo(400);
                assertThat(refused.body()).contains("\"field\":\"" + order.getValue() + "\"");
            }
            assertThat(Client.get(gate.adminPort(), "/gate").body()).contains("\"state\":\"open\"", "\"token\":0");
        }
    }

    @Test
    void standsAsItStoodWhenItsPositionCannotBeKept() throws Exception {
        // Given: a directory in the way of the file that is written beside
        try (Upstream upstream = new Upstream(HELLO);
                GateServer gate = gateTo(upstream.uri())) {
            Path inTheWay = Files.createDirectory(directory.resolve("gate.json.new"));
            // When
            HttpResponse<String> refused = Client.park(gate.adminPort(), 8);
            // Then
            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(200);
            Files.delete(inTheWay);
            assertThat(Client.park(gate.adminPort(), 8).statusCode()).isEqualTo(200);
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void doesNotOpenWhenItsPositionCannotBeRead() throws Exception {
        // Given
        Files.writeString(directory.resolve("gate.json"), "{\"state\":\"par");
        // When, Then
        assertThatThrownBy(() -> gateTo(URI.create("http://127.0.0.1:1")).close())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("gate.json cannot be read");
    }

    @Test
    void refusesADirectoryThatAnotherGateHolds() throws Exception {
        // Given
        try (GateServer first = gateTo(URI.create("http://127.0.0.1:1"))) {
            assertThat(first.port()).isPositive();
            // When, Then
            assertThatThrownBy(() -> gateTo(URI.create("http://127.0.0.1:1")).close())
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another running gate");
        }
    }

    @Test
    void refusesToBeKeptFromAnotherMachine() {
        assertThatThrownBy(() -> Settings.from(
                        Map.of("LISTEN", "127.0.0.1:0", "UPSTREAM", "http://127.0.0.1:1", "STATE", "s"),
                        "ADMIN=0.0.0.0:0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loopback");
    }

    @Test
    void saysThatNothingWasDoneWhenTheTenantDoesNotListen() throws Exception {
        // Given
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        try (GateServer gate = gateTo(URI.create("http://127.0.0.1:" + nobody))) {
            // When
            HttpResponse<String> away = Client.get(gate.port(), "/");
            // Then
            assertThat(away.statusCode()).isEqualTo(502);
            assertThat(away.headers().firstValue("Upkeep-Forwarded")).contains("no");
        }
    }

    @Test
    void doesNotSayThatNothingWasDoneWhenTheTenantBrokeOff() throws Exception {
        // Given
        AtomicInteger reached = new AtomicInteger();
        try (Upstream upstream = new Upstream(exchange -> {
                    reached.incrementAndGet();
                    exchange.close();
                });
                GateServer gate = gateTo(upstream.uri())) {
            // When
            HttpResponse<String> cut = Client.send(HttpRequest.newBuilder(Client.uri(gate.port(), "/"))
                    .POST(HttpRequest.BodyPublishers.ofString("x")));
            // Then
            assertThat(cut.statusCode()).isEqualTo(502);
            assertThat(cut.headers().firstValue("Upkeep-Forwarded")).isEmpty();
            assertThat(reached).hasValue(1);
        }
    }

    @Test
    void givesATenantThatIsTooSlowUp() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        try (Upstream upstream = new Upstream(exchange -> {
                    await(goOn);
                    exchange.close();
                });
                GateServer gate = gateTo(upstream.uri(), Duration.ofSeconds(1))) {
            // When
            HttpResponse<String> slow = Client.get(gate.port(), "/");
            // Then
            assertThat(slow.statusCode()).isEqualTo(504);
            assertThat(slow.headers().firstValue("Upkeep-Forwarded")).isEmpty();
            goOn.countDown();
        }
    }

    @Test
    void cutsAnAnswerThatBreaksOffRatherThanRoundItOff() throws Exception {
        // Given
        HttpHandler halfway = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(new byte[10_000]);
            exchange.getResponseBody().flush();
            throw new IOException("break off");
        };
        try (Upstream upstream = new Upstream(halfway);
                GateServer gate = gateTo(upstream.uri())) {
            // When, Then
            assertThatThrownBy(() -> Client.get(gate.port(), "/")).isInstanceOf(IOException.class);
            assertThat(Client.get(gate.adminPort(), "/gate").body()).contains("\"inFlight\":0");
        }
    }

    @Test
    void isHeldUpNeitherByASlowSenderNorByATenantThatStopsHalfway() throws Exception {
        // Given
        CountDownLatch goOn = new CountDownLatch(1);
        HttpHandler stalls = exchange -> {
            exchange.sendResponseHeaders(200, 1_000_000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            await(goOn);
            exchange.close();
        };
        try (Upstream upstream = new Upstream(stalls);
                GateServer gate = gateTo(upstream.uri(), Duration.ofSeconds(1));
                Socket sender = new Socket(InetAddress.getLoopbackAddress(), gate.port());
                Socket receiver = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
            // When: one caller never sends the body it promised, another waits for an answer that stopped
            sender.getOutputStream()
                    .write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            receiver.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(2))
                    .until(() -> Client.get(gate.adminPort(), "/gate").body().contains("\"inFlight\":1"));
            // Then
            Client.park(gate.adminPort(), 1);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> Client.get(gate.adminPort(), "/gate").body().contains("\"inFlight\":0"));
            sender.setSoTimeout(5_000);
            receiver.setSoTimeout(5_000);
            InputStream fromSender = sender.getInputStream();
            assertThat(fromSender.read())
                    .as("the connection of the slow sender")
                    .isNegative();
            goOn.countDown();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IOException("waited too long");
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
