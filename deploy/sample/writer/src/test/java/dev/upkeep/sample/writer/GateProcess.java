package dev.upkeep.sample.writer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** A real gate as a process, on the class path of the tests. */
final class GateProcess implements AutoCloseable {
    final URI uri;
    private final Process process;
    private final URI admin;
    private long token;

    GateProcess(int upstream, Path state) throws IOException {
        int port = InkwellProcess.freePort();
        int adminPort = InkwellProcess.freePort();
        uri = URI.create("http://127.0.0.1:" + port);
        admin = URI.create("http://127.0.0.1:" + adminPort);
        process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.upkeep.gate.Main",
                        "LISTEN=127.0.0.1:" + port,
                        "ADMIN=127.0.0.1:" + adminPort,
                        "UPSTREAM=http://127.0.0.1:" + upstream,
                        "STATE=" + state))
                .redirectErrorStream(true)
                .redirectOutput(InkwellProcess.LOG)
                .start();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> standing().statusCode() == 200);
    }

    private HttpResponse<String> standing() throws IOException {
        return InkwellProcess.send(HttpRequest.newBuilder(admin.resolve("/gate")));
    }

    void parkAndDrain() throws IOException {
        order("parked");
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> standing().body().contains("\"inFlight\":0"));
    }

    void open() throws IOException {
        order("open");
    }

    private void order(String state) throws IOException {
        String json = "{\"state\":\"" + state + "\",\"token\":" + ++token + ",\"retryAfter\":1}";
        HttpResponse<String> response = InkwellProcess.send(
                HttpRequest.newBuilder(admin.resolve("/gate")).PUT(HttpRequest.BodyPublishers.ofString(json)));
        if (response.statusCode() != 200) {
            throw new IOException(response.body());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
