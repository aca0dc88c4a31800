package dev.upkeep.executor.driver.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks an image's registry, by the OCI distribution protocol, which digest a name stands for; fetches nothing. */
final class ImageRegistry {
    private static final String MANIFESTS = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");
    private static final Pattern CHALLENGE = Pattern.compile("(realm|service|scope)=\"([^\"]*)\"");
    private static final Duration REQUEST = Duration.ofSeconds(10);
    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final ObjectMapper json = new ObjectMapper();

    /**
     * The digest of what {@code reference} names in the image's repository; nothing if it names nothing there.
     *
     * @param reference a tag or a digest
     * @throws Refused {@link Failure#REGISTRY_DOWN}, {@link Failure#FORBIDDEN}
     */
    Optional<String> digest(Site site, Image image, String reference) throws InterruptedException {
        URI manifest = URI.create(base(image) + "/manifests/" + reference);
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<Void> answer = head(manifest, Optional.empty());
                if (answer.statusCode() == 401) {
                    answer = head(manifest, authorization(site, answer));
                }
                switch (answer.statusCode()) {
                    case 200 -> {
                        return answer.headers()
                                .firstValue("docker-content-digest")
                                .or(() -> Optional.of(reference));
                    }
                    case 404 -> {
                        return Optional.empty();
                    }
                    case 401, 403 ->
                        throw new Refused(Failed.forGood(
                                Failure.FORBIDDEN,
                                manifest + ": status " + answer.statusCode(),
                                "Give the component registry-user and registry-password of an account that may read"
                                        + " it"));
                    default -> throw new IOException("status " + answer.statusCode());
                }
            } catch (IOException e) {
                if (attempt == TRIES || site.work().left().isZero()) {
                    throw new Refused(
                            Failed.retryable(
                                    Failure.REGISTRY_DOWN,
                                    "registry of " + image.repository() + ", asked " + attempt + " times: " + e,
                                    "Check that the registry runs and can be reached from the executor"),
                            e);
                }
                site.work().pause(BETWEEN.multipliedBy(attempt));
            }
        }
    }

    private HttpResponse<Void> head(URI manifest, Optional<String> authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(manifest)
                .timeout(REQUEST)
                .header("Accept", MANIFESTS)
                .method("HEAD", HttpRequest.BodyPublishers.noBody());
        authorization.ifPresent(value -> request.header("Authorization", value));
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding());
    }

    /** The account's, or a token that the registry gives to everybody or to that account. */
    private Optional<String> authorization(Site site, HttpResponse<Void> refusal)
            throws IOException, InterruptedException {
        Optional<String> basic = site.setting("registry-user")
                .map(user -> user + ":" + site.setting("registry-password").orElse(""))
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
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(realm + "?" + query))
                .timeout(REQUEST)
                .GET();
        basic.ifPresent(value -> request.header("Authorization", value));
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            return Optional.empty();
        }
        JsonNode body = json.readTree(answer.body());
        String token = body.path("token").asText(body.path("access_token").asText(""));
        return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    }

    /** As container engines read a repository: without a registry it is Docker Hub's, and only this machine's speaks plain HTTP. */
    private static String base(Image image) {
        String repository = image.repository();
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
        String host = named ? first : "registry-1.docker.io";
        String path = named ? repository.substring(slash + 1) : slash < 0 ? "library/" + repository : repository;
        String scheme = host.matches("(localhost|127\\.\\d+\\.\\d+\\.\\d+)(:\\d+)?") ? "http" : "https";
        return scheme + "://" + host + "/v2/" + path;
    }
}
