package dev.upkeep.executor.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is read in logs, by the patterns of two products. */
class MigrationLogTest {
    private final Map<String, String> settings = new HashMap<>();

    @Test
    void tellsEachMigrationByNameWhetherItRanAndHowLongItTook() {
        settings.put("migration-line", "(?<name>\\d{4}_\\w+): (?:applied \\((?<took>[^)]+)\\)|(?<skipped>skipped))");

        MigrationLog.Summary summary = log().read(List.of(
                "info  listening soon",
                "info  0030_users: skipped",
                "info  0031_evidence_tags: applied (1.4 s)",
                "info  0032_more: applied (3 ms)"));

        assertThat(summary.found())
                .isEqualTo(Map.of(
                        "migrations.ran", "0031_evidence_tags,0032_more",
                        "migrations.skipped", "1",
                        "migrations.took", "0031_evidence_tags=1.4 s,0032_more=3 ms"));
        assertThat(summary.told())
                .isEqualTo("migrations 0031_evidence_tags in 1.4 s, 0032_more in 3 ms ran; 1 had run before");
    }

    @Test
    void tellsNoDurationsWhereTheLogHasNone() {
        settings.put("migration-line", "Running upgrade \\S+ -> (?<name>\\w+)");

        MigrationLog.Summary summary = log().read(List.of("INFO Running upgrade 041 -> 042_drift, drift"));

        assertThat(summary.found()).containsEntry("migrations.ran", "042_drift").containsEntry("migrations.took", "");
        assertThat(summary.failed()).isEmpty();
    }

    @Test
    void readsNothingWhereTheDescriptorNamesNoPattern() {
        assertThat(log().read(List.of("migration 1 failed: no")).silent()).isTrue();
    }

    @Test
    void refusesAPatternThatIsNoneOrNamesNoMigration() {
        for (String pattern : List.of("(", "migration (\\S+)")) {
            settings.put("migration-failure", pattern);

            Refused refused = catchThrowableOfType(Refused.class, this::log);

            assertThat(refused.failed().code()).isEqualTo(Failure.SETTING_MISSING);
            assertThat(refused.failed().reason()).contains("migration-failure");
        }
    }

    private MigrationLog log() {
        return MigrationLog.of("app", setting -> Optional.ofNullable(settings.get(setting)));
    }
}
