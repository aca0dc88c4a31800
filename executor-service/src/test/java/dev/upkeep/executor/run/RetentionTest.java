package dev.upkeep.executor.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.executor.driver.Backup;
import dev.upkeep.executor.driver.Backups;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By the policy that holds where nothing is said: 30 days, and the two latest of each component. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class RetentionTest {
    private static final Duration OLD = Duration.ofDays(40);

    @Part
    Database database;

    @Inject
    Retention retention;

    @Inject
    Backups backups;

    @Inject
    InstantSource clock;

    @TempDir
    Path directory;

    private TenantId tenant;
    private long token;

    @BeforeEach
    void oneTenant() {
        tenant = dev.upkeep.executor.Bench.tenant("kept");
    }

    private Backup taken(String upgrade, int n, Duration ago) throws Exception {
        Path file = Files.writeString(directory.resolve(tenant + upgrade + n + ".dump"), "sealed");
        Files.writeString(Backup.manifest(file), "{}");
        Instant when = clock.instant().minus(ago).plusSeconds(n);
        Backup backup = new Backup(
                tenant + "." + upgrade + "." + n,
                tenant,
                new UpgradeId(tenant + "-" + upgrade),
                new StepId("s" + n),
                new ComponentName("database"),
                Moment.BEFORE,
                file,
                new Digest("sha256:" + "0".repeat(64)),
                6,
                new SchemaFingerprint("sf1:" + "0".repeat(64)),
                Map.of(),
                Optional.empty(),
                Map.of(),
                when,
                true);
        backups.enter(backup);
        return backup;
    }

    private void step(String upgrade, String state) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement run = connection.prepareStatement(
                        "insert into step_run (tenant, upgrade, step, attempt, token, driver, action, component, request,"
                                + " state) values (?, ?, 's', ?, ?, 'nobody', 'stop', 'app', '{}', ?)")) {
            token++;
            run.setString(1, tenant.value());
            run.setString(2, tenant + "-" + upgrade);
            run.setLong(3, token);
            run.setLong(4, token);
            run.setString(5, state);
            run.execute();
        }
    }

    private boolean isKept(Backup backup) {
        boolean inTheCatalogue = backups.find(backup.id()).isPresent();
        assertThat(Files.exists(backup.file())).isEqualTo(inTheCatalogue);
        assertThat(Files.exists(Backup.manifest(backup.file()))).isEqualTo(inTheCatalogue);
        return inTheCatalogue;
    }

    @Test
    void deletesWhatIsOldAndNotAmongTheLatestAndOfNoUpgradeThatMayNeedIt() throws Exception {
        step("u1", "succeeded");
        step("u2", "succeeded");
        Backup old = taken("u1", 1, OLD);
        Backup second = taken("u1", 2, OLD);
        Backup latest = taken("u1", 3, OLD);

        retention.sweep();

        assertThat(isKept(old)).isFalse();
        assertThat(isKept(second)).isTrue();
        assertThat(isKept(latest)).isTrue();
    }

    @Test
    void keepsWhatIsYoung() throws Exception {
        step("u1", "succeeded");
        step("u2", "succeeded");
        Backup young = taken("u1", 1, Duration.ofDays(29));
        taken("u1", 2, Duration.ofDays(29));
        taken("u1", 3, Duration.ofDays(29));

        retention.sweep();

        assertThat(isKept(young)).isTrue();
    }

    @Test
    void keepsTheBackupsOfTheLatestUpgradeHoweverOldSinceItMayNotBeDecided() throws Exception {
        step("u1", "succeeded");
        Backup needed = taken("u1", 1, OLD);
        taken("u1", 2, OLD);
        taken("u1", 3, OLD);

        retention.sweep();
        assertThat(isKept(needed)).isTrue();

        step("u2", "succeeded");
        retention.sweep();
        assertThat(isKept(needed)).isFalse();
    }

    @Test
    void keepsTheBackupsOfAnUpgradeWithAStepThatHasNotEnded() throws Exception {
        step("u1", "accepted");
        step("u2", "succeeded");
        Backup needed = taken("u1", 1, OLD);
        taken("u1", 2, OLD);
        taken("u1", 3, OLD);

        retention.sweep();

        assertThat(isKept(needed)).isTrue();
    }

    @Test
    void keepsTheBackupsOfATenantThatNothingIsKnownOf() throws Exception {
        Backup needed = taken("u1", 1, OLD);
        taken("u1", 2, OLD);
        taken("u1", 3, OLD);

        retention.sweep();

        assertThat(isKept(needed)).isTrue();
    }

    @Test
    void leavesAnEntryAloneWhoseFilesAreOnAnotherExecutorsVolume() throws Exception {
        step("u1", "succeeded");
        step("u2", "succeeded");
        Backup elsewhere = taken("u1", 1, OLD);
        taken("u1", 2, OLD);
        taken("u1", 3, OLD);
        Files.delete(elsewhere.file());
        Files.delete(Backup.manifest(elsewhere.file()));

        retention.sweep();

        assertThat(backups.find(elsewhere.id())).isPresent();
    }

    @Test
    void finishesWhatASweepBeganThatWasCutShort() throws Exception {
        step("u1", "succeeded");
        step("u2", "succeeded");
        Backup half = taken("u1", 1, OLD);
        taken("u1", 2, OLD);
        taken("u1", 3, OLD);
        Files.delete(half.file());

        retention.sweep();

        assertThat(isKept(half)).isFalse();
        io.restassured.RestAssured.given()
                .get("/q/metrics")
                .then()
                .body(org.hamcrest.Matchers.containsString("upkeep_backups_deleted_total{outcome=\"done\"}"));
    }
}
