package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Bump;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is announced, and when it is announced again. */
class AnnouncingTest {
    private static final Instant NOW = Samples.START;
    private static final Instant IN_A_WEEK = Instant.parse("2026-03-09T10:00:00Z");

    private final Situation situation = new Situation().meaning(m -> {
        m.notice = Duration.ofDays(7);
        m.delay = Duration.ofDays(30);
    });

    @Test
    void announcesTheFirstDateThatNoticeWindowsAndFreezesAllow() {
        situation
                .window("FREQ=WEEKLY;BYDAY=SA", "2026-01-03T01:00", "PT4H", "Z")
                .freeze("2026-03-14T00:00:00Z", "2026-03-15T00:00:00Z")
                .downtime(Duration.ofMinutes(5));

        Announcement first = Announcing.first(situation.facts(), NOW);

        assertThat(first)
                .isEqualTo(new Announcement(
                        1, 1, NOW, Bump.MINOR, Duration.ofMinutes(5), Instant.parse("2026-03-21T01:00:00Z")));
    }

    @Test
    void saysNothingAgainWhileWhatWasSaidHolds() {
        situation.told(Announcing.first(situation.facts(), NOW));

        assertThat(Announcing.anew(situation.facts(), NOW.plusSeconds(1))).isEmpty();
        assertThat(Announcing.anew(situation.facts(), NOW.plus(Duration.ofDays(20))))
                .isEmpty();
        // A later date than announced, by a new window, is no reason to write again.
        situation.window("FREQ=WEEKLY;BYDAY=SA", "2026-01-03T01:00", "PT4H", "Z");
        assertThat(Announcing.anew(situation.facts(), NOW.plusSeconds(1))).isEmpty();
    }

    @Test
    void tellsALaterDateThatTheCustomerAskedForAndLetsTheNoticeRunOn() {
        Announcement first = Announcing.first(situation.facts(), NOW);
        situation.told(first).delay("2026-03-20T00:00:00Z", "2026-03-01T00:00:00Z");

        Announcement later =
                Announcing.anew(situation.facts(), NOW.plusSeconds(60)).orElseThrow();

        assertThat(later)
                .isEqualTo(
                        new Announcement(2, 1, NOW, Bump.MINOR, Duration.ZERO, Instant.parse("2026-03-20T00:00:00Z")));
        assertThat(Announcing.anew(situation.told(later).facts(), NOW.plusSeconds(120)))
                .as("said once")
                .isEmpty();
    }

    @Test
    void startsTheNoticeAnewForAnEarlierDate() {
        situation.told(new Announcement(2, 1, NOW, Bump.MINOR, Duration.ZERO, Instant.parse("2026-03-20T00:00:00Z")));
        Instant cleared = NOW.plus(Duration.ofDays(1));

        assertThat(Announcing.anew(situation.facts(), cleared))
                .contains(
                        new Announcement(3, 3, cleared, Bump.MINOR, Duration.ZERO, IN_A_WEEK.plus(Duration.ofDays(1))));
    }

    @Test
    void leavesTheDateWhereANewNoticeWouldEndAfterIt() {
        situation.told(new Announcement(2, 1, NOW, Bump.MINOR, Duration.ZERO, IN_A_WEEK));

        assertThat(Announcing.anew(situation.facts(), NOW.plus(Duration.ofDays(1))))
                .isEmpty();
    }

    @Test
    void startsTheNoticeAnewForAGreaterImpactAndNotForASmallerOne() {
        Instant later = NOW.plus(Duration.ofDays(2));
        situation.told(new Announcement(1, 1, NOW, Bump.MINOR, Duration.ofMinutes(5), IN_A_WEEK));

        assertThat(Announcing.anew(situation.downtime(Duration.ofMinutes(4)).facts(), later))
                .isEmpty();
        assertThat(Announcing.anew(situation.downtime(Duration.ofMinutes(6)).facts(), later))
                .contains(new Announcement(
                        2, 2, later, Bump.MINOR, Duration.ofMinutes(6), IN_A_WEEK.plus(Duration.ofDays(2))));
        assertThat(Announcing.anew(
                                situation
                                        .downtime(Duration.ofMinutes(4))
                                        .to(Situation.V200)
                                        .facts(),
                                later)
                        .orElseThrow()
                        .bump())
                .isEqualTo(Bump.MAJOR);
    }

    @Test
    void announcesAMajorForTheEndOfItsMigrationPeriodUntilTheCustomerConsents() {
        situation
                .meaning(m -> m.migrationPeriod = Duration.ofDays(90))
                .to(Situation.V200)
                .cameOut(Situation.V200, Instant.parse("2026-03-01T00:00:00Z"));
        Announcement first = Announcing.first(situation.facts(), NOW);
        assertThat(first.notBefore()).isEqualTo("2026-05-30T00:00:00Z");

        situation.told(first).consent("2");
        assertThat(Announcing.anew(situation.facts(), NOW).orElseThrow().notBefore())
                .isEqualTo(IN_A_WEEK);
    }

    @Test
    void tellsNothingOfAnAdvisoryBeforeItIsDisclosed() {
        Release.Notes notes = new Release.Notes(
                Map.of(
                        Release.Section.SECURITY, List.of("a header is escaped"),
                        Release.Section.FIXED, List.of("see SA-1", "a typo")),
                Set.of());
        Release plain = Samples.release(Samples.V110);
        Release release = new Release(
                plain.product(),
                plain.version(),
                plain.artifacts(),
                plain.stamps(),
                plain.migrations(),
                plain.costs(),
                plain.settings(),
                plain.changes(),
                plain.deprecations(),
                plain.removals(),
                plain.tasks(),
                List.of(new Release.Advisory("SA-1", "high", Optional.of(IN_A_WEEK))),
                plain.thirdParty(),
                plain.definitions(),
                plain.needsWindow(),
                plain.guide(),
                notes);

        assertThat(release.told(IN_A_WEEK.minusNanos(1))).containsExactly("fixed: a typo");
        assertThat(release.told(IN_A_WEEK))
                .containsExactly("security: a header is escaped", "fixed: see SA-1", "fixed: a typo");
    }
}
