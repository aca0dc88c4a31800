package dev.upkeep.executor.driver.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.Refused;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver makes of an engine's answers that no sound engine gives, by a docker that says what it is told to. */
class EngineTroubleTest {
    private static final Version OLD = Version.of("1.0.0");
    private static final Version NEW = Version.of("1.1.0");
    private static final String ID = "ab".repeat(32);
    private static final String DIGEST = "sha256:" + "cd".repeat(32);
    private static final String DAEMON = "Error response from daemon: ";

    /** Each answer is a file by the verb's name; FILE.after-VERB takes the place of FILE when VERB is asked. */
    private static final String DOCKER = """
            #!/bin/sh
            cd '%s' || exit 99
            verb=$1
            case $1 in
                compose)
                    for word; do
                        case $word in config|run|stop|down|up) verb=$word; break ;; esac
                    done ;;
                container) verb=inspect ;;
            esac
            echo "$verb: $*" >>asked
            if [ -e "$verb.takes" ]; then sleep 60; fi
            for next in *.after-"$verb"; do
                if [ -e "$next" ]; then mv -f "$next" "${next%%.after-*}"; fi
            done
            if [ -e "$verb" ]; then cat "$verb"; exit "$(cat "$verb.exit")"; fi
            """;

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private Path answers;
    private LocalPrograms programs;
    private ComposeDriver driver;
    private int works;

    @BeforeEach
    void lay() throws IOException {
        Path project = Files.createDirectory(directory.resolve("project"));
        answers = Files.createDirectory(directory.resolve("answers"));
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.writeString(bin.resolve("docker"), DOCKER.formatted(answers));
        Files.setPosixFilePermissions(bin.resolve("docker"), PosixFilePermissions.fromString("rwx------"));
        settings.putAll(Map.of("project", project.toString(), "service", "app"));
        List<Path> path = List.of(bin, Path.of("/usr/bin"), Path.of("/bin"));
        programs = new LocalPrograms(path);
        driver = new ComposeDriver(
                new Places(directory.resolve("backups"), directory, Optional.empty(), path, Optional.empty()),
                programs,
                new CommandDriver(programs));
        says(
                "config",
                0,
                "{\n\"name\": \"p\", \"services\": {\"app\": {\"image\": \"app\", \"restart\": \"always\"}}\n}");
    }

    @AfterEach
    void close() {
        programs.close();
    }

    @Test
    void takesNoAnswerForNoContainer() throws Exception {
        says("ps", 1, DAEMON + "i/o timeout");
        assertDown(Ready.failure(driver, request(new Action.Stop()), work()));
        assertThatThrownBy(() -> driver.look(request(new Action.Stop()), work()))
                .isInstanceOf(Refused.class);

        says("ps", 0, ID);
        says("inspect", 1, "[]\n" + DAEMON + "i/o timeout");
        assertDown(Ready.failure(driver, request(new Action.Stop()), work()));
        assertThatThrownBy(() -> driver.look(request(new Action.Stop()), work()))
                .isInstanceOf(Refused.class);

        says("inspect", 1, "[]\n" + DAEMON + "No such container: " + ID);
        assertThat(driver.perform(request(new Action.Stop()), work())).isInstanceOf(Outcome.Done.class);
        assertThat(driver.look(request(new Action.Stop()), work())).isInstanceOf(Look.Done.class);
        assertThat(asked()).doesNotContain("stop:");
    }

    @Test
    void takesNoAnswerForNoImage() throws Exception {
        says("image", 1, "[]\n" + DAEMON + "i/o timeout");

        assertDown(Ready.failure(driver, request(new Action.FetchArtifact(NEW)), work()));
        assertThat(asked()).doesNotContain("pull:");
    }

    @Test
    void bringsTheVersionToGoBackToByItsDigestAloneSinceItsTagMayHaveMoved() throws Exception {
        says("image", 1, "[]\n" + DAEMON + "No such image: app");
        says("image.after-pull", 0, "[{\"Id\": \"sha256:1\"}]");
        Files.move(answers.resolve("image.after-pull.exit"), answers.resolve("image.exit.after-pull"));

        assertThat(driver.perform(request(new Action.FetchArtifact(OLD)), work()))
                .isInstanceOf(Outcome.Done.class);

        assertThat(asked()).contains("pull: pull registry/app@" + DIGEST).doesNotContain("app:1.0.0");
    }

    @Test
    void nobodyCanTellOfAMigrationThatCouldNotBeEnded() throws Exception {
        says("wait", 1, "Cannot connect to the Docker daemon");
        says("inspect", 0, container("running", 0, "no"));
        Outcome runs = driver.perform(request(new Action.Migrate(NEW)), work());
        says("inspect", 1, DAEMON + "i/o timeout");
        Outcome unseen = driver.perform(request(new Action.Migrate(NEW)), work());
        says("wait", 0, "0");
        says("inspect", 0, container("running", 0, "no"));
        Outcome notOver = driver.perform(request(new Action.Migrate(NEW)), work());

        assertThat(List.of(runs, unseen, notOver))
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(Outcome.Uncertain.class));
        assertThat(asked()).contains("kill: kill upkeep-u-acme-");
    }

    @Test
    void aMigrationThatWasEndedHasFailedUnlessItHadEndedWell() throws Exception {
        says("wait", 1, "Cannot connect to the Docker daemon");
        says("inspect", 0, container("running", 0, "no"));
        Files.writeString(answers.resolve("inspect.after-kill"), container("exited", 137, "no"));
        assertDown(Ready.failure(driver, request(new Action.Migrate(NEW)), work()));

        says("inspect", 0, container("exited", 0, "no"));
        assertThat(driver.perform(request(new Action.Migrate(NEW)), work())).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void aLaterAttemptEndsTheMigrationAndAnotherExecutorDoesNot() throws Exception {
        says("inspect", 0, container("running", 0, "no"));
        Files.writeString(answers.resolve("inspect.after-kill"), container("exited", 137, "no"));
        Files.writeString(answers.resolve("wait.takes"), "");

        assertThat(interrupted(work())).isInstanceOf(InterruptedException.class);
        assertThat(asked()).doesNotContain("kill:");

        TestWork superseded = work();
        superseded.supersede();
        assertThat(interrupted(superseded)).isInstanceOf(InterruptedException.class);
        assertThat(asked()).contains("kill:");
    }

    /** How a migration ends whose thread is interrupted while it waits. */
    private Object interrupted(TestWork work) throws Exception {
        Files.deleteIfExists(answers.resolve("asked"));
        CompletableFuture<Object> ended = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().start(() -> {
            try {
                ended.complete(driver.perform(request(new Action.Migrate(NEW)), work));
            } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
            }
        });
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> asked().contains("wait:"));
        thread.interrupt();
        return ended.get(30, TimeUnit.SECONDS);
    }

    @Test
    void tellsTheEngineToLeaveDownWhatItStops() throws Exception {
        says("ps", 0, ID);
        says("inspect", 0, container("running", 0, "always"));
        Files.writeString(answers.resolve("inspect.after-stop"), container("exited", 0, "no"));
        assertThat(driver.perform(request(new Action.Stop()), work())).isInstanceOf(Outcome.Done.class);
        assertThat(asked()).containsSubsequence("update: update --restart no " + ID, "stop:");

        says("inspect", 0, container("running", 0, "always"));
        says("update", 1, DAEMON + "it can't be");
        Files.delete(answers.resolve("asked"));
        Outcome.Failed failed = Ready.failure(driver, request(new Action.Stop()), work());
        assertThat(failed.code()).isEqualTo(Failure.STOP_FAILED);
        assertThat(failed.reason()).contains("it can't be");
        assertThat(asked()).doesNotContain("stop:");
    }

    @Test
    void takesEverythingDownAndLooks() throws Exception {
        says("ps", 0, ID);
        says("inspect", 0, container("running", 0, "no"));
        Outcome.Failed left = Ready.failure(driver, request(new Action.Teardown()), work());
        Files.writeString(answers.resolve("ps.after-down"), "");
        Outcome gone = driver.perform(request(new Action.Teardown()), work());

        assertThat(left.code()).isEqualTo(Failure.STOP_FAILED);
        assertThat(left.reason()).contains("app-1 is running");
        assertThat(gone).isInstanceOf(Outcome.Done.class);
        assertThat(asked()).contains("--profile * down --remove-orphans");
    }

    @Test
    void tellsWhereAFileIsMalformedAndNothingOfWhatItSays() throws Exception {
        assertThat(complaint("invalid interpolation format for services.app.environment.KEY.\nYou wrote ${hunter2"))
                .contains("invalid interpolation format for services.app.environment.KEY");
        assertThat(complaint("failed to read /p/.env: line 3: unexpected character \"'\" in \"hunter2'\""))
                .contains(".env: line 3");
        assertThat(complaint("yaml: mapping values are not allowed: hunter2")).contains("docker-compose.yml");
    }

    private String complaint(String said) throws Exception {
        says("config", 15, said);
        Outcome.Failed failed = Ready.failure(driver, request(new Action.Stop()), work());
        assertThat(failed.code()).isEqualTo(Failure.FILE_TROUBLE);
        assertThat(failed.reason() + failed.fix())
                .contains("docker compose config")
                .doesNotContain("hunter2");
        return failed.reason();
    }

    @Test
    void tellsNoValueThatItWasGivenWhateverACommandOrALogQuotes() throws Exception {
        settings.put("env.PASSWORD", "hunter2!");
        settings.put("env.DOCKER_HOST", "unix:///engine.sock");
        settings.put("env.MODE", "on");
        settings.put("migration-failure", "^(?<name>\\S+) failed: (?<reason>.*)$");
        says("run", 1, "can't log in at unix:///engine.sock with hunter2! on");
        Outcome.Failed command = Ready.failure(driver, request(new Action.Migrate(NEW)), work());
        Files.delete(answers.resolve("run"));
        says("inspect", 0, container("exited", 1, "no"));
        says("logs", 0, "0001 failed: no user hunter2! on");
        Outcome.Failed log = Ready.failure(driver, request(new Action.Migrate(NEW)), work());

        assertThat(command.reason()).endsWith("can't log in at unix:///engine.sock with *** on");
        assertThat(log.reason()).isEqualTo("migration 0001 failed: no user *** on");
    }

    private static void assertDown(Outcome.Failed failed) {
        assertThat(failed.code()).isEqualTo(Failure.ENGINE_DOWN);
        assertThat(failed.retryable()).isTrue();
    }

    private void says(String verb, int exit, String text) throws IOException {
        Files.writeString(answers.resolve(verb), text + "\n");
        Files.writeString(answers.resolve(verb + ".exit"), Integer.toString(exit));
    }

    private String asked() throws IOException {
        Path asked = answers.resolve("asked");
        return Files.exists(asked) ? Files.readString(asked) : "";
    }

    private static String container(String status, int exit, String restart) {
        return """
                [
                    {"Id": "%s", "Name": "/app-1", "State": {"Status": "%s", "ExitCode": %d},
                     "HostConfig": {"RestartPolicy": {"Name": "%s"}},
                     "Config": {"Labels": {"com.docker.compose.service": "app"}}}
                ]
                """.formatted(ID, status, exit, restart);
    }

    private StepRequested request(Action action) {
        Map<String, Artifact> artifacts = Map.of(
                "1.0.0", new Artifact("oci://registry/app:1.0.0", new Digest(DIGEST)),
                "1.1.0", new Artifact("oci://registry/app:1.1.0", new Digest(DIGEST)));
        return Ready.request(1, action, Ready.target("app", "compose", settings, artifacts), Map.of(), Map.of());
    }

    private TestWork work() {
        return new TestWork(
                directory.resolve("work-" + works++), Duration.ofSeconds(60), Map.of(), new MemoryBackups());
    }
}
