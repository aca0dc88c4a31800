package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.testing.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** The planner's REST, as a person's tools speak to it; and the sample product under a name of each test's own. */
final class Planner {
    private final String base;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();

    Planner(String base) {
        this(base, Tokens.everyRole());
    }

    /** @param token whose holder speaks */
    Planner(String base, String token) {
        this.token = token;
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    }

    record Answer(int status, JsonNode body, Map<String, String> headers) {}

    Answer get(String path) {
        return send(HttpRequest.newBuilder(URI.create(base + path)).GET());
    }

    /** An answer that is no JSON. */
    String text(String path) {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(base + path))
                            .header("Authorization", "Bearer " + token)
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return response.body();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    Answer put(String path, String yaml, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/yaml")
                .PUT(BodyPublishers.ofString(yaml));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    Answer post(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    Answer delete(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).DELETE();
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    /** Puts a JSON body. */
    Answer putJson(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request);
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response =
                    http.send(request.header("Authorization", "Bearer " + token).build(), BodyHandlers.ofString());
            String type = response.headers().firstValue("Content-Type").orElse("");
            JsonNode body = type.contains("json") ? json.readTree(response.body()) : json.createObjectNode();
            return new Answer(
                    response.statusCode(),
                    body,
                    Map.of(
                            "etag",
                            response.headers().firstValue("ETag").orElse(""),
                            "type",
                            response.headers().firstValue("Content-Type").orElse("")));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** The sample descriptor under another name, with soaks that a test can wait for. */
    static String descriptor(String product) {
        try {
            return Files.readString(Path.of("../deploy/products/inkwell.yaml"))
                    .replace("product: inkwell", "product: " + product)
                    .replace("soak: PT3S", "soak: PT0.3S");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The same over every minor. */
    static String everyMinor(String product) {
        return descriptor(product) + "versioning: {stops: every-minor}\n";
    }

    static String release(String product, String version, boolean reversible, String... migrations) {
        StringBuilder yaml = new StringBuilder("""
                product: %s
                version: %s
                artifacts: [{component: app, location: "file:///releases/%s.jar", digest: "sha256:%s"}]
                migrations:
                """.formatted(product, version, version, "0".repeat(64)));
        if (migrations.length == 0) {
            return yaml.toString().replace("migrations:\n", "migrations: []\n");
        }
        for (String id : migrations) {
            yaml.append("  - {id: \"%s\", reversible: %s, transactional: true}\n".formatted(id, reversible));
        }
        return yaml.toString();
    }

    static String tenant(String tenant, String product, String ring) {
        return """
                tenant: %s
                account: %s-inc
                product: %s
                version: 1.0.0
                model: saas
                ring: %s
                components:
                  database: {settings: {url: "jdbc:postgresql://127.0.0.1:5555/x", user: x, password: "env:X"}}
                  app: {settings: {home: /tenants/x, port: "18080"}}
                  gate: {settings: {admin: "http://127.0.0.1:19090"}}
                """.formatted(tenant, tenant, product, ring);
    }

    void ok(Answer answer) {
        assertThat(answer.status()).as(answer.body().toString()).isBetween(200, 299);
    }

    /** Registers the sample, its releases 1.0.0 and 1.1.0, and tenants by ring. */
    void registerSample(String product, boolean reversible, Map<String, String> ringByTenant) {
        ok(put("/v1/products/" + product, descriptor(product)));
        ok(put("/v1/products/" + product + "/releases/1.0.0", release(product, "1.0.0", true, "1")));
        ok(put("/v1/products/" + product + "/releases/1.1.0", release(product, "1.1.0", reversible, "2")));
        ringByTenant.forEach((tenant, ring) -> ok(put("/v1/tenants/" + tenant, tenant(tenant, product, ring))));
    }

    /** What a request comes to that several people make in the same moment. */
    static List<Answer> atOnce(int people, IntFunction<Answer> request) {
        CyclicBarrier together = new CyclicBarrier(people);
        try (ExecutorService threads = Executors.newFixedThreadPool(people)) {
            List<Future<Answer>> asked = IntStream.range(0, people)
                    .mapToObj(person -> threads.submit(() -> {
                        together.await();
                        return request.apply(person);
                    }))
                    .toList();
            List<Answer> answers = new ArrayList<>();
            for (Future<Answer> one : asked) {
                answers.add(one.get());
            }
            return answers;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    String startRollout(String product, String version) {
        Answer started = post("/v1/rollouts", "{\"product\":\"%s\",\"version\":\"%s\"}".formatted(product, version));
        assertThat(started.status()).as(started.body().toString()).isEqualTo(201);
        return started.body().get("id").asText();
    }
}
