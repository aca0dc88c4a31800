package dev.upkeep.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A service's examples, sent to the running service in their order and compared with what it answers: the file that its
 * OpenAPI document takes them from is the one that is run.
 *
 * <p>Ids are the service's own, and times the clock's: {@link Likeness} tells how answers are compared.
 *
 * <p>With {@code -Dupkeep.examples=record} the answers are written into the file instead: read what changed.
 */
public final class Examples {
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final URI root;
    private final ExampleFiles files;
    private final Likeness likeness = new Likeness();
    private final Safeguards safeguards;
    private final boolean records = "record".equals(System.getProperty("upkeep.examples"));
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();

    private Examples(URI root, String service, Path rest, List<Path> files) {
        this.root = root;
        this.safeguards = Safeguards.of(service, rest);
        this.files = ExampleFiles.read(files);
    }

    /**
     * Reads a service's examples.
     *
     * @param service its name in the table of safeguards
     * @param rest docs/reference/rest.md
     * @param files where they are; their order is that of the sending
     */
    public static Examples of(URI root, String service, Path rest, Path... files) {
        return new Examples(root, service, rest, List.of(files));
    }

    /** What stands for a text of the examples where it is run, such as a day that has not gone by. */
    public Examples with(String shown, String ours) {
        likeness.with(shown, ours);
        return this;
    }

    private record Answer(int status, String type, String text) {}

    /** The endpoints of the service of which no example shows what they answer when all is well. */
    public Set<String> notShown() {
        Set<String> all = new TreeSet<>(endpoints().keySet());
        files.examples().stream()
                .filter(example -> example.path("status").asInt() < 300)
                .forEach(example -> all.remove(example.path("sends").asText()));
        return all;
    }

    /** The changes that have no safeguard, or not the one that the table names: a sentence each. */
    public List<String> unguarded() {
        List<String> wrong = new ArrayList<>();
        Map<String, JsonNode> endpoints = endpoints();
        endpoints.forEach((endpoint, operation) -> {
            if (endpoint.startsWith("GET ")) {
                return;
            }
            Set<String> headers = new TreeSet<>();
            operation.path("parameters").forEach(p -> headers.add(p.path("name").asText()));
            Optional<Safeguards.Kind> kind = safeguards.of(endpoint);
            if (kind.isEmpty()) {
                wrong.add(endpoint + " is in no row of docs/reference/rest.md");
            } else if (headers.contains("Idempotency-Key") != (kind.get() == Safeguards.Kind.KEY)
                    || headers.contains("If-Match") != (kind.get() == Safeguards.Kind.MATCH)) {
                wrong.add(endpoint + " takes " + headers + ", and the table says " + kind.get());
            }
        });
        safeguards.byEndpoint().keySet().stream()
                .filter(endpoint -> !endpoints.containsKey(endpoint))
                .forEach(endpoint -> wrong.add("the table has " + endpoint + ", which is not there"));
        return wrong;
    }

    private Map<String, JsonNode> endpoints() {
        Map<String, JsonNode> all = new TreeMap<>();
        tree(send(HttpRequest.newBuilder(root.resolve("/q/openapi?format=json"))))
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    if (path.getKey().startsWith("/v1")) {
                        all.put(
                                operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(),
                                operation.getValue());
                    }
                }));
        return all;
    }

    /**
     * Sends one after another; a change is sent as its safeguard says, too.
     *
     * @param tokens by the names that examples call their callers
     * @return what is answered otherwise than shown, a sentence each
     */
    public List<String> run(Map<String, String> tokens) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode example : files.examples()) {
            String shows = example.path("sends").asText() + " ("
                    + example.path("shows").asText() + ")";
            Optional<Safeguards.Kind> safeguard = example.path("status").asInt() < 300 && !records
                    ? safeguards.of(example.path("sends").asText())
                    : Optional.empty();
            safeguard.ifPresent(kind -> before(kind, shows, example, tokens, wrong));
            Answer answer = until(example, tokens);
            safeguard.ifPresent(kind -> after(kind, shows, example, answer, tokens, wrong));
            JsonNode shown = example.path("answer");
            if (records) {
                likeness.learn(shown, tree(answer));
                record((ObjectNode) example, answer);
            } else if (answer.status() != example.path("status").asInt()) {
                wrong.add(shows + " answers " + answer);
            } else {
                likeness.compare(shows, "", shown, tree(answer), wrong);
            }
        }
        if (records) {
            files.write();
        }
        return wrong;
    }

    /** What was read too early changes nothing: the example itself still finds all as it was. */
    private void before(
            Safeguards.Kind kind, String shows, JsonNode example, Map<String, String> tokens, List<String> wrong) {
        if (kind == Safeguards.Kind.MATCH) {
            ObjectNode stale = example.deepCopy();
            stale.withObject("/headers").put("If-Match", "\"99999\"");
            Answer answer = send(stale, tokens);
            if (answer.status() != 412 || !answer.text().contains("/If-Match")) {
                wrong.add(shows + " answers a stale ETag with " + answer);
            }
        } else if (kind == Safeguards.Kind.KEY) {
            ((ObjectNode) example).withObject("/headers").putIfAbsent("Idempotency-Key", TextNode.valueOf(shows));
        }
    }

    private void after(
            Safeguards.Kind kind,
            String shows,
            JsonNode example,
            Answer first,
            Map<String, String> tokens,
            List<String> wrong) {
        switch (kind) {
            case KEY -> {
                Answer again = send(example, tokens);
                if (!again.equals(first)) {
                    wrong.add(shows + " answers its key's second use with " + again + ", and the first with " + first);
                }
                ObjectNode other = example.deepCopy();
                alter(other.withObject("/body"));
                Answer reused = send(other, tokens);
                if (reused.status() != 422 || !reused.text().contains("idempotency-key-reused")) {
                    wrong.add(shows + " answers another request under its key with " + reused);
                }
            }
            case AGAIN -> {
                Answer again = send(example, tokens);
                if (again.status() != first.status()) {
                    wrong.add(shows + " answers the second time with " + again);
                }
            }
            case GONE -> {
                Answer again = send(example, tokens);
                if (again.status() != 404) {
                    wrong.add(shows + " answers the second time with " + again);
                }
            }
            case MATCH -> {}
        }
    }

    /** Another request, as far as keys go: with a key that is not known here it would be refused for that. */
    private static void alter(ObjectNode body) {
        if (body.has("version")) {
            body.put("version", "9.9.9");
        } else if (body.has("reason")) {
            body.put("reason", body.get("reason").asText() + ", and more");
        } else if (body.has("until")) {
            body.put("until", "2026-12-21");
        } else {
            body.put("note", "another request");
        }
    }

    private Answer until(JsonNode example, Map<String, String> tokens) {
        AtomicReference<Answer> last = new AtomicReference<>();
        try {
            Awaitility.await().atMost(PATIENCE).until(() -> {
                last.set(send(example, tokens));
                JsonNode tree = tree(last.get());
                return example.path("until").properties().stream()
                        .allMatch(wanted -> tree.at(wanted.getKey())
                                .asText()
                                .equals(likeness.ours(wanted.getValue().asText())));
            });
        } catch (ConditionTimeoutException never) {
            // What it is instead is compared, and told, as any other answer.
        }
        return Objects.requireNonNull(last.get(), "it was not sent");
    }

    private Answer send(JsonNode example, Map<String, String> tokens) {
        String[] sends = example.path("sends").asText().split(" ", 2);
        String path = PARAMETER
                .matcher(sends[1])
                .replaceAll(found -> Matcher.quoteReplacement(
                        encoded(example.path("path").path(found.group(1)).asText())));
        StringBuilder query = new StringBuilder();
        example.path("query")
                .properties()
                .forEach(p -> query.append(query.isEmpty() ? '?' : '&')
                        .append(p.getKey())
                        .append('=')
                        .append(encoded(p.getValue().asText())));
        HttpRequest.Builder request = HttpRequest.newBuilder(root.resolve(path + query));
        example.path("headers")
                .properties()
                .forEach(h ->
                        request.header(h.getKey(), likeness.ours(h.getValue().asText())));
        String as = example.path("as").asText();
        if (!tokens.containsKey(as)) {
            throw new AssertionError("an example is sent as '" + as + "', and the test knows " + tokens.keySet());
        }
        request.header("Authorization", "Bearer " + tokens.get(as));
        if (example.has("body")) {
            request.header("Content-Type", "application/json");
            request.method(
                    sends[0],
                    BodyPublishers.ofString(likeness.ours(example.path("body").toString())));
        } else {
            request.method(sends[0], BodyPublishers.noBody());
        }
        return send(request);
    }

    private String encoded(String text) {
        return URLEncoder.encode(likeness.ours(text), StandardCharsets.UTF_8);
    }

    // ---- recording

    private void record(ObjectNode example, Answer answer) {
        JsonNode shown = example.path("answer");
        example.remove(List.of("status", "answer"));
        example.put("status", answer.status());
        JsonNode answered = tree(answer);
        if (!answered.isEmpty()) {
            example.set("answer", likeness.recorded(shown, answered));
        }
    }

    private JsonNode tree(Answer answer) {
        try {
            return answer.type().contains("json") ? json.readTree(answer.text()) : json.createObjectNode();
        } catch (IOException e) {
            throw new AssertionError("no JSON: " + answer, e);
        }
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
            return new Answer(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
