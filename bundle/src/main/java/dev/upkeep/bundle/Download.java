package dev.upkeep.bundle;

import dev.upkeep.bundle.BundleRefused.Why;
import dev.upkeep.contract.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Fetches one file over HTTP by its digest: three tries, each with a deadline for all of it. */
final class Download {
    private static final Duration HEADERS = Duration.ofSeconds(30);
    private static final Duration WHOLE = Duration.ofHours(1);

    private Download() {}

    static void to(URI location, Digest digest, Path file) throws BundleRefused, InterruptedException {
        if (!"http".equals(location.getScheme()) && !"https".equals(location.getScheme())) {
            throw new BundleRefused(
                    Why.NOT_FETCHED, "nothing here fetches " + location, "write it as file:, http:, https: or oci:");
        }
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(HEADERS)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(location).timeout(HEADERS).GET().build();
            Attempts.of(location.toString(), WHOLE, () -> {
                HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream body = answer.body();
                        OutputStream out = Files.newOutputStream(file)) {
                    if (answer.statusCode() >= 500 || answer.statusCode() == 429) {
                        throw new IOException("status " + answer.statusCode());
                    }
                    Digest got = answer.statusCode() == 200
                            ? Sha256.copy(body, out, Limits.FILE).digest()
                            : Sha256.of(new byte[0]);
                    if (!got.equals(digest)) {
                        throw new BundleRefused(
                                Why.NOT_FETCHED,
                                location + " answered " + answer.statusCode() + " with " + got + "; the release says "
                                        + digest,
                                "put the right file there, or correct the release");
                    }
                }
                return true;
            });
        }
    }
}
