package dev.upkeep.notifier.channel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.EventId;
import dev.upkeep.notifier.core.Message;
import dev.upkeep.notifier.core.Message.Advice;
import dev.upkeep.notifier.core.Message.Fact;
import dev.upkeep.notifier.core.Message.Reason;
import dev.upkeep.notifier.core.Message.Tone;
import dev.upkeep.notifier.core.Notice;
import dev.upkeep.notifier.core.Outcome;
import dev.upkeep.notifier.core.Outcome.Accepted;
import dev.upkeep.notifier.core.Outcome.Refused;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every channel keeps to, seen at a real far end. */
public abstract class ChannelContract {
    /** The channel under test, its far end well. */
    protected abstract Channel channel();

    /** Where a notice can go. */
    protected abstract String good();

    /** Where none can go, now or ever. */
    protected abstract String gone();

    /** Makes the far end ask to come back later. */
    protected abstract void makeBusy();

    /** Makes the far end go away. */
    protected abstract void stop();

    /** Every notice that arrived, as text, in which its id and its words are found. */
    protected abstract List<String> arrived();

    @Test
    public void bringsTheWholeMessageToTheFarEnd() throws InterruptedException {
        // When
        Outcome outcome = channel().deliver(notice(good()));

        // Then
        assertThat(outcome).isEqualTo(new Accepted());
        assertThat(arrived())
                .singleElement()
                .satisfies(text -> assertThat(text)
                        .contains("n-0123")
                        .contains("acme is held")
                        .contains("19.8 %")
                        .contains("upkeep hold resolve u-7 --way retry"));
    }

    @Test
    public void saysThatItIsForGoodWhenTheFarEndRefuses() throws InterruptedException {
        // Given
        String to = gone();

        // When
        Outcome outcome = channel().deliver(notice(to));

        // Then
        assertThat(outcome).isInstanceOf(Refused.class);
        assertThat(arrived()).isEmpty();
    }

    @Test
    public void saysThatItMayWorkLaterWhenTheFarEndIsBusy() throws InterruptedException {
        // Given
        makeBusy();

        // When
        Outcome outcome = channel().deliver(notice(good()));

        // Then
        assertThat(outcome).isInstanceOf(Unavailable.class);
        assertThat(arrived()).isEmpty();
    }

    @Test
    public void saysThatItMayWorkLaterWhenNobodyAnswers() throws InterruptedException {
        // Given
        stop();

        // When
        Outcome outcome = channel().deliver(notice(good()));

        // Then
        assertThat(outcome).isInstanceOf(Unavailable.class);
    }

    @Test
    public void carriesTheSameIdWhenItIsRepeated() throws InterruptedException {
        // When
        channel().deliver(notice(good()));
        channel().deliver(notice(good()));

        // Then
        assertThat(arrived()).hasSize(2).allSatisfy(text -> assertThat(text).contains("n-0123"));
    }

    @Test
    public void takesAGoodDestinationAndSaysWhatIsWrongWithABadOne() {
        assertThat(channel().check(good())).isEmpty();
        assertThat(channel().check("to whom it may concern"))
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.fix()).isNotBlank());
    }

    /** A notice with everything in it, and with characters that markup would stumble over. */
    protected final Notice notice(String to) {
        return new Notice(
                "n-0123",
                new EventId("e-1"),
                "acme",
                "ops",
                channel().name(),
                to,
                new Message(
                        Tone.URGENT,
                        "ACTION NEEDED: acme is held on its way to inkwell 1.2.0",
                        "u-7",
                        "The upgrade waits for a person: <script>alert(1)</script> & more.",
                        List.of(new Fact("Tenant", "acme")),
                        List.of(new Reason("error-ratio", "at most 2 %", "19.8 % (412 of 2080)")),
                        List.of(new Advice("retry: runs the step again", "upkeep hold resolve u-7 --way retry"))),
                Optional.empty());
    }
}
