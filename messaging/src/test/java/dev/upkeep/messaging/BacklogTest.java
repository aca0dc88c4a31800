package dev.upkeep.messaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.messaging.Backlog.Offsets;
import dev.upkeep.messaging.Backlog.Part;
import dev.upkeep.messaging.Backlog.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Part FIRST = new Part("results", "upkeep.results", 0);
    private static final Part SECOND = new Part("results", "upkeep.results", 1);

    private final Backlog backlog = new Backlog();

    @Test
    void aLongQueueThatMovesDoesNotStandStill() {
        look(0, new Offsets(0, 5_000));

        assertThat(look(30, new Offsets(2_000, 9_000))).isEqualTo(new Waiting(7_000, Duration.ZERO));
        assertThat(look(40, new Offsets(2_000, 9_000))).isEqualTo(new Waiting(7_000, Duration.ofSeconds(10)));
    }

    @Test
    void oneRecordThatNobodyTakesStandsStill() {
        look(0, new Offsets(7, 8));

        assertThat(look(61, new Offsets(7, 8))).isEqualTo(new Waiting(1, Duration.ofSeconds(61)));
    }

    @Test
    void anEmptyQueueNeverStandsStillAndItsFirstRecordWaitsFromWhenItWasSeen() {
        look(0, new Offsets(7, 7));

        assertThat(look(600, new Offsets(7, 7))).isEqualTo(new Waiting(0, Duration.ZERO));
        assertThat(look(605, new Offsets(7, 8))).isEqualTo(new Waiting(1, Duration.ofSeconds(5)));
    }

    @Test
    void aPartitionThatStandsStillShowsThroughOthersThatMove() {
        backlog.look(START, Map.of(FIRST, new Offsets(0, 10), SECOND, new Offsets(0, 10)));

        assertThat(backlog.look(START.plusSeconds(70), Map.of(FIRST, new Offsets(10, 20), SECOND, new Offsets(0, 10))))
                .isEqualTo(Map.of("results", new Waiting(20, Duration.ofSeconds(70))));
    }

    private Waiting look(int second, Offsets offsets) {
        return backlog.look(START.plusSeconds(second), Map.of(FIRST, offsets)).get("results");
    }
}
