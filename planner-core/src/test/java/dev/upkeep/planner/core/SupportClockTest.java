package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Until when lines of versions are supported, by what the five products promise. */
class SupportClockTest {
    private static final Policies.Term UNTIL_NEXT = new Policies.Term(Optional.empty());
    private static final Policies.Support NINETY_DAYS = byMajor(new Policies.Term(Optional.of(Period.ofDays(90))));
    private static final Policies.Support A_YEAR = byMajor(new Policies.Term(Optional.of(Period.ofMonths(12))));
    private static final Policies.Support PREVIOUS_MAJOR = byMajor(UNTIL_NEXT);
    private static final Policies.Support PREVIOUS_MINOR =
            new Policies.Support(Optional.empty(), Optional.of(UNTIL_NEXT));

    @Test
    void supportsThePreviousMajorForNinetyDaysAfterTheNextOneCameOut() {
        List<Published> releases = out("6.0.0 2026-01-01", "6.4.0 2026-02-01", "7.0.0 2026-03-01", "7.3.1 2026-04-01");

        assertThat(told(NINETY_DAYS, releases, "2026-05-29"))
                .containsExactly(
                        "7.3 supported -",
                        "7.0 supported -",
                        "6.4 security-only 2026-05-30",
                        "6.0 security-only 2026-05-30");
        assertThat(told(NINETY_DAYS, releases, "2026-05-30"))
                .as("the end is the first day without support")
                .contains("6.4 ended 2026-05-30", "6.0 ended 2026-05-30");
    }

    @Test
    void countsMonthsAsTheCalendarDoes() {
        List<Published> releases = out("1.0.0 2023-01-01", "2.0.0 2024-02-29");

        assertThat(told(A_YEAR, releases, "2025-02-27"))
                .containsExactly("2.0 supported -", "1.0 security-only 2025-02-28");
    }

    @Test
    void supportsThePreviousMajorUntilTheOneAfterTheNext() {
        List<Published> two = out("1.0.0 2024-01-01", "2.0.0 2025-01-01");
        List<Published> three = out("1.0.0 2024-01-01", "2.0.0 2025-01-01", "2.1.0 2025-06-01", "3.0.0 2026-01-01");

        assertThat(told(PREVIOUS_MAJOR, two, "2030-01-01")).containsExactly("2.0 supported -", "1.0 security-only -");
        assertThat(told(PREVIOUS_MAJOR, three, "2026-01-01"))
                .containsExactly(
                        "3.0 supported -", "2.1 security-only -", "2.0 security-only -", "1.0 ended 2026-01-01");
    }

    @Test
    void supportsThePreviousMinorUntilTheOneAfterTheNext() {
        List<Published> releases =
                out("1.3.0 2026-01-01", "1.4.0 2026-02-01", "1.4.2 2026-02-20", "1.5.0 2026-03-01", "2.0.0 2026-04-01");

        assertThat(told(PREVIOUS_MINOR, releases, "2026-03-15"))
                .as("what comes out later is known already here: ends are dates, not states")
                .containsExactly(
                        "2.0 supported -",
                        "1.5 security-only -",
                        "1.4 security-only 2026-04-01",
                        "1.3 ended 2026-03-01");
    }

    @Test
    void keepsTheLastMinorOfAMajorForTheLongerOfItsTwoPromises() {
        Policies.Support both = new Policies.Support(
                Optional.of(new Policies.Term(Optional.of(Period.ofDays(90)))),
                Optional.of(new Policies.Term(Optional.of(Period.ofDays(30)))));
        List<Published> releases = out("1.3.0 2026-01-01", "1.4.0 2026-02-01", "2.0.0 2026-04-01");

        assertThat(told(both, releases, "2026-04-02"))
                .containsExactly("2.0 supported -", "1.4 security-only 2026-06-30", "1.3 ended 2026-03-03");
    }

    @Test
    void endsNothingForAProductThatPromisesNothing() {
        Policies.Support none = new Policies.Support(Optional.empty(), Optional.empty());

        assertThat(told(none, out("0.1.0 2020-01-01", "0.2.0 2026-01-01"), "2030-01-01"))
                .containsExactly("0.2 unstated -", "0.1 unstated -");
    }

    @Test
    void endsNothingBecauseOfAPreRelease() {
        List<Published> releases = out("1.0.0 2026-01-01", "2.0.0-rc.1 2026-02-01");

        assertThat(told(NINETY_DAYS, releases, "2026-12-01")).containsExactly("2.0 not-out -", "1.0 supported -");
    }

    @Test
    void takesTheDayInUtcWhateverTheHour() {
        List<Published> releases = List.of(
                new Published(Version.of("1.0.0"), Instant.parse("2026-01-01T00:00:00Z")),
                new Published(Version.of("2.0.0"), Instant.parse("2026-01-31T23:59:59Z")));

        SupportClock.Line old = SupportClock.lines(NINETY_DAYS, releases, Instant.parse("2026-05-01T23:59:59Z"))
                .getLast();

        assertThat(old.until()).contains(LocalDate.parse("2026-05-01"));
        assertThat(old.standing()).isEqualTo(SupportClock.Standing.ENDED);
        assertThat(old.endsWithin(LocalDate.parse("2026-04-01"), LocalDate.parse("2026-06-01")))
                .isFalse();
    }

    @Test
    void warnsOfAnEndThatIsNear() {
        SupportClock.Line old = SupportClock.lines(
                        NINETY_DAYS, out("1.0.0 2026-01-01", "2.0.0 2026-02-01"), Instant.parse("2026-04-01T00:00:00Z"))
                .getLast();

        assertThat(old.until()).contains(LocalDate.parse("2026-05-02"));
        assertThat(old.endsWithin(LocalDate.parse("2026-04-01"), LocalDate.parse("2026-05-01")))
                .isFalse();
        assertThat(old.endsWithin(LocalDate.parse("2026-04-01"), LocalDate.parse("2026-05-02")))
                .isTrue();
    }

    private static Policies.Support byMajor(Policies.Term term) {
        return new Policies.Support(Optional.of(term), Optional.empty());
    }

    private static List<Published> out(String... releases) {
        List<Published> published = new ArrayList<>();
        for (String release : releases) {
            String[] parts = release.split(" ");
            published.add(new Published(Version.of(parts[0]), Instant.parse(parts[1] + "T12:00:00Z")));
        }
        return published;
    }

    private static List<String> told(Policies.Support support, List<Published> releases, String today) {
        return SupportClock.lines(support, releases, Instant.parse(today + "T12:00:00Z")).stream()
                .map(line -> line.number() + " " + line.standing().word() + " "
                        + line.until().map(LocalDate::toString).orElse("-"))
                .toList();
    }
}
