package dev.upkeep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One service's REST, with a timeout on every call; refusals come out as {@link Trouble} that says what to do.
 *
 * <p>Failure: a GET is tried three times, a moment apart, while nobody answers. A change is sent once: its Idempotency-Key would make a
 * repetition harmless, but the person at the terminal should know that the first one got no answer.
 */
public final class Api {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int TRIES = 3;
    private static final Duration PAUSE = Duration.ofMillis(200);

    private final String base;
    private final Credential credential;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(3))
            .version(HttpClient.Version.HTTP_1_1)
            .build();
    private final ObjectMapper json = new ObjectMapper();

    /**
     * A service at a place.
     *
     * @param base the service's URL, such as {@code http://127.0.0.1:8080}
     * @param credential the token that every call carries
     */
    public Api(String base, Credential credential) {
        this.credential = credential;
        if (!base.matches("https?://[^/\\s]+\\S*")) {
            throw new Trouble(
                    ExitCode.USAGE,
                    "'" + base + "' is no URL of a service\n  → give one such as http://127.0.0.1:8080");
        }
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
    }

    /** What is at a path. */
    public JsonNode get(String path) {
        return answer(ask(request(path)));
    }

    /** What is at a path and takes its time: a forecast looks at every tenant. */
    public JsonNode getSlowly(String path) {
        return answer(ask(request(path).timeout(PATIENCE)));
    }

    /** What is at a path, as text of this type. */
    public String text(String path, String type) {
        HttpResponse<String> response = ask(request(path).setHeader("Accept", type + ", application/problem+json"));
        if (response.statusCode() < 300) {
            return response.body();
        }
        return answer(response).toString();
    }

    private HttpResponse<String> ask(HttpRequest.Builder question) {
        HttpRequest request = question.GET().build();
        for (int attempt = 1; ; attempt++) {
            try {
                return http.send(request, BodyHandlers.ofString());
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw unreachable(e);
                }
                pause(PAUSE);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    /** Puts a document, JSON or YAML, as its content type says. */
    public JsonNode put(String path, String document, String contentType) {
        return send(request(path).header("Content-Type", contentType).PUT(BodyPublishers.ofString(document)));
    }

    /** Posts a JSON document. */
    public JsonNode post(String path, JsonNode document) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(BodyPublishers.ofString(document.toString())));
    }

    /** Deletes what is at a path. */
    public JsonNode delete(String path) {
        return send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Accept", "application/json, application/problem+json");
        credential.header().ifPresent(bearer -> request.header("Authorization", bearer));
        return request;
    }

    private JsonNode send(HttpRequest.Builder request) {
        try {
            return answer(http.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private JsonNode answer(HttpResponse<String> response) {
        int status = response.statusCode();
        JsonNode body = parse(response.body());
        if (status < 300 && body != null) {
            return body;
        }
        if (body == null) {
            throw new Trouble(
                    ExitCode.UNREACHABLE,
                    base + " answered " + status
                            + " with something that is no JSON\n  → is it one of Upkeep's services?");
        }
        if (status == 401 || status == 403) {
            throw new Trouble(ExitCode.REFUSED, problem(body, status) + "\n" + credential.advice(status));
        }
        if (status == 404) {
            throw new Trouble(ExitCode.NOT_FOUND, problem(body, status));
        }
        throw new Trouble(status < 500 ? ExitCode.REFUSED : ExitCode.UNREACHABLE, problem(body, status));
    }

    private @Nullable JsonNode parse(String body) {
        if (body.isBlank()) {
            return MissingNode.getInstance();
        }
        try {
            return json.readTree(body);
        } catch (JsonProcessingException noJson) {
            return null;
        }
    }

    /** An RFC 9457 problem as lines: what was wrong, then each place with its fix. */
    private String problem(JsonNode body, int status) {
        StringBuilder text = new StringBuilder();
        text.append(body.path("title").asText(base + " answered " + status));
        if (body.hasNonNull("detail") && body.path("errors").isEmpty()) {
            text.append(": ").append(body.get("detail").asText());
        }
        for (JsonNode error : body.path("errors")) {
            String pointer = error.path("pointer").asText("");
            text.append("\n  ").append(pointer).append(pointer.isEmpty() ? "" : "  ");
            text.append(error.path("detail").asText());
            if (!error.path("fix").asText("").isBlank()) {
                text.append("\n      → ").append(error.path("fix").asText());
            }
        }
        return text.toString();
    }

    private Trouble unreachable(IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new Trouble(
                ExitCode.UNREACHABLE,
                base + " does not answer (" + why + ")\n  → is it running? `./upkeep up` starts everything here;"
                        + " --planner and --notifier, or UPKEEP_PLANNER_URL and UPKEEP_NOTIFIER_URL, name others");
    }

    static void pause(Duration span) {
        try {
            TimeUnit.MILLISECONDS.sleep(span.toMillis());
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static Trouble interrupted() {
        Thread.currentThread().interrupt();
        return new Trouble(ExitCode.UNREACHABLE, "interrupted");
    }
}
