package dev.upkeep.sample.writer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** One version of inkwell as a real process, on the class path of the tests. */
final class InkwellProcess implements AutoCloseable {
    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    static final ProcessBuilder.Redirect LOG =
            ProcessBuilder.Redirect.appendTo(Path.of("target", "processes.log").toFile());

    final Process process;
    final URI uri;

    private InkwellProcess(Process process, URI uri) {
        this.process = process;
        this.uri = uri;
    }

    static InkwellProcess start(String version, String databaseUrl) throws IOException {
        return start(version, databaseUrl, freePort());
    }

    static InkwellProcess start(String version, String databaseUrl, int port) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx32m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.upkeep.sample.v" + version.replace('.', '_') + ".Main"));
        builder.environment()
                .putAll(Map.of(
                        "PORT", Integer.toString(port), "DATABASE_URL", databaseUrl, "DATABASE_USER", "postgres"));
        builder.redirectErrorStream(true).redirectOutput(LOG);
        InkwellProcess inkwell = new InkwellProcess(builder.start(), URI.create("http://127.0.0.1:" + port));
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(inkwell::answers);
        return inkwell;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try {
            return get("/healthz").statusCode() > 0;
        } catch (IOException e) {
            return false;
        }
    }

    HttpResponse<String> get(String path) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve(path)).GET());
    }

    HttpResponse<String> post(String json) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve("/notes")).POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    HttpResponse<String> put(String id, String json) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve("/notes/" + id)).PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    HttpResponse<String> delete(String id) throws IOException {
        return send(HttpRequest.newBuilder(uri.resolve("/notes/" + id)).DELETE());
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return HTTP.send(request.timeout(Duration.ofSeconds(15)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }

    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
