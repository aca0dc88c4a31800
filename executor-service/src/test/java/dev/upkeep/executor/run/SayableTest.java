package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Outcome.Uncertain;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SayableTest {
    private static final String LONG = "a".repeat(700_000) + "z".repeat(700_000);
    private static final String SHORTENED = "a".repeat(4_000) + "…" + "z".repeat(4_000);

    @Test
    void keepsTheBeginningAndTheEndOfATextThatIsTooLong() {
        assertThat(Sayable.of(Failed.forGood(Failure.MIGRATION_FAILED, LONG, LONG)))
                .isEqualTo(Failed.forGood(Failure.MIGRATION_FAILED, SHORTENED, SHORTENED));
        assertThat(Sayable.of(new Uncertain(LONG))).isEqualTo(new Uncertain(SHORTENED));
        assertThat(Sayable.of(new Done(Map.of("migrations.ran", LONG, Fact.DRY_RUN_DIFF, LONG), LONG)))
                .isEqualTo(new Done(Map.of("migrations.ran", SHORTENED, Fact.DRY_RUN_DIFF, SHORTENED), SHORTENED));
    }

    @Test
    void leavesAloneWhatCanBeSaid() {
        Outcome done = new Done(Map.of(Fact.MIGRATIONS_BEFORE, "20260101000000,".repeat(1_000)), "ä".repeat(8_000));

        assertThat(Sayable.of(done)).isEqualTo(done);
    }

    @Test
    void tellsANulThatNoDatabaseTakesAsAReplacementCharacter() {
        assertThat(Sayable.of(Failed.forGood(Failure.MIGRATION_FAILED, "a\0b", "c\0")))
                .isEqualTo(Failed.forGood(Failure.MIGRATION_FAILED, "a\uFFFDb", "c\uFFFD"));
        assertThat(Sayable.of(new Uncertain("\0"))).isEqualTo(new Uncertain("\uFFFD"));
        assertThat(Sayable.of(new Done(Map.of("a\0", "b\0"), "c\0")))
                .isEqualTo(new Done(Map.of("a\uFFFD", "b\uFFFD"), "c\uFFFD"));
    }

    @Test
    void neverCutsACharacterInTwo() {
        String text = Sayable.text("a".repeat(3_999) + "😀".repeat(5_000) + "a".repeat(3_999));

        assertThat(text).isEqualTo("a".repeat(3_999) + "…" + "a".repeat(3_999));
    }

    @Test
    void refusesFactsThatALaterStepReadsRatherThanCuttingThem() {
        Outcome said = Sayable.of(new Done(Map.of(Fact.MIGRATIONS_BEFORE, "1,".repeat(60_000)), "read the schema"));

        assertThat(said).isInstanceOfSatisfying(Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(Failure.DRIVER_FAULT);
            assertThat(failed.retryable()).isFalse();
            assertThat(failed.reason()).contains("120017", "read the schema").hasSizeLessThan(8_100);
        });
    }
}
