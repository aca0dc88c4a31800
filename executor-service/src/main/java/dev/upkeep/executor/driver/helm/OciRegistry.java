package dev.upkeep.executor.driver.helm;

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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fetches charts from a registry, by the OCI distribution protocol; every byte is checked against its digest. */
final class OciRegistry {
    private static final String CHART = "application/vnd.cncf.helm.config.v1+json";
    private static final String CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    private static final String MANIFESTS = String.join(
            ", ",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.docker.distribution.manifest.list.v2+json");
    private static final Pattern CHALLENGE = Pattern.compile("(realm|service|scope)=\"([^\"]*)\"");
    private static final Pattern LOCAL = Pattern.compile("(localhost|127\\.\\d+\\.\\d+\\.\\d+)(:\\d+)?");
    private static final Duration REQUEST = Duration.ofSeconds(30);
    private static final int TRIES = 3;
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final ObjectMapper json = new ObjectMapper();

    /**
     * Fetches what a reference names, if it is a chart.
     *
     * @param repository with its registry: {@code registry.example/charts/app}
     * @param reference a digest, or a tag
     * @return whether it is a chart: else nothing was fetched
     */
    boolean fetch(Site site, String repository, String reference, Path file) throws InterruptedException {
        byte[] bytes = get(site, repository, "/manifests/" + reference, MANIFESTS);
        if (reference.startsWith("sha256:")) {
            checkDigest(repository + "@" + reference, reference, bytes);
        }
        try {
            JsonNode manifest = json.readTree(bytes);
            if (!manifest.path("config").path("mediaType").asText().equals(CHART)) {
                return false;
            }
            for (JsonNode layer : manifest.path("layers")) {
                if (layer.path("mediaType").asText().equals(CONTENT)) {
                    String digest = layer.path("digest").asText();
                    byte[] content = get(site, repository, "/blobs/" + digest, "*/*");
                    checkDigest(repository + "@" + digest, digest, content);
                    Files.write(file, content);
                    return true;
                }
            }
        } catch (IOException e) {
            throw unreadable(repository, reference, e);
        }
        throw unreadable(repository, reference, new IOException("it has no layer that is a chart"));
    }

    private static void checkDigest(String what, String digest, byte[] bytes) {
        String found = "sha256:" + Site.sha256(bytes);
        if (!found.equals(digest)) {
            throw new Refused(Failed.forGood(
                    Failure.DIGEST_MISMATCH,
                    what + " has digest " + found,
                    "Find out what the registry gives out; publish a new release if its digest is wrong"));
        }
    }

    private byte[] get(Site site, String repository, String path, String accept) throws InterruptedException {
        URI uri = URI.create(base(repository) + path);
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<byte[]> answer = get(uri, accept, Optional.empty());
                if (answer.statusCode() == 401) {
                    answer = get(uri, accept, authorization(site, answer));
                }
                switch (answer.statusCode()) {
                    case 200 -> {
                        return answer.body();
                    }
                    case 404 ->
                        throw new Refused(Failed.retryable(
                                Failure.ARTIFACT_UNREACHABLE,
                                "the registry has no " + repository + path.replaceFirst("^/\\w+/", " "),
                                "Push the chart to its repository"));
                    case 401, 403 ->
                        throw new Refused(Failed.forGood(
                                Failure.FORBIDDEN,
                                uri + ": status " + answer.statusCode(),
                                "Give the component registry-user and registry-password of an account that may read"
                                        + " it"));
                    default -> throw new IOException("status " + answer.statusCode());
                }
            } catch (IOException e) {
                if (attempt == TRIES || site.work().left().isZero()) {
                    throw new Refused(
                            Failed.retryable(
                                    Failure.REGISTRY_DOWN,
                                    "registry of " + repository + ", asked " + attempt + " times: " + e,
                                    "Check that the registry runs and can be reached from the executor"),
                            e);
                }
                site.work().pause(BETWEEN.multipliedBy(attempt));
            }
        }
    }

    private HttpResponse<byte[]> get(URI uri, String accept, Optional<String> authorization)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(REQUEST)
                .header("Accept", accept)
                .GET();
        authorization.ifPresent(value -> request.header("Authorization", value));
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** The account's, or a token that the registry gives to everybody or to that account. */
    private Optional<String> authorization(Site site, HttpResponse<byte[]> refusal)
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
        HttpResponse<byte[]> answer = get(URI.create(realm + "?" + query), "*/*", basic);
        if (answer.statusCode() != 200) {
            return Optional.empty();
        }
        JsonNode body = json.readTree(answer.body());
        String token = body.path("token").asText(body.path("access_token").asText(""));
        return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    }

    /** Only this machine's speaks plain HTTP. */
    private static String base(String repository) {
        int slash = repository.indexOf('/');
        String host = slash < 0 ? repository : repository.substring(0, slash);
        String scheme = LOCAL.matcher(host).matches() ? "http" : "https";
        return scheme + "://" + host + "/v2/" + repository.substring(slash + 1);
    }

    private static Refused unreadable(String repository, String reference, IOException e) {
        return new Refused(
                Failed.forGood(
                        Failure.ARTIFACT_UNREACHABLE,
                        repository + " " + reference + " can't be read: " + e.getMessage(),
                        "Push the chart again, by helm push"),
                e);
    }
}
