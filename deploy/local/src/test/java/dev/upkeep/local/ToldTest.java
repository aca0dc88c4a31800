package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ToldTest {
    private static final Told TOLD = new Told(
            List.of("finch runs inkwell 1.1.0", "rehearse is back on inkwell 1.1.0: 1.2.0 was rolled back"),
            List.of("ℹ️ finch runs inkwell 1.1.0", "🚨 ACTION NEEDED: the rollout was stopped"));

    @Test
    void showsATextThatBothChannelsCarriedOnce() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        TOLD.print(
                new Terminal(new PrintStream(out, true, StandardCharsets.UTF_8), null, false),
                Path.of("/d/mail"),
                Path.of("/d/slack.jsonl"));

        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""

                Told: 2 mails, kept in /d/mail, and 2 Slack messages, kept in /d/slack.jsonl
                  mail  Slack  finch runs inkwell 1.1.0
                  mail         rehearse is back on inkwell 1.1.0: 1.2.0 was rolled back
                        Slack  ACTION NEEDED: the rollout was stopped
                """);
    }

    @Test
    void knowsWhichChannelToldOfTheWayBack() {
        assertThat(TOLD.mailedOfTheWayBack("rehearse")).isTrue();
        assertThat(TOLD.postedOfTheWayBack("rehearse")).isFalse();
        assertThat(TOLD.ofTheWayBack("rehearse")).isFalse();
        assertThat(TOLD.mailedOfTheWayBack("finch")).isFalse();
    }
}
