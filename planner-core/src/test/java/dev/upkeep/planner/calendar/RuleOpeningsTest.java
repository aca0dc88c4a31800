package dev.upkeep.planner.calendar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.planner.core.Opening;
import dev.upkeep.planner.core.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When windows open, by example. */
class RuleOpeningsTest {
    private static final RuleOpenings OPENINGS = new RuleOpenings();

    @Test
    void opensOnTheDaysThatTheRuleNamesAndReachesOverMidnight() {
        Window sundays = window("FREQ=WEEKLY;BYDAY=SU", "2026-01-01T22:00", "PT6H", "Europe/Berlin");

        assertThat(after(sundays, "2026-01-01T00:00:00Z", 2))
                .containsExactly(
                        opening("2026-01-04T21:00:00Z", "2026-01-05T03:00:00Z"),
                        opening("2026-01-11T21:00:00Z", "2026-01-12T03:00:00Z"));
        assertThat(after(sundays, "2026-01-05T02:59:59Z", 1))
                .containsExactly(opening("2026-01-04T21:00:00Z", "2026-01-05T03:00:00Z"));
        assertThat(after(sundays, "2026-01-05T03:00:00Z", 1))
                .containsExactly(opening("2026-01-11T21:00:00Z", "2026-01-12T03:00:00Z"));
    }

    @Test
    void opensAtTheSameLocalTimeBeforeAndAfterAChangeOfTheClocks() {
        Window daily = window("FREQ=DAILY", "2026-03-01T01:00", "PT1H", "Europe/Berlin");

        assertThat(after(daily, "2026-03-28T12:00:00Z", 2))
                .containsExactly(
                        opening("2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"),
                        opening("2026-03-29T23:00:00Z", "2026-03-30T00:00:00Z"));
    }

    @Test
    void movesOnByTheGapWhereTheClocksSkipItsTime() {
        Window skipped = window("FREQ=DAILY", "2026-03-01T02:30", "PT2H", "Europe/Berlin");

        // 02:30 is not there on the 29th: the clocks go from 02:00 to 03:00, so it opens at 03:30 summer time.
        assertThat(after(skipped, "2026-03-28T12:00:00Z", 1))
                .containsExactly(opening("2026-03-29T01:30:00Z", "2026-03-29T03:30:00Z"));
    }

    @Test
    void opensAtTheFirstOfTwoWhereTheClocksRepeatItsTime() {
        Window twice = window("FREQ=DAILY", "2026-10-01T02:30", "PT2H", "Europe/Berlin");

        assertThat(after(twice, "2026-10-24T12:00:00Z", 1))
                .containsExactly(opening("2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"));
    }

    @Test
    void staysOpenForItsLengthOfElapsedTimeAcrossAChange() {
        Window night = window("FREQ=DAILY", "2026-03-01T00:00", "PT6H", "Europe/Berlin");

        Opening longNight = after(night, "2026-10-24T12:00:00Z", 1).getFirst();
        Opening shortNight = after(night, "2026-03-28T12:00:00Z", 1).getFirst();

        assertThat(Duration.between(longNight.from(), longNight.to())).isEqualTo(Duration.ofHours(6));
        assertThat(Duration.between(shortNight.from(), shortNight.to())).isEqualTo(Duration.ofHours(6));
        assertThat(shortNight.to()).isEqualTo("2026-03-29T05:00:00Z");
    }

    @Test
    void knowsAClockThatChangesByHalfAnHour() {
        // Lord Howe goes from 02:00 to 02:30 on 4 October 2026, from +10:30 to +11.
        Window skipped = window("FREQ=DAILY", "2026-09-01T02:15", "PT1H", "Australia/Lord_Howe");
        // And from 02:00 back to 01:30 on 5 April 2026.
        Window twice = window("FREQ=DAILY", "2026-03-01T01:45", "PT1H", "Australia/Lord_Howe");

        assertThat(after(skipped, "2026-10-03T12:00:00Z", 1).getFirst().from()).isEqualTo("2026-10-03T15:45:00Z");
        assertThat(after(twice, "2026-04-04T12:00:00Z", 1).getFirst().from()).isEqualTo("2026-04-04T14:45:00Z");
    }

    @Test
    void opensOnceWhereAZoneLeftOutAWholeDay() {
        // Apia had no 30 December 2011: after the 29th, at -10, came the 31st, at +14.
        Window daily = window("FREQ=DAILY", "2011-12-01T02:00", "PT3H", "Pacific/Apia");

        assertThat(after(daily, "2011-12-29T00:00:00Z", 3))
                .containsExactly(
                        opening("2011-12-29T12:00:00Z", "2011-12-29T15:00:00Z"),
                        opening("2011-12-30T12:00:00Z", "2011-12-30T15:00:00Z"),
                        opening("2011-12-31T12:00:00Z", "2011-12-31T15:00:00Z"));
    }

    @Test
    void putsASkippedTimeBehindALaterOneThatItPasses() {
        // On 29 March 02:30 becomes 03:30, and 03:00 is before it.
        Window often = window("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=0,30", "2026-03-01T02:00", "PT10M", "Europe/Berlin");

        assertThat(after(often, "2026-03-28T22:00:00Z", 3))
                .containsExactly(
                        opening("2026-03-29T01:00:00Z", "2026-03-29T01:10:00Z"),
                        opening("2026-03-29T01:30:00Z", "2026-03-29T01:40:00Z"),
                        opening("2026-03-30T00:00:00Z", "2026-03-30T00:10:00Z"));
    }

    @Test
    void takesOpeningsThatOverlapOrTouchForOne() {
        Window evening = window("FREQ=DAILY", "2026-01-01T22:00", "PT2H", "Z");
        Window night = window("FREQ=DAILY", "2026-01-01T00:00", "PT3H", "Z");
        Window within = window("FREQ=DAILY", "2026-01-01T23:00", "PT30M", "Z");

        assertThat(OPENINGS.after(List.of(evening, night, within), Instant.parse("2026-02-01T12:00:00Z"), 1))
                .containsExactly(opening("2026-02-01T22:00:00Z", "2026-02-02T03:00:00Z"));
    }

    @Test
    void givesWhatIsAlwaysOpenInLongOpenings() {
        Window always = window("FREQ=DAILY", "2026-01-01T00:00", "P1D", "Z");

        List<Opening> openings = after(always, "2026-02-01T12:00:00Z", 2);

        assertThat(openings.getFirst().contains(Instant.parse("2026-02-01T12:00:00Z")))
                .isTrue();
        assertThat(Duration.between(
                        openings.getFirst().from(), openings.getFirst().to()))
                .isBetween(Duration.ofDays(62), Duration.ofDays(63));
        assertThat(openings.getLast().from()).isEqualTo(openings.getFirst().to());
    }

    @Test
    void endsWithItsRule() {
        Window untilTheTenth = window("FREQ=DAILY;UNTIL=20260110", "2026-01-01T22:00", "PT2H", "Asia/Tokyo");
        Window untilAnInstant = window("FREQ=DAILY;UNTIL=20260110T120000Z", "2026-01-01T22:00", "PT2H", "Asia/Tokyo");
        Window thrice = window("FREQ=DAILY;COUNT=3", "2026-01-01T22:00", "PT2H", "Asia/Tokyo");

        assertThat(after(untilTheTenth, "2026-01-09T12:00:00Z", 9)).hasSize(2);
        assertThat(after(untilAnInstant, "2026-01-09T12:00:00Z", 9)).hasSize(1);
        assertThat(after(thrice, "2026-01-01T12:00:00Z", 9)).hasSize(3);
        assertThat(after(thrice, "2026-02-01T12:00:00Z", 9)).isEmpty();
        assertThat(OPENINGS.after(List.of(), Instant.EPOCH, 1)).isEmpty();
    }

    @Test
    void countsFromItsFirstButOpensThereOnlyIfTheRuleSaysSo() {
        // 1 January 2026 is a Thursday.
        Window everyOtherSaturday = window("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "2026-01-01T01:00", "PT2H", "Z");

        assertThat(after(everyOtherSaturday, "2025-12-01T00:00:00Z", 2).stream().map(Opening::from))
                .containsExactly(Instant.parse("2026-01-03T01:00:00Z"), Instant.parse("2026-01-17T01:00:00Z"));
    }

    @Test
    void refusesARuleThatIsNoneOrNeverComesOrComesEveryMinute() {
        assertThatThrownBy(
                        () -> after(window("every night", "2026-01-01T01:00", "PT2H", "Z"), "2026-01-01T00:00:00Z", 1))
                .hasMessageContaining("'every night' is no RRULE");
        assertThatThrownBy(() -> after(
                        window("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01T01:00", "PT2H", "Z"),
                        "2026-01-01T00:00:00Z",
                        1))
                .hasMessageContaining("names no time that ever comes");
        assertThatThrownBy(() ->
                        after(window("FREQ=MINUTELY", "2026-01-01T01:00", "PT2H", "Z"), "2026-01-01T00:00:00Z", 1))
                .hasMessageContaining("DAILY, WEEKLY, MONTHLY or YEARLY");
        assertThatThrownBy(() -> window("FREQ=DAILY", "2026-01-01T01:00", "PT0S", "Z"))
                .hasMessageContaining("open for some time");
    }

    private static Window window(String rule, String first, String length, String zone) {
        return new Window(rule, LocalDateTime.parse(first), Duration.parse(length), ZoneId.of(zone));
    }

    private static List<Opening> after(Window window, String at, int most) {
        return OPENINGS.after(List.of(window), Instant.parse(at), most);
    }

    private static Opening opening(String from, String to) {
        return new Opening(Instant.parse(from), Instant.parse(to));
    }
}
