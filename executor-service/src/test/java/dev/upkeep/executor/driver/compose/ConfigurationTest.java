package dev.upkeep.executor.driver.compose;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.command.CommandDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver does without an engine: copies of a project's files, keys, and commands of the component's own. */
class ConfigurationTest {
    private static final List<Path> PATH = List.of(Path.of("/usr/bin"), Path.of("/bin"));

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private final LocalPrograms programs = new LocalPrograms(PATH);
    private Path project;
    private ComposeDriver driver;
    private int works;

    @BeforeEach
    void lay() throws IOException {
        project = Files.createDirectory(directory.resolve("project"));
        Files.writeString(project.resolve("docker-compose.yml"), "services: {app: {image: app}}");
        Files.writeString(project.resolve(".env"), "PASSWORD=hunter2\n");
        Files.setPosixFilePermissions(project.resolve(".env"), PosixFilePermissions.fromString("rw-------"));
        Files.createDirectory(project.resolve("config"));
        Files.writeString(project.resolve("config/app.toml"), "a = 1");
        settings.putAll(Map.of("project", project.toString(), "service", "app", "files", "config/app.toml"));
        driver = new ComposeDriver(
                new Places(directory.resolve("backups"), directory, Optional.empty(), PATH, Optional.empty()),
                programs,
                new CommandDriver(programs));
    }

    @AfterEach
    void close() {
        programs.close();
    }

    @Test
    void putsEveryFileBackAsItWasAndTakesAwayWhatWasNotThere() throws Exception {
        Map<String, String> kept =
                done(1, new Action.BackupConfiguration(), Map.of()).found();
        Files.writeString(project.resolve("docker-compose.yml"), "services: {}");
        Files.delete(project.resolve(".env"));
        Files.writeString(project.resolve("config/app.toml"), "a = 2");
        Files.writeString(project.resolve("upkeep.app.yml"), "services: {app: {image: another}}");
        assertThat(driver.look(request(2, new Action.RestoreConfiguration(), kept), work()))
                .isInstanceOf(Look.NotDone.class);

        done(2, new Action.RestoreConfiguration(), kept);

        assertThat(kept).containsEntry(Fact.CONFIGURATION_PROVEN, "true").containsKey(Fact.CONFIGURATION_BEFORE);
        assertThat(project.resolve("docker-compose.yml")).content().isEqualTo("services: {app: {image: app}}");
        assertThat(project.resolve(".env")).content().isEqualTo("PASSWORD=hunter2\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(project.resolve(".env"))))
                .isEqualTo("rw-------");
        assertThat(project.resolve("config/app.toml")).content().isEqualTo("a = 1");
        assertThat(project.resolve("upkeep.app.yml")).doesNotExist();
        assertThat(driver.look(request(2, new Action.RestoreConfiguration(), kept), work()))
                .isInstanceOf(Look.Done.class);
    }

    @Test
    void keepsCopiesFromEverybodyElse() throws Exception {
        done(1, new Action.BackupConfiguration(), Map.of());

        try (Stream<Path> copies = Files.list(directory.resolve("backups/configuration"))) {
            assertThat(copies)
                    .hasSize(1)
                    .allSatisfy(copy -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
                            .isEqualTo("rwx------"));
        }
    }

    @Test
    void copiesAnewWhatWasMendedSinceAnEarlierAttempt() throws Exception {
        done(1, new Action.BackupConfiguration(), Map.of());
        Files.writeString(project.resolve("config/app.toml"), "a = 3");
        Map<String, String> kept =
                done(2, new Action.BackupConfiguration(), Map.of()).found();
        Files.writeString(project.resolve("config/app.toml"), "a = 4");

        done(3, new Action.RestoreConfiguration(), kept);

        assertThat(project.resolve("config/app.toml")).content().isEqualTo("a = 3");
    }

    @Test
    void putsNothingBackFromACopyThatIsDamagedMissingOrUnknown() throws Exception {
        Map<String, String> kept =
                done(1, new Action.BackupConfiguration(), Map.of()).found();
        Files.writeString(project.resolve("docker-compose.yml"), "services: {}");
        Path copies;
        try (Stream<Path> all = Files.list(directory.resolve("backups/configuration"))) {
            copies = all.findFirst().orElseThrow();
        }
        Files.writeString(copies.resolve("1"), "PASSWORD=other\n");

        assertThat(failed(2, kept).code()).isEqualTo(Failure.BACKUP_DAMAGED);
        assertThat(failed(2, Map.of(Fact.CONFIGURATION_BEFORE, "compose:u-none:none"))
                        .code())
                .isEqualTo(Failure.BACKUP_MISSING);
        assertThat(failed(2, Map.of()).code()).isEqualTo(Failure.FACT_MISSING);
        assertThat(project.resolve("docker-compose.yml")).content().isEqualTo("services: {}");
    }

    @Test
    void leavesToACheckoutWhatComesWithItsRef() throws Exception {
        settings.put("checkout", "v{version}");
        Map<String, String> kept =
                done(1, new Action.BackupConfiguration(), Map.of()).found();
        Files.writeString(project.resolve("docker-compose.yml"), "services: {}");
        Files.writeString(project.resolve(".env"), "PASSWORD=other\n");

        done(2, new Action.RestoreConfiguration(), kept);

        assertThat(project.resolve("docker-compose.yml")).content().isEqualTo("services: {}");
        assertThat(project.resolve(".env")).content().isEqualTo("PASSWORD=hunter2\n");
    }

    @Test
    void tellsTheKeysFingerprintAndRefusesAnotherKey() throws Exception {
        settings.put("key", "env:KEY");
        Map<String, String> found = done(1, new Action.SnapshotKey(), Map.of()).found();

        Outcome same = driver.perform(request(2, new Action.AttachKey(), found), work());
        Outcome.Failed other = Ready.failure(
                driver,
                request(3, new Action.AttachKey(), Map.of(Fact.KEY_FINGERPRINT, "sha256:" + "ab".repeat(32))),
                work());

        // printf %s hunter2 | sha256sum
        assertThat(found)
                .isEqualTo(Map.of(
                        Fact.KEY_FINGERPRINT,
                        "sha256:f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7"));
        assertThat(same).isInstanceOf(Outcome.Done.class);
        assertThat(other.code()).isEqualTo(Failure.BACKUP_MISMATCH);
        assertThat(other.toString()).doesNotContain("hunter2");
    }

    @Test
    void runsTheComponentsOwnCommandsAndNoneForWhatIsTheDriversAlone() throws Exception {
        settings.put("do.pause-work", "/bin/sh -c 'echo paused >> effects'");
        settings.put("task.rotate", "/bin/sh -c 'echo rotated >> effects'");
        settings.put("do.revert", "/bin/sh -c 'echo reverted {migration} >> effects'");
        settings.put("do.stop", "true");
        settings.put("env.PATH", "/usr/bin:/bin");

        done(1, new Action.PauseWork(), Map.of());
        done(2, new Action.RunTask("rotate"), Map.of());
        done(3, new Action.RevertMigrations(List.of("1", "2")), Map.of());
        Outcome.Failed stop = Ready.failure(driver, request(4, new Action.Stop(), Map.of()), work());

        assertThat(Files.readString(project.resolve(".upkeep/effects"))).isEqualTo("paused\nrotated\n");
        assertThat(Files.readString(project.resolve("effects"))).isEqualTo("reverted 2\nreverted 1\n");
        assertThat(stop.code()).isEqualTo(Failure.UNSUPPORTED_ACTION);
        assertThat(stop.fix()).contains("do.stop");
    }

    @Test
    void saysWhatIsMissingWhereDockerIs() throws Exception {
        ComposeDriver bare = new ComposeDriver(
                new Places(directory, directory, Optional.empty(), List.of(project), Optional.empty()),
                programs,
                new CommandDriver(programs));

        Outcome.Failed failed = Ready.failure(bare, request(1, new Action.Stop(), Map.of()), work());

        assertThat(failed.code()).isEqualTo(Failure.TOOL_MISSING);
    }

    private Outcome.Done done(long token, Action action, Map<String, String> facts) throws Exception {
        Outcome outcome = driver.perform(request(token, action, facts), work());
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, Map<String, String> facts) throws Exception {
        return Ready.failure(driver, request(token, new Action.RestoreConfiguration(), facts), work());
    }

    private StepRequested request(long token, Action action, Map<String, String> facts) {
        return Ready.request(token, action, Ready.target("app", "compose", settings, Map.of()), Map.of(), facts);
    }

    private TestWork work() {
        return new TestWork(
                directory.resolve("work-" + works++),
                Duration.ofSeconds(30),
                Map.of("KEY", "hunter2"),
                new MemoryBackups());
    }
}
