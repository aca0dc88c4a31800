package dev.upkeep.gate;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Speaks to a gate as its callers and its keeper do. */
final class Client {
    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private Client() {}

    static HttpResponse<String> get(int port, String path) throws IOException {
        return send(HttpRequest.newBuilder(uri(port, path)));
    }

    static HttpResponse<String> order(int adminPort, String json) throws IOException {
        return send(HttpRequest.newBuilder(uri(adminPort, "/gate")).PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    static HttpResponse<String> park(int adminPort, long token) throws IOException {
        return order(adminPort, "{\"state\":\"parked\",\"token\":" + token + ",\"retryAfter\":3}");
    }

    static HttpResponse<String> open(int adminPort, long token) throws IOException {
        return order(adminPort, "{\"state\":\"open\",\"token\":" + token + "}");
    }

    static URI uri(int port, String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    static HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    static <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> body) throws IOException {
        try {
            return HTTP.send(request.timeout(Duration.ofSeconds(20)).build(), body);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
