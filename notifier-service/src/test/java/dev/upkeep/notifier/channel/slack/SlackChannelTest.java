package dev.upkeep.notifier.channel.slack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.notifier.channel.Channel;
import dev.upkeep.notifier.channel.ChannelContract;
import dev.upkeep.notifier.channel.Webhook;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Slack channel at a real HTTP endpoint. */
class SlackChannelTest extends ChannelContract {
    private final Webhook webhook = new Webhook();
    private final SlackChannel channel = new SlackChannel(Duration.ofSeconds(2));

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
