package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** How long an upgrade is thought to take. */
class EstimateTest {
    private static final Duration NONE = Duration.ZERO;

    @Test
    void takesSpansAsTheyAreAndTypicalTimesForTheRest() {
        Estimate estimate = estimate(Map.of(), Map.of(), NONE);

        assertThat(takes(estimate, "baseline")).isEqualTo(Duration.ofSeconds(10));
        assertThat(takes(estimate, "verify-open")).isEqualTo(Duration.ofSeconds(10));
        assertThat(takes(estimate, "stop")).isEqualTo(Duration.ofSeconds(30));
        assertThat(estimate.forward())
                .isEqualTo(estimate.parts().stream().map(Estimate.Part::takes).reduce(NONE, Duration::plus));
        assertThat(estimate.whole()).isEqualTo(estimate.forward().plus(estimate.undo()));
    }

    @Test
    void reckonsAMigrationByTheRowsOfTheTableThatItRewrites() {
        assertThat(takes(estimate(Map.of("audit_log", 120_000_000L), Map.of(), NONE), "migrate"))
                .isEqualTo(Duration.ofSeconds(5 + 120 * 30));
        assertThat(takes(estimate(Map.of("audit_log", 0L), Map.of(), NONE), "migrate"))
                .isEqualTo(Duration.ofSeconds(5));
        // Rows that nobody has counted are many.
        assertThat(takes(estimate(Map.of(), Map.of(), NONE), "migrate")).isEqualTo(Duration.ofSeconds(5 + 10 * 30));
    }

    @Test
    void reckonsTheMigrationsOfWhatMigratesByItselfWithItsStart() {
        Estimate.Part start =
                part(estimate(startingItself(), Map.of("audit_log", 2_000_000L), Map.of(), NONE), "start");

        assertThat(start.takes()).isEqualTo(Duration.ofSeconds(30 + 5 + 2 * 30));
        assertThat(start.because()).isEqualTo("2.0 rewrites audit_log, 2000000 rows");
        assertThat(takes(estimate(Map.of(), Map.of(), NONE), "start")).isEqualTo(Duration.ofSeconds(30));
    }

    /** The same product, whose app migrates when it starts. */
    private static Product startingItself() {
        Product made = Samples.product();
        return new Product(
                made.name(),
                made.components().stream()
                        .map(c -> c.name().equals(Samples.APP)
                                ? new Product.Component(
                                        c.name(),
                                        c.driver(),
                                        c.after(),
                                        c.uses(),
                                        Map.of("port", "1", "migrates", "on-start"),
                                        c.cadence())
                                : c)
                        .toList(),
                made.bumps(),
                made.procedures(),
                made.probes(),
                made.metrics(),
                made.rings(),
                made.policies());
    }

    @Test
    void reckonsBackupsAndRestoresByTheSizeThatWasMeasuredLast() {
        Estimate small = estimate(Map.of(), Map.of("backup.bytes", "1048576"), NONE);
        Estimate large = estimate(Map.of(), Map.of("capacity.database-bytes", Long.toString(100L << 30)), NONE);

        assertThat(takes(small, "prove-backup")).isEqualTo(Duration.ofSeconds(60));
        assertThat(takes(large, "prove-backup")).isEqualTo(Duration.ofSeconds(60 + (100L << 10) / 15));
        assertThat(large.undo()).isGreaterThan(small.undo().plus(Duration.ofHours(1)));
        assertThat(takes(estimate(Map.of("t", 1_000_000L), Map.of(), NONE), "prove-backup"))
                .as("by rows, where no size is known")
                .isLessThan(takes(estimate(Map.of(), Map.of(), NONE), "prove-backup"));
    }

    @Test
    void takesNoLessThanTheDowntimeThatTheDescriptorStates() {
        assertThat(estimate(Map.of(), Map.of(), Duration.ofHours(3)).forward()).isEqualTo(Duration.ofHours(3));
    }

    @Test
    void countsTheLongestWayBack() {
        Estimate estimate = estimate(Map.of(), Map.of(), NONE);

        // Restoring is the longest: dump the failed state, export, restore, start the old version.
        assertThat(estimate.undo()).isGreaterThan(Duration.ofSeconds(60 + (1 << 10) / 15 + 30 + (1 << 10) / 40));
    }

    private static Duration takes(Estimate estimate, String word) {
        return part(estimate, word).takes();
    }

    private static Estimate.Part part(Estimate estimate, String word) {
        return estimate.parts().stream()
                .filter(p -> p.step().value().contains(word))
                .findFirst()
                .orElseThrow();
    }

    private static Estimate estimate(Map<String, Long> rows, Map<String, String> measured, Duration downtime) {
        return estimate(Samples.product(), rows, measured, downtime);
    }

    private static Estimate estimate(
            Product product, Map<String, Long> rows, Map<String, String> measured, Duration downtime) {
        Release plain = Samples.release(Samples.V110, new Migration("2.0", true, true));
        Release rewriting = new Release(
                plain.product(),
                plain.version(),
                plain.artifacts(),
                plain.stamps(),
                plain.migrations(),
                Map.of(
                        "2.0",
                        new Release.Cost(
                                Duration.ofSeconds(5), Optional.of("audit_log"), Duration.ofSeconds(30), false)),
                plain.settings(),
                plain.changes(),
                plain.deprecations(),
                plain.removals(),
                plain.tasks(),
                plain.advisories(),
                plain.thirdParty(),
                plain.definitions(),
                plain.needsWindow(),
                plain.guide(),
                plain.notes());
        Stretch stretch = Stretch.of(
                List.of(Samples.release(Samples.V100), rewriting),
                Map.of(Samples.V110, Instant.EPOCH),
                Samples.V100,
                Samples.V110);
        return Estimate.of(Samples.plan(product, true, 1), stretch, rows, measured, downtime);
    }
}
