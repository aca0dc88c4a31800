package dev.upkeep.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the gate as the process that it is. */
class GateProcessTest {
    @TempDir
    Path directory;

    private record Running(Process process, int port, int adminPort) implements AutoCloseable {
        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Running start(Upstream upstream) throws IOException {
        int port = freePort();
        int adminPort = freePort();
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.upkeep.gate.Main",
                        "LISTEN=127.0.0.1:" + port,
                        "ADMIN=127.0.0.1:" + adminPort,
                        "UPSTREAM=" + upstream.uri(),
                        "STATE=" + directory))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Path.of("target", "processes.log").toFile()))
                .start();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> Client.get(adminPort, "/healthz").statusCode() == 200);
        return new Running(process, port, adminPort);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Upstream tenant() throws IOException {
        return new Upstream(exchange -> {
            try (exchange) {
                exchange.getRequestBody().readAllBytes();
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write("ok".getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    @Test
    void comesBackParkedAndStillFencedAfterItWasKilled() throws Exception {
        try (Upstream upstream = tenant()) {
            // Given
            try (Running first = start(upstream)) {
                assertThat(Client.park(first.adminPort(), 8).statusCode()).isEqualTo(200);
                // When
                first.process().destroyForcibly();
                assertThat(first.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
            try (Running second = start(upstream)) {
                // Then
                assertThat(Client.get(second.port(), "/").statusCode()).isEqualTo(503);
                assertThat(Client.open(second.adminPort(), 7).statusCode()).isEqualTo(409);
                assertThat(Client.open(second.adminPort(), 9).statusCode()).isEqualTo(200);
                assertThat(Client.get(second.port(), "/").body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void exitsWithZeroOnSigterm() throws Exception {
        // Given
        try (Upstream upstream = tenant();
                Running gate = start(upstream)) {
            assertThat(Client.get(gate.port(), "/").statusCode()).isEqualTo(200);
            // When
            gate.process().destroy();
            // Then
            assertThat(gate.process().waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(gate.process().exitValue()).isZero();
        }
    }
}
