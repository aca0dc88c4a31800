package dev.upkeep.notifier.channel.slack;

import dev.upkeep.notifier.channel.Bounded;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.core.Outcome;
import dev.upkeep.notifier.core.Outcome.Accepted;
import dev.upkeep.notifier.core.Outcome.Refused;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import dev.upkeep.secrets.References;
import dev.upkeep.secrets.Unresolved;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Posts a notice to a Slack incoming webhook, with blocks, and a text for notifications and screen readers.
 *
 * <p>Slack has no id by which it would drop a repetition; the notice's id is shown in the last line. The webhook's URL
 * is a secret: it never comes into an outcome or a log.
 */
@ApplicationScoped
class SlackChannel implements Channel {
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

    private final HttpClient http;
    private final Duration timeout;
    private final References references;

    SlackChannel(
            @ConfigProperty(name = "upkeep.notifier.slack.timeout", defaultValue = "PT10S") Duration timeout,
            References references) {
        this.timeout = timeout;
        this.references = references;
        // A redirect is not followed: it could lead a notice to a host that nobody subscribed.
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    @Override
    public ChannelName name() {
        return ChannelName.SLACK;
    }

    @Override
    public List<Refusal> check(String to) {
        return References.is(to) || url(to) != null
                ? List.of()
                : List.of(
                        new Refusal(
                                "this is no webhook's URL",
                                "give the whole https:// URL of the incoming webhook, or env:NAME, file:/path or vault:MOUNT/PATH#FIELD where it is"));
    }

    @Override
    public Outcome deliver(Notice notice) throws InterruptedException {
        return Bounded.run(PATIENCE, () -> post(notice));
    }

    private Outcome post(Notice notice) throws InterruptedException {
        String resolved;
        try {
            resolved = references.resolve(notice.to()).strip();
        } catch (Unresolved e) {
            // Also where it is missing: whoever set the reference up is about to put it there.
            return new Unavailable(String.valueOf(e.getMessage()), Duration.ZERO);
        }
        URI url = url(resolved);
        if (url == null) {
            return new Refused("what the subscription names is no webhook's URL");
        }
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/json; charset=utf-8")
                .POST(HttpRequest.BodyPublishers.ofByteArray(SlackPage.of(notice)))
                .build();
        try {
            return outcome(http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            return new Unavailable("the webhook did not answer: " + e.getClass().getSimpleName(), Duration.ZERO);
        }
    }

    private static Outcome outcome(HttpResponse<String> response) {
        int status = response.statusCode();
        String answer = status + " " + brief(response.body());
        if (status >= 200 && status < 300) {
            return new Accepted();
        }
        if (status == 429 || status == 408 || status >= 500) {
            Duration wait = response.headers()
                    .firstValue("Retry-After")
                    .map(SlackChannel::seconds)
                    .orElse(Duration.ZERO);
            return new Unavailable("the webhook asks to wait: " + answer, wait);
        }
        return new Refused("the webhook refused it: " + answer);
    }

    private static Duration seconds(String header) {
        return header.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(header)) : Duration.ZERO;
    }

    private static String brief(String body) {
        String line = body.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.length() <= 200 ? line : line.substring(0, 200) + "…";
    }

    /** Encrypted, unless it does not leave this machine. */
    private static @Nullable URI url(String text) {
        try {
            URI url = new URI(text);
            boolean whole = url.getHost() != null && !text.contains("…");
            boolean safe = "https".equals(url.getScheme())
                    || "http".equals(url.getScheme()) && LOOPBACK.contains(url.getHost());
            return whole && safe ? url : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
