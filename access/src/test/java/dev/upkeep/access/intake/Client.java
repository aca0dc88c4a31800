package dev.upkeep.access.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Speaks to the sample with a token, or without one. */
final class Client {
    private final URI root;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Client(URI root) {
        this.root = root;
    }

    record Answer(int status, String type, String challenge, String body) {
        /** A problem's field, or of its first error. */
        String said(String pointer) {
            try {
                JsonNode found = new ObjectMapper().readTree(body).at(pointer);
                return found.asText();
            } catch (IOException e) {
                throw new AssertionError(body, e);
            }
        }
    }

    Answer get(String path, String token) {
        return send(HttpRequest.newBuilder(root.resolve(path)).header("Authorization", "Bearer " + token));
    }

    Answer get(String path) {
        return send(HttpRequest.newBuilder(root.resolve(path)));
    }

    Answer put(String path, String token) {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Authorization", "Bearer " + token)
                .PUT(BodyPublishers.noBody()));
    }

    Answer put(String path, String token, String type, byte[] body) {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", type)
                .PUT(BodyPublishers.ofByteArray(body)));
    }

    void put(URI where, String text) {
        assert send(HttpRequest.newBuilder(where).PUT(BodyPublishers.ofString(text)))
                        .status()
                == 204;
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.headers().firstValue("WWW-Authenticate").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
