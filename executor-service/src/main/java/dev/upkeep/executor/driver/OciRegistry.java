package dev.upkeep.executor.driver;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Outcome.Failed;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks registries by the OCI distribution protocol, with the account that a component's settings {@code registry-user} and
 * {@code registry-password} name, or as anybody. Every question has a time limit and is asked three times at most.
 */
public final class OciRegistry {
    /** What a manifest may be, as the header {@code Accept} has it. */
    public static final String MANIFESTS = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private static final Pattern CHALLENGE = Pattern.compile("(realm|service|scope)=\"([^\"]*)\"");
    private static final Pattern LOCAL = Pattern.compile("(localhost|127\\.\\d+\\.\\d+\\.\\d+)(:\\d+)?");
    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final Duration limit;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    /** @param limit for one question */
    public OciRegistry(Duration limit) {
        this.limit = limit;
    }

    /**
     * What a repository answers; nothing if it does not have what is asked for.
     *
     * @param target whose account it is asked with
     * @param method {@code GET} or {@code HEAD}
     * @param repository with its registry: {@code registry.example/charts/app}
     * @param path below it, such as {@code /manifests/1.2.0}
     * @throws Refused {@link Failure#REGISTRY_DOWN}, {@link Failure#FORBIDDEN}
     */
    public Optional<HttpResponse<byte[]>> ask(
            Target target, Work work, String method, String repository, String path, String accept)
            throws InterruptedException {
        URI uri = URI.create(base(repository) + path);
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> answer = send(method, uri, accept, Optional.empty());
                if (answer.statusCode() == 401) {
                    answer = send(method, uri, accept, authorization(target, work, answer));
                }
                switch (answer.statusCode()) {
                    case 200 -> {
                        return Optional.of(answer);
                    }
                    case 404 -> {
                        return Optional.empty();
                    }
                    case 401, 403 ->
                        throw new Refused(Failed.forGood(
                                Failure.FORBIDDEN,
                                uri + ": status " + answer.statusCode(),
                                "Give the component registry-user and registry-password of an account that may read"
                                        + " it"));
                    default -> throw new IOException("status " + answer.statusCode());
                }
            } catch (IOException e) {
                if (attempt == TRIES || work.left().isZero()) {
                    throw new Refused(
                            Failed.retryable(
                                    Failure.REGISTRY_DOWN,
                                    "registry of " + repository + ", asked " + attempt + " times: " + e,
                                    "Check that the registry runs and can be reached from the executor"),
                            e);
                }
                work.pause(BETWEEN.multipliedBy(attempt));
            }
        }
    }

    private HttpResponse<byte[]> send(String method, URI uri, String accept, Optional<String> authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(limit)
                .header("Accept", accept)
                .method(method, BodyPublishers.noBody());
        authorization.ifPresent(value -> request.header("Authorization", value));
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** The account's, or a token that the registry gives to everybody or to that account. */
    private Optional<String> authorization(Target target, Work work, HttpResponse<byte[]> refusal)
            throws IOException, InterruptedException {
        Optional<String> basic = work.secrets()
                .find(target, "registry-user")
                .map(user -> user + ":"
                        + work.secrets().find(target, "registry-password").orElse(""))
                .map(pair -> "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        String challenge = refusal.headers().firstValue("www-authenticate").orElse("");
        if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return basic;
        }
        StringBuilder query = new StringBuilder();
        String realm = "";
        Matcher parts = CHALLENGE.matcher(challenge);
        while (parts.find()) {
            if (parts.group(1).equals("realm")) {
                realm = parts.group(2);
            } else {
                query.append(query.isEmpty() ? "" : "&")
                        .append(parts.group(1))
                        .append('=')
                        .append(URLEncoder.encode(parts.group(2), StandardCharsets.UTF_8));
            }
        }
        HttpResponse<byte[]> answer = send("GET", URI.create(realm + "?" + query), "*/*", basic);
        if (answer.statusCode() != 200) {
            return Optional.empty();
        }
        JsonNode body = json.readTree(answer.body());
        String token = body.path("token").asText(body.path("access_token").asText(""));
        return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    }

    /** As container engines read a repository: without a registry it is Docker Hub's, and only this machine's speaks plain HTTP. */
    private static String base(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
        String host = named ? first : "registry-1.docker.io";
        String path = named ? repository.substring(slash + 1) : slash < 0 ? "library/" + repository : repository;
        String scheme = LOCAL.matcher(host).matches() ? "http" : "https";
        return scheme + "://" + host + "/v2/" + path;
    }
}
