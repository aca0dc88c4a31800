package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.Version;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExpectedReleaseTest {
    private static final Map<Bump, Period> CADENCE =
            Map.of(Bump.PATCH, Period.ofWeeks(1), Bump.MINOR, Period.ofMonths(1), Bump.MAJOR, Period.ofYears(1));

    @Test
    void expectsEachBumpAfterTheLastThatWasAtLeastAsGreat() {
        List<Published> published = List.of(
                out("1.0.0", "2026-01-31"),
                out("1.1.0", "2026-03-01"),
                out("1.1.1", "2026-03-09"),
                out("2.0.0", "2026-04-30"),
                out("2.0.1", "2026-05-02"));

        assertThat(ExpectedRelease.of(CADENCE, published))
                .containsExactly(
                        expected(Bump.MAJOR, "2.0.0", "2027-04-30"),
                        expected(Bump.MINOR, "2.0.0", "2026-05-30"),
                        expected(Bump.PATCH, "2.0.1", "2026-05-09"));
    }

    @Test
    void countsFromTheDayThatIsLatestWhereAnOlderLineStillGetsPatches() {
        List<Published> published =
                List.of(out("1.0.0", "2026-01-01"), out("1.0.1", "2026-06-01"), out("1.1.0", "2026-05-01"));

        assertThat(ExpectedRelease.of(CADENCE, published))
                .contains(expected(Bump.MINOR, "1.1.0", "2026-06-01"), expected(Bump.PATCH, "1.0.1", "2026-06-08"));
    }

    @Test
    void expectsNothingWithoutACadenceOrBeforeTheFirstRelease() {
        assertThat(ExpectedRelease.of(Map.of(), List.of(out("1.0.0", "2026-01-01"))))
                .isEmpty();
        assertThat(ExpectedRelease.of(CADENCE, List.of(out("1.0.0-rc.1", "2026-01-01"))))
                .isEmpty();
    }

    private static Published out(String version, String day) {
        return new Published(Version.of(version), Instant.parse(day + "T23:00:00Z"));
    }

    private static ExpectedRelease expected(Bump bump, String last, String due) {
        return new ExpectedRelease(bump, Version.of(last), LocalDate.parse(due));
    }
}
