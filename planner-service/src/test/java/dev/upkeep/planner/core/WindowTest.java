package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void reachesOverMidnightFromADayOnWhichItOpens() {
        Window sunday = new Window(Set.of(DayOfWeek.SUNDAY), LocalTime.of(22, 0), LocalTime.of(4, 0), BERLIN);

        assertThat(sunday.contains(Instant.parse("2026-01-04T21:00:00Z"))).isTrue();
        assertThat(sunday.contains(Instant.parse("2026-01-05T02:59:59Z"))).isTrue();
        assertThat(sunday.contains(Instant.parse("2026-01-05T03:00:00Z"))).isFalse();
        assertThat(sunday.contains(Instant.parse("2026-01-04T02:00:00Z"))).isFalse();
    }

    @Test
    void opensAtTheSameLocalTimeBeforeAndAfterTheClocksChange() {
        Window daily = new Window(Set.of(DayOfWeek.values()), LocalTime.of(1, 0), LocalTime.of(5, 0), BERLIN);

        assertThat(daily.nextOpening(Instant.parse("2026-03-28T12:00:00Z"))).isEqualTo("2026-03-29T00:00:00Z");
        assertThat(daily.nextOpening(Instant.parse("2026-03-29T12:00:00Z"))).isEqualTo("2026-03-29T23:00:00Z");
    }

    @Test
    void opensLaterOnTheDayOnWhichItsTimeIsSkipped() {
        Window skipped = new Window(Set.of(DayOfWeek.SUNDAY), LocalTime.of(2, 30), LocalTime.of(5, 0), BERLIN);

        assertThat(skipped.nextOpening(Instant.parse("2026-03-28T12:00:00Z"))).isEqualTo("2026-03-29T01:30:00Z");
    }
}
