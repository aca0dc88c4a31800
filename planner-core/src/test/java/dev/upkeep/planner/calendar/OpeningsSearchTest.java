package dev.upkeep.planner.calendar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.planner.core.Opening;
import dev.upkeep.planner.core.Window;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.time.zone.ZoneOffsetTransition;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Windows made at random around changes of the clocks, held against what a look at every minute gives. */
class OpeningsSearchTest {
    private static final int CASES = Integer.getInteger("upkeep.search.cases", 2000) / 5;
    private static final int DAYS = 24;
    private static final int MARGIN = 9;
    private static final RuleOpenings OPENINGS = new RuleOpenings();

    /** Both hemispheres, changes at midnight, by half an hour, backward in summer, by a whole day, and none at all. */
    private static final List<String> ZONES = List.of(
            "Europe/Berlin",
            "Europe/Dublin",
            "America/New_York",
            "America/Havana",
            "America/Sao_Paulo",
            "America/Santiago",
            "Africa/Cairo",
            "Africa/Casablanca",
            "Asia/Tehran",
            "Asia/Gaza",
            "Asia/Kathmandu",
            "Asia/Pyongyang",
            "Antarctica/Troll",
            "Australia/Lord_Howe",
            "Pacific/Auckland",
            "Pacific/Chatham",
            "Pacific/Apia",
            "America/Caracas");

    /** Apia's lost day comes often; of the other changes any since 2005. */
    private static Instant change(Random random, ZoneId zone) {
        if (zone.getId().equals("Pacific/Apia") && random.nextBoolean()) {
            return Instant.parse("2011-12-30T10:00:00Z");
        }
        Instant some = Instant.parse("2005-01-01T00:00:00Z").plus(Duration.ofDays(random.nextInt(8000)));
        ZoneOffsetTransition next = zone.getRules().nextTransition(some);
        return next == null ? some : next.getInstant();
    }

    private record Drawn(String rule, Predicate<LocalDate> opensOn) {}

    @Test
    void isOpenInExactlyTheMinutesThatTheOracleMarks() {
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
            Instant from = change(random, zone).minus(Duration.ofDays(DAYS / 2)).truncatedTo(ChronoUnit.HOURS);
            Minutes minutes = new Minutes(zone, from, DAYS);
            LocalDate first = from.atZone(zone).toLocalDate().minusDays(random.nextInt(1500));
            // Times near those at which clocks are changed, mostly.
            LocalTime time = random.nextInt(4) > 0
                    ? LocalTime.of(random.nextInt(5), random.nextInt(12) * 5)
                    : LocalTime.of(random.nextInt(24), random.nextInt(60));
            Duration length = Duration.ofMinutes(1L + random.nextInt(random.nextBoolean() ? 300 : 6000));
            Drawn drawn = drawn(random, first);
            Window window = new Window(drawn.rule(), first.atTime(time), length, zone);

            BitSet expected = minutes.open(drawn.opensOn(), time, length);
            Instant asked = minutes.at(MARGIN * 1440 / 2 + random.nextInt(2000));
            List<Opening> openings = OPENINGS.after(List.of(window), asked, 40);

            String story = "seed " + seed + ": " + window + " after " + asked + " gave " + openings;
            BitSet found = minutes.marked(openings);
            int begin = (int) Duration.between(from, asked).toMinutes();
            // The first minutes may belong to what opened before the oracle looked, the last ones to what it did not
            // see.
            for (int i = begin; i < minutes.size() - MARGIN * 1440 / 2; i++) {
                assertThat(found.get(i)).as(minutes.at(i) + " in " + story).isEqualTo(expected.get(i));
            }
            for (int i = 1; i < openings.size(); i++) {
                assertThat(openings.get(i).from())
                        .as(story)
                        .isAfterOrEqualTo(openings.get(i - 1).to());
            }
            assertThat(openings.stream().map(Opening::to)).as(story).allMatch(to -> to.isAfter(asked));
        }
    }

    private static Drawn drawn(Random random, LocalDate first) {
        int interval = 1 + random.nextInt(3);
        DayOfWeek day = DayOfWeek.of(1 + random.nextInt(7));
        String word = day.name().substring(0, 2).toUpperCase(Locale.ROOT);
        return switch (random.nextInt(6)) {
            case 0 ->
                new Drawn(
                        "FREQ=DAILY;INTERVAL=" + interval,
                        date -> !date.isBefore(first) && ChronoUnit.DAYS.between(first, date) % interval == 0);
            case 1 ->
                new Drawn(
                        "FREQ=WEEKLY;INTERVAL=" + interval + ";BYDAY=" + word + ",TH",
                        date -> !date.isBefore(first)
                                && (date.getDayOfWeek() == day || date.getDayOfWeek() == DayOfWeek.THURSDAY)
                                && ChronoUnit.WEEKS.between(monday(first), monday(date)) % interval == 0);
            case 2 -> {
                int monthDay = 1 + random.nextInt(31);
                yield new Drawn(
                        "FREQ=MONTHLY;BYMONTHDAY=" + monthDay,
                        date -> !date.isBefore(first) && date.getDayOfMonth() == monthDay);
            }
            case 3 ->
                new Drawn(
                        "FREQ=MONTHLY;BYDAY=-1" + word,
                        date -> !date.isBefore(first) && date.equals(date.with(TemporalAdjusters.lastInMonth(day))));
            case 4 ->
                new Drawn(
                        "FREQ=MONTHLY;BYDAY=2" + word,
                        date -> !date.isBefore(first)
                                && date.equals(date.with(TemporalAdjusters.dayOfWeekInMonth(2, day))));
            default ->
                new Drawn(
                        "FREQ=YEARLY;BYMONTH=3,4,9,10,12;BYDAY=" + word,
                        date -> !date.isBefore(first)
                                && date.getDayOfWeek() == day
                                && List.of(3, 4, 9, 10, 12).contains(date.getMonthValue()));
        };
    }

    private static LocalDate monday(LocalDate date) {
        return date.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }
}
