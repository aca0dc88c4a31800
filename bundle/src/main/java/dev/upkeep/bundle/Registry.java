package dev.upkeep.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One registry, by the OCI distribution protocol: what is fetched is checked against its digest, what is pushed is pushed
 * whole and only if it is not there.
 *
 * <p>Failure: each request is tried three times, each with a deadline; a registry that answers with a 5xx, a 429 or not at
 * all is {@link Why#REGISTRY_DOWN}, one that refuses the account {@link Why#FORBIDDEN}, what it does not have is
 * {@link Why#NOT_FETCHED}.
 */
final class Registry {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SHORT = Duration.ofSeconds(30);
    /** What a line must at least carry, so that a large layer has the time that it needs and no more. */
    private static final long BYTES_A_SECOND = 256 << 10;

    private static final int REDIRECTS = 3;
    private static final Set<Integer> MOVED = Set.of(301, 302, 303, 307, 308);
    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127\\.\\d+\\.\\d+\\.\\d+)(:\\d+)?");
    private static final Pattern CHALLENGE = Pattern.compile("(realm|service|scope)=\"([^\"]*)\"");

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String host;
    private final String base;
    private final Optional<Access> access;
    private final Map<String, String> authorizations = new ConcurrentHashMap<>();

    /** @param host with its port; only this machine's speaks plain HTTP */
    Registry(String host, Optional<Access> access) {
        this.host = host;
        this.base = (LOOPBACK.matcher(host).matches() ? "http" : "https") + "://" + host;
        this.access = access;
    }

    // ---- what is there

    /** The digest of what a tag or digest names; nothing if it names nothing. */
    Optional<Digest> manifestAt(String repository, String reference) throws BundleRefused, InterruptedException {
        return trying(SHORT, () -> {
            HttpResponse<InputStream> answer = send(
                    repository,
                    "pull",
                    request("/v2/" + repository + "/manifests/" + reference)
                            .header("Accept", String.join(", ", OciManifest.TYPES))
                            .method("HEAD", BodyPublishers.noBody()));
            discard(answer);
            return switch (answer.statusCode()) {
                case 200 ->
                    answer.headers()
                            .firstValue("docker-content-digest")
                            .or(() -> Optional.of(reference).filter(r -> r.startsWith("sha256:")))
                            .map(Registry::digest);
                case 404 -> Optional.empty();
                default -> throw unexpected(answer);
            };
        });
    }

    /** An image's index or manifest, byte for byte. */
    Fetched manifest(String repository, Digest digest) throws BundleRefused, InterruptedException {
        return trying(SHORT, () -> {
            HttpResponse<InputStream> answer = send(
                    repository,
                    "pull",
                    request("/v2/" + repository + "/manifests/" + digest)
                            .header("Accept", String.join(", ", OciManifest.TYPES))
                            .GET());
            try (InputStream body = answer.body()) {
                found(answer, repository + "@" + digest);
                byte[] bytes = body.readNBytes(Limits.DOCUMENT + 1);
                check(repository, digest, Sha256.of(bytes));
                return new Fetched(
                        bytes,
                        answer.headers()
                                .firstValue("content-type")
                                .orElse("")
                                .split(";")[0]
                                .strip());
            }
        });
    }

    /** A manifest and the type that the registry says it has. */
    record Fetched(byte[] bytes, String mediaType) {}

    /** Writes a layer or a configuration to a file. */
    void blob(String repository, Digest digest, long size, Path to) throws BundleRefused, InterruptedException {
        trying(span(size), () -> {
            HttpResponse<InputStream> answer = send(
                    repository,
                    "pull",
                    request("/v2/" + repository + "/blobs/" + digest).GET());
            try (InputStream body = answer.body();
                    OutputStream out = Files.newOutputStream(to)) {
                found(answer, repository + "@" + digest);
                check(repository, digest, Sha256.copy(body, out, size).digest());
            }
            return true;
        });
    }

    private boolean hasBlob(String repository, Digest digest) throws BundleRefused, InterruptedException {
        return trying(SHORT, () -> {
            HttpResponse<InputStream> answer = send(
                    repository,
                    "pull,push",
                    request("/v2/" + repository + "/blobs/" + digest).method("HEAD", BodyPublishers.noBody()));
            discard(answer);
            return switch (answer.statusCode()) {
                case 200 -> true;
                case 404 -> false;
                default -> throw unexpected(answer);
            };
        });
    }

    // ---- what is brought

    /** Pushes a layer or a configuration in one piece; whether it had to. */
    boolean push(String repository, Digest digest, Path file) throws BundleRefused, InterruptedException {
        if (hasBlob(repository, digest)) {
            return false;
        }
        return trying(span(size(file)), () -> {
            HttpResponse<InputStream> begun = send(
                    repository,
                    "pull,push",
                    request("/v2/" + repository + "/blobs/uploads/").POST(BodyPublishers.noBody()));
            discard(begun);
            if (begun.statusCode() != 202) {
                throw unexpected(begun);
            }
            URI upload = begun.uri()
                    .resolve(begun.headers()
                            .firstValue("location")
                            .orElseThrow(() -> new IOException("it began an upload and did not say where")));
            if (!begun.uri().getScheme().equals(upload.getScheme())
                    || !host(begun.uri()).equals(host(upload))) {
                throw new IOException("it wants the upload sent elsewhere: " + host(upload));
            }
            HttpResponse<InputStream> done = send(
                    repository,
                    "pull,push",
                    HttpRequest.newBuilder(
                                    URI.create(upload + (upload.getQuery() == null ? "?" : "&") + "digest=" + digest))
                            .timeout(span(size(file)))
                            .header("Content-Type", "application/octet-stream")
                            .PUT(BodyPublishers.ofFile(file)));
            discard(done);
            if (done.statusCode() != 201) {
                throw unexpected(done);
            }
            return true;
        });
    }

    /** Pushes an index or a manifest under its digest or under a tag. */
    void push(String repository, String reference, String mediaType, byte[] manifest)
            throws BundleRefused, InterruptedException {
        trying(SHORT, () -> {
            HttpResponse<InputStream> answer = send(
                    repository,
                    "pull,push",
                    request("/v2/" + repository + "/manifests/" + reference)
                            .header("Content-Type", mediaType)
                            .PUT(BodyPublishers.ofByteArray(manifest)));
            discard(answer);
            if (answer.statusCode() != 201) {
                throw unexpected(answer);
            }
            return true;
        });
    }

    // ---- one request

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(SHORT);
    }

    /** Sends with what the registry asked for the last time; asked for more, gets it and sends again. */
    private HttpResponse<InputStream> send(String repository, String actions, HttpRequest.Builder request)
            throws IOException, InterruptedException, BundleRefused {
        String scope = repository + ":" + actions;
        String known = authorizations.get(scope);
        if (known != null) {
            request.setHeader("Authorization", known);
        }
        HttpResponse<InputStream> answer = follow(request.build());
        if (answer.statusCode() == 401) {
            discard(answer);
            Optional<String> authorization = authorization(answer);
            if (authorization.isPresent()) {
                authorizations.put(scope, authorization.get());
                request.setHeader("Authorization", authorization.get());
                answer = follow(request.build());
            }
        }
        if (answer.statusCode() == 401 || answer.statusCode() == 403) {
            discard(answer);
            authorizations.remove(scope);
            throw new BundleRefused(
                    Why.FORBIDDEN,
                    host + " answered " + answer.statusCode() + " to "
                            + answer.request().method() + " of " + repository
                            + (access.isPresent() ? " by " + access.get().user() : " by nobody"),
                    "give --user and --password of an account that may " + actions + " there");
        }
        return answer;
    }

    /** A registry may keep its layers elsewhere; who keeps them is not told who asks. */
    private HttpResponse<InputStream> follow(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        for (int i = 0;
                i < REDIRECTS
                        && MOVED.contains(answer.statusCode())
                        && request.method().equals("GET");
                i++) {
            discard(answer);
            URI from = answer.uri();
            URI to = from.resolve(answer.headers()
                    .firstValue("location")
                    .orElseThrow(() -> new IOException("it says that it moved, and not where to")));
            if (from.getScheme().equals("https") && !"https".equals(to.getScheme())) {
                throw new IOException("it leads from https to " + to.getScheme());
            }
            HttpRequest.Builder next = HttpRequest.newBuilder(to).timeout(SHORT).GET();
            if (host(from).equals(host(to))) {
                request.headers().firstValue("Authorization").ifPresent(value -> next.header("Authorization", value));
            }
            answer = http.send(next.build(), HttpResponse.BodyHandlers.ofInputStream());
        }
        return answer;
    }

    /** The account's own, or a token that the registry's token service gives to it or to everybody. */
    private Optional<String> authorization(HttpResponse<InputStream> refusal) throws IOException, InterruptedException {
        String challenge = refusal.headers().firstValue("www-authenticate").orElse("");
        if (!challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return access.map(Access::basic);
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
        if (base.startsWith("https:") && !realm.startsWith("https:")) {
            throw new IOException("its token service is not reached by https: " + realm);
        }
        HttpRequest.Builder ask =
                request("").uri(URI.create(realm + "?" + query)).GET();
        access.ifPresent(a -> ask.header("Authorization", a.basic()));
        HttpResponse<InputStream> answer = http.send(ask.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            byte[] bytes = body.readNBytes(Limits.DOCUMENT);
            if (answer.statusCode() != 200) {
                return Optional.empty();
            }
            JsonNode token = Json.any("the token service's answer", bytes);
            String text = token.path("token").asText(token.path("access_token").asText(""));
            return text.isEmpty() ? Optional.empty() : Optional.of("Bearer " + text);
        } catch (BundleRefused e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    // ---- small things

    private <T> T trying(Duration limit, Callable<T> work) throws BundleRefused, InterruptedException {
        return Attempts.of("registry " + host, limit, work);
    }

    private static Duration span(long size) {
        return SHORT.multipliedBy(2).plusSeconds(size / BYTES_A_SECOND);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void found(HttpResponse<InputStream> answer, String what) throws IOException, BundleRefused {
        if (answer.statusCode() == 404) {
            throw new BundleRefused(
                    Why.NOT_FETCHED, host + " has no " + what, "push it there, or correct the release's digest");
        }
        if (answer.statusCode() != 200) {
            throw unexpected(answer);
        }
    }

    private void check(String repository, Digest wanted, Digest got) throws BundleRefused {
        if (!wanted.equals(got)) {
            throw new BundleRefused(
                    Why.NOT_FETCHED,
                    host + " answered " + got + " to " + repository + "@" + wanted,
                    "mend the registry: it keeps something else under this digest");
        }
    }

    private static IOException unexpected(HttpResponse<?> answer) {
        return new IOException("status " + answer.statusCode() + " to "
                + answer.request().method() + " of " + answer.uri().getPath());
    }

    private static void discard(HttpResponse<InputStream> answer) throws IOException {
        answer.body().close();
    }

    private static String host(URI uri) {
        return uri.getHost() + ":" + uri.getPort();
    }

    private static Digest digest(String text) {
        try {
            return new Digest(text);
        } catch (IllegalArgumentException otherAlgorithm) {
            return new Digest("sha256:" + "0".repeat(64));
        }
    }
}
