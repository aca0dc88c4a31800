package dev.upkeep.notifier.channel.slack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.channel.ChannelContract;
import dev.upkeep.notifier.channel.Webhook;
import dev.upkeep.notifier.core.Outcome.Accepted;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import dev.upkeep.secrets.References;
import dev.upkeep.testing.VaultDouble;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Slack channel at a real HTTP endpoint. */
class SlackChannelTest extends ChannelContract {
    private final Webhook webhook = new Webhook();
    private final SlackChannel channel = channel(new References(Map.of(), Optional.empty()));

    private static SlackChannel channel(References references) {
        return new SlackChannel(Duration.ofSeconds(2), references);
    }

    @AfterEach
    void end() {
        webhook.close();
    }

    @Override
    protected Channel channel() {
        return channel;
    }

    @Override
    protected String good() {
        return webhook.good();
    }

    @Override
    protected String gone() {
        return webhook.gone();
    }

    @Override
    protected void makeBusy() {
        webhook.busy(1);
    }

    @Override
    protected void stop() {
        webhook.close();
    }

    @Override
    protected List<String> arrived() {
        return webhook.posts();
    }

    @Test
    void isMadeOfBlocksThatNothingInTheEventCanBreak() throws Exception {
        // When
        channel.deliver(notice(good()));

        // Then
        JsonNode page = new ObjectMapper().readTree(webhook.posts().getFirst());
        assertThat(page.path("text").asText()).contains("acme is held");
        assertThat(page.path("blocks").findValuesAsText("type")).contains("header", "section", "context");
        assertThat(page.toString()).contains("&lt;script&gt;").doesNotContain("<script>");
    }

    @Test
    void looksAReferenceUpWhenItIsUsed(@TempDir Path directory) throws Exception {
        // Given
        Path secret = Files.writeString(directory.resolve("webhook"), webhook.good() + "\n");

        // When
        channel.deliver(notice("file:" + secret));
        var missing = channel.deliver(notice("file:" + directory.resolve("nothing")));

        // Then
        assertThat(webhook.posts()).hasSize(1);
        assertThat(missing)
                .isInstanceOfSatisfying(
                        Unavailable.class, u -> assertThat(u.reason()).contains("can't be read"));
    }

    @Test
    void looksAReferenceUpInAVault(@TempDir Path directory) throws Exception {
        // Given
        Path token = Files.writeString(directory.resolve("token"), "hvs.notifier");
        try (VaultDouble vault = VaultDouble.started()
                .mount("kv", 2)
                .token("hvs.notifier", "kv/slack")
                .put("kv", "slack/acme", Map.of("webhook", webhook.good()))) {
            Map<String, String> settings = Map.of(
                    "upkeep.vault.address", vault.address().toString(), "upkeep.vault.token-file", token.toString());
            SlackChannel reading = channel(References.of(Map.of(), name -> Optional.ofNullable(settings.get(name))));

            // When
            var delivered = reading.deliver(notice("vault:kv/slack/acme#webhook"));
            vault.seal();
            var later = reading.deliver(notice("vault:kv/slack/acme#webhook"));

            // Then
            assertThat(delivered).isInstanceOf(Accepted.class);
            assertThat(webhook.posts()).hasSize(1);
            assertThat(later)
                    .isInstanceOfSatisfying(
                            Unavailable.class, u -> assertThat(u.reason()).contains("is sealed"));
        }
        assertThat(channel.check("vault:kv/slack/acme#webhook")).isEmpty();
    }

    @Test
    void waitsAsLongAsItIsAsked() throws InterruptedException {
        // Given
        webhook.busy(1);

        // When, Then
        assertThat(channel.deliver(notice(good())))
                .isInstanceOfSatisfying(
                        Unavailable.class, u -> assertThat(u.atLeast()).isEqualTo(Duration.ofSeconds(1)));
    }

    @Test
    void refusesAWebhookThatWouldSendNoticesInTheClear() {
        assertThat(channel.check("http://hooks.example.com/services/x")).hasSize(1);
        assertThat(channel.check("https://hooks.example.com/services/x")).isEmpty();
        assertThat(channel.check("env:SLACK_WEBHOOK")).isEmpty();
    }
}
