package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import dev.upkeep.executor.driver.Secrets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SayableTest {
    private static final String LONG = "a".repeat(700_000) + "z".repeat(700_000);
    private static final String SHORTENED = "a".repeat(4_000) + "…" + "z".repeat(4_000);

    private static String text(String text) {
        return Sayable.text(text, new Secrets(Map.of()));
    }

    private static Outcome said(Outcome outcome) {
        return Sayable.of(outcome, new Secrets(Map.of()));
    }

    @Test
    void keepsTheBeginningAndTheEndOfATextThatIsTooLong() {
        assertThat(said(Failed.forGood(Failure.MIGRATION_FAILED, LONG, LONG)))
                .isEqualTo(Failed.forGood(Failure.MIGRATION_FAILED, SHORTENED, SHORTENED));
        assertThat(said(new Uncertain(LONG))).isEqualTo(new Uncertain(SHORTENED));
        assertThat(said(new Done(Map.of("migrations.ran", LONG, Fact.DRY_RUN_DIFF, LONG), LONG)))
                .isEqualTo(new Done(Map.of("migrations.ran", SHORTENED, Fact.DRY_RUN_DIFF, SHORTENED), SHORTENED));
    }

    @Test
    void leavesAloneWhatCanBeSaid() {
        Outcome done = new Done(Map.of(Fact.MIGRATIONS_BEFORE, "20260101000000,".repeat(1_000)), "ä".repeat(8_000));

        assertThat(said(done)).isEqualTo(done);
    }

    @Test
    void tellsANulThatNoDatabaseTakesAsAReplacementCharacter() {
        assertThat(said(Failed.forGood(Failure.MIGRATION_FAILED, "a\0b", "c\0")))
                .isEqualTo(Failed.forGood(Failure.MIGRATION_FAILED, "a\uFFFDb", "c\uFFFD"));
        assertThat(said(new Uncertain("\0"))).isEqualTo(new Uncertain("\uFFFD"));
        assertThat(said(new Done(Map.of("a\0", "b\0"), "c\0")))
                .isEqualTo(new Done(Map.of("a\uFFFD", "b\uFFFD"), "c\uFFFD"));
    }

    @Test
    void neverCutsACharacterInTwo() {
        String text = text("a".repeat(3_999) + "😀".repeat(5_000) + "a".repeat(3_999));

        assertThat(text).isEqualTo("a".repeat(3_999) + "…" + "a".repeat(3_999));
    }

    @Test
    void refusesFactsThatALaterStepReadsRatherThanCuttingThem() {
        Outcome said = said(new Done(Map.of(Fact.MIGRATIONS_BEFORE, "1,".repeat(60_000)), "read the schema"));

        assertThat(said).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(Failure.DRIVER_FAULT);
            assertThat(failed.retryable()).isFalse();
            assertThat(failed.reason()).contains("120017", "read the schema").hasSizeLessThan(8_100);
        });
    }

    @Test
    void takesOutTheSecretsThatTheStepWasGivenHoweverTheyAreWritten() {
        Secrets secrets = new Secrets(Map.of("PASSWORD", "k\u00e4n\"ary/5ecret", "PIN", "77"));
        secrets.resolve("env:PASSWORD");
        secrets.resolve("env:PIN");
        String everyForm = "k\u00e4n\"ary/5ecret k%C3%A4n%22ary%2F5ecret a8OkbiJhcnkvNWVjcmV0 k\u00e4n\\\"ary/5ecret";

        String masked = "[env:PASSWORD] [env:PASSWORD] [env:PASSWORD] [env:PASSWORD]";
        assertThat(Sayable.of(Failed.forGood(Failure.TASK_FAILED, everyForm, everyForm), secrets))
                .isEqualTo(Failed.forGood(Failure.TASK_FAILED, masked, masked));
        assertThat(Sayable.of(new Uncertain(everyForm), secrets)).isEqualTo(new Uncertain(masked));
        assertThat(Sayable.of(new Done(Map.of("fact", everyForm, Fact.DRY_RUN_DIFF, everyForm), everyForm), secrets))
                .isEqualTo(new Done(Map.of("fact", masked, Fact.DRY_RUN_DIFF, masked), masked));
        // Two digits stand everywhere by chance, such as in a digest.
        assertThat(Sayable.of(new Done(Map.of("fact", "sha256:7712"), "77 rows"), secrets))
                .isEqualTo(new Done(Map.of("fact", "sha256:7712"), "77 rows"));
    }

    @Test
    void takesASecretOutBeforeItCutsTheTextThroughIt() {
        Secrets secrets = new Secrets(Map.of("PASSWORD", "a-canary-secret"));
        secrets.resolve("env:PASSWORD");
        String cutThrough = "x".repeat(3_995) + "a-canary-secret" + "y".repeat(9_000);

        assertThat(((Uncertain) Sayable.of(new Uncertain(cutThrough), secrets)).reason())
                .doesNotContain("a-can");
    }

    @Test
    void leavesAloneWhatAnotherStepWasGiven() {
        Secrets secrets = new Secrets(Map.of("PASSWORD", "a-canary-secret"));
        secrets.resolve("env:PASSWORD");

        assertThat(Sayable.of(new Uncertain("a-canary-secret"), secrets.ofOneStep()))
                .isEqualTo(new Uncertain("a-canary-secret"));
    }
}
