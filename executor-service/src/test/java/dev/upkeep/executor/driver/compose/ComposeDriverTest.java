package dev.upkeep.executor.driver.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.command.CommandDriver;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each action on a real project, on a real engine, with images from a real registry. */
@Tag("engine")
@Timeout(180)
class ComposeDriverTest {
    private static final Version OLD = Version.of("1.0.0");
    private static final Version NEW = Version.of("1.1.0");
    private static final List<Path> PATH =
            List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"), Path.of("/bin"), Path.of("/usr/sbin"));

    private static Artifact old;
    private static Artifact young;

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();
    private final LocalPrograms programs = new LocalPrograms(PATH);
    private Map<String, Artifact> artifacts = Map.of();
    private ComposeDriver driver;
    private Path project;
    private Ground ground;
    private int works;

    @BeforeAll
    static void makeImages(@TempDir Path directory) throws Exception {
        Optional<String> lacks = Ground.lacks();
        if (lacks.isPresent()) {
            String what = "the compose driver is NOT tested here: " + lacks.get()
                    + "; see docs/how-to/run-the-container-tests.md";
            System.err.println(what);
            assumeTrue(System.getenv("CI") != null, what);
            throw new AssertionError(what);
        }
        Ground.makeImages(directory);
        old = Ground.artifact(directory, "1.0.0");
        young = Ground.artifact(directory, "1.1.0");
    }

    @AfterAll
    static void dropImages(@TempDir Path directory) throws Exception {
        if (Ground.lacks().isEmpty()) {
            Ground.dropImages(directory);
        }
    }

    @BeforeEach
    void lay() throws Exception {
        project = Files.createDirectory(directory.resolve("project"));
        ground = new Ground(project);
        artifacts = Map.of("1.0.0", old, "1.1.0", young);
        settings.putAll(Map.of(
                "project", project.toString(),
                "service", "app",
                "migration-line", "^migration (?<name>\\S+) (?:ran in (?<took>.+)|(?<skipped>skipped))$",
                "migration-failure", "^migration (?<name>\\S+) failed: (?<reason>.*)$"));
        driver = driver();
    }

    @AfterEach
    void clear() throws Exception {
        if (ground != null) {
            ground.clear();
        }
        programs.close();
    }

    @Test
    void goesForwardAndBackByDigestAndTouchesNothingElseOfTheProject() throws Exception {
        ground.upByHand();
        String other = ground.runs("other");
        String file = Files.readString(project.resolve("docker-compose.yml"));

        // When it goes forward
        Map<String, String> kept = done(1, new Action.BackupConfiguration()).found();
        Outcome.Done fetched = done(2, new Action.FetchArtifact(NEW));
        done(3, new Action.Stop());
        assertThat(ground.runs("app")).isEmpty();
        assertThat(ground.policy("app")).isEqualTo("no");
        Outcome.Done started = done(4, new Action.Start(NEW, Moment.BEFORE));

        // Then
        assertThat(fetched.found())
                .containsEntry("artifact.digest", young.digest().value());
        assertThat(started.found())
                .containsEntry("artifact.digest", young.digest().value());
        assertThat(started.summary()).contains("healthy");
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.1.0");
        assertThat(ground.policy("app")).isEqualTo("unless-stopped");
        assertThat(project.resolve("upkeep.app.yml"))
                .content()
                .contains(Ground.repository() + "@" + young.digest().value());
        assertThat(looked(5, new Action.Start(NEW, Moment.BEFORE), Map.of())).isInstanceOf(Look.Done.class);
        assertThat(looked(5, new Action.Start(OLD, Moment.BEFORE), Map.of())).isInstanceOf(Look.NotDone.class);

        // When it goes back
        done(6, new Action.Stop());
        done(7, new Action.RestoreConfiguration(), kept);
        done(8, new Action.FetchArtifact(OLD));
        done(9, new Action.Start(OLD, Moment.BEFORE));

        // Then
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.0.0");
        assertThat(project.resolve("upkeep.app.yml"))
                .content()
                .contains(Ground.repository() + "@" + old.digest().value());
        assertThat(project.resolve("docker-compose.yml")).content().isEqualTo(file);
        assertThat(ground.runs("other")).isEqualTo(other);
    }

    @Test
    void redeploysInPlaceAndOnlyOnceAnAttempt() throws Exception {
        ground.upByHand();
        done(1, new Action.FetchArtifact(NEW));
        assertThat(looked(2, new Action.Redeploy(NEW, Moment.BEFORE), Map.of())).isInstanceOf(Look.NotDone.class);

        done(2, new Action.Redeploy(NEW, Moment.BEFORE));
        String runs = ground.runs("app");
        done(2, new Action.Redeploy(NEW, Moment.BEFORE));

        assertThat(ground.runs("app")).isEqualTo(runs);
        assertThat(looked(2, new Action.Redeploy(NEW, Moment.BEFORE), Map.of())).isInstanceOf(Look.Done.class);
        done(3, new Action.Start(NEW, Moment.BEFORE));
        assertThat(ground.runs("app")).isEqualTo(runs);
        done(4, new Action.Redeploy(NEW, Moment.BEFORE));
        assertThat(ground.runs("app")).isNotEqualTo(runs);
    }

    @Test
    void leavesAloneWhatRunsWellThoughItWasRestartedOnceAndWhatOnlyAProfileBringsUp() throws Exception {
        Path file = project.resolve("docker-compose.yml");
        Files.writeString(file, Files.readString(file).replace("  other:", "  other:\n    profiles: [tools]"));
        done(1, new Action.FetchArtifact(NEW));
        done(2, new Action.Start(NEW, Moment.BEFORE));
        // A crash, after which the engine restarts it.
        // Detached: it may be ended with the container before it could say that it ended well.
        ground.compose("exec", "--detach", "app", "kill", "-TERM", "1");
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> ground.restarts("app") == 1);
        String runs = ground.runs("app");

        done(3, new Action.Start(NEW, Moment.BEFORE));

        assertThat(ground.runs("app")).isEqualTo(runs);
        settings.put("service", "other");
        artifacts = Map.of("1.1.0", young);
        done(4, new Action.Start(NEW, Moment.BEFORE));
        assertThat(ground.variable("other", "VERSION")).isEqualTo("1.1.0");
        done(5, new Action.Stop());
        assertThat(ground.runs("app")).isEqualTo(runs);
    }

    @Test
    void pinsInTheVariablesThatTheDescriptorNamesAndLeavesTheOthers() throws Exception {
        settings.put("image-variable", "IMAGE");
        settings.put("tag-variable", "APP_TAG");
        done(1, new Action.FetchArtifact(NEW));

        done(2, new Action.Start(NEW, Moment.BEFORE));

        assertThat(project.resolve(".env"))
                .content()
                .isEqualTo("MAIL=mail.example\nEMPTY=\nIMAGE=" + Ground.repository() + "@"
                        + young.digest().value() + "\nAPP_TAG=1.1.0\n");
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.1.0");

        // What reads another variable does not run what the release names, and is stopped.
        settings.put("image-variable", "ANOTHER");
        done(3, new Action.FetchArtifact(OLD));
        Outcome.Failed failed = failed(4, new Action.Redeploy(OLD, Moment.BEFORE));
        assertThat(failed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(failed.reason()).contains("${ANOTHER}");
        assertThat(ground.runs("app")).isEmpty();
    }

    @Test
    void refusesAnImageThatIsNotTheReleasesAndNamesARegistryThatDoesNotAnswer() throws Exception {
        Digest wrong = new Digest("sha256:" + "ab".repeat(32));
        artifacts = Map.of("1.1.0", new Artifact(young.location(), wrong));
        Outcome.Failed moved = failed(1, new Action.FetchArtifact(NEW));
        artifacts = Map.of("1.1.0", new Artifact("oci://" + Ground.repository(), wrong));
        Outcome.Failed gone = failed(2, new Action.FetchArtifact(NEW));
        artifacts = Map.of("1.1.0", new Artifact("oci://127.0.0.1:9/app:1.1.0", wrong));
        Outcome.Failed down = failed(3, new Action.FetchArtifact(NEW));
        Outcome.Failed unfetched = failed(4, new Action.Start(NEW, Moment.BEFORE));

        assertThat(moved.code()).isEqualTo(Failure.DIGEST_MISMATCH);
        assertThat(moved.reason()).contains(young.digest().value(), wrong.value());
        assertThat(moved.retryable()).isFalse();
        assertThat(gone.code()).isEqualTo(Failure.ARTIFACT_UNREACHABLE);
        assertThat(down.code()).isEqualTo(Failure.REGISTRY_DOWN);
        assertThat(down.retryable()).isTrue();
        assertThat(unfetched.code()).isEqualTo(Failure.ARTIFACT_MISSING);
        assertThat(ground.all()).isEmpty();
    }

    @Test
    void aStaleTokenChangesNothingEvenWhereTheFenceFileIsLost() throws Exception {
        done(1, new Action.FetchArtifact(NEW));
        done(8, new Action.Start(NEW, Moment.BEFORE));
        String all = ground.all();
        String pinned = Files.readString(project.resolve("upkeep.app.yml"));

        for (boolean lost : new boolean[] {false, true}) {
            if (lost) {
                Files.delete(project.resolve(".upkeep/fence"));
            }
            for (Action action : List.of(
                    new Action.Stop(),
                    new Action.Redeploy(OLD, Moment.BEFORE),
                    new Action.Migrate(NEW),
                    new Action.Teardown())) {
                Outcome.Failed failed = failed(7, action);
                assertThat(failed.code()).as(action.word()).isEqualTo(Failure.STALE_TOKEN);
                assertThat(failed.retryable()).isFalse();
            }
        }

        assertThat(ground.all()).isEqualTo(all);
        assertThat(project.resolve("upkeep.app.yml")).content().isEqualTo(pinned);
    }

    @Test
    void namesTheMigrationThatFailedAndWhyAndRunsItAgainForANewAttemptAlone() throws Exception {
        Files.writeString(project.resolve(".env"), "BREAK=0002_tags\n");
        done(1, new Action.FetchArtifact(NEW));
        Outcome.Failed failed = failed(2, new Action.Migrate(NEW));
        Outcome.Failed again = failed(2, new Action.Migrate(NEW));
        Files.writeString(project.resolve(".env"), "BREAK=\n");

        Outcome.Done done = done(3, new Action.Migrate(NEW));
        Outcome.Done repeated = done(4, new Action.Migrate(NEW));

        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.reason()).contains("0002_tags", "the column is there already");
        assertThat(failed.retryable()).isFalse();
        assertThat(again).isEqualTo(failed);
        assertThat(done.found())
                .isEqualTo(Map.of(
                        "migrations.ran", "0002_tags,0003_colours",
                        "migrations.skipped", "1",
                        "migrations.took", "0002_tags=7 ms,0003_colours=7 ms"));
        assertThat(repeated).isEqualTo(done);
        assertThat(ground.data().lines()).containsSubsequence("0001_start", "0002_tags", "0002_tags", "0003_colours");
        assertThat(looked(4, new Action.Migrate(NEW), Map.of()))
                .isInstanceOfSatisfying(
                        Look.Done.class, look -> assertThat(look.found()).isEqualTo(done.found()));
    }

    @Test
    void anExecutorThatTakesOverWaitsForTheMigrationAndStartsNoSecondOne() throws Exception {
        Files.writeString(project.resolve(".env"), "SLOW=2\n");
        done(1, new Action.FetchArtifact(NEW));
        CompletableFuture<Throwable> ended = new CompletableFuture<>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                driver.perform(request(2, new Action.Migrate(NEW), Map.of(), Map.of()), work());
                ended.complete(new AssertionError("it was not cancelled"));
            } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
            }
        });
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ground.all().contains("running"));
        first.interrupt();
        assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);

        driver = driver();
        assertThat(looked(2, new Action.Migrate(NEW), Map.of())).isInstanceOf(Look.NotDone.class);
        Outcome.Done done = done(2, new Action.Migrate(NEW));

        assertThat(done.found()).containsEntry("migrations.ran", "0001_start,0002_tags,0003_colours");
        assertThat(ground.data()).startsWith("0001_start\n0002_tags\n0003_colours\n0001_start");
    }

    @Test
    void aMigrationIsKilledWhenALaterAttemptHasCome() throws Exception {
        Files.writeString(project.resolve(".env"), "SLOW=100\n");
        done(1, new Action.FetchArtifact(NEW));
        TestWork work = work();
        CompletableFuture<Object> ended = new CompletableFuture<>();
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                ended.complete(driver.perform(request(2, new Action.Migrate(NEW), Map.of(), Map.of()), work));
            } catch (InterruptedException | RuntimeException e) {
                ended.complete(e);
            }
        });
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> ground.all().contains("running"));

        work.supersede();
        first.interrupt();

        assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
        assertThat(ground.all()).contains("exited").doesNotContain("running");
    }

    @Test
    void aMigrationThatIsNotOverAtItsDeadlineIsKilled() throws Exception {
        Files.writeString(project.resolve(".env"), "SLOW=100\n");
        done(1, new Action.FetchArtifact(NEW));

        Outcome.Failed failed = Ready.failure(
                driver,
                request(2, new Action.Migrate(NEW), Map.of(), Map.of()),
                new TestWork(directory.resolve("short"), Duration.ofSeconds(8), Map.of(), new MemoryBackups()));

        assertThat(failed.code()).isEqualTo(Failure.DEADLINE_PASSED);
        assertThat(ground.all()).contains("exited").doesNotContain("running");
    }

    @Test
    void whatMigratesWhenItStartsTellsWhatRanAndIsStoppedWhenThatFails() throws Exception {
        settings.put("migrates", "on-start");
        Files.writeString(project.resolve(".env"), "AUTO=yes\nBREAK=0002_tags\n");
        done(1, new Action.FetchArtifact(NEW));
        Outcome.Failed failed = failed(2, new Action.Start(NEW, Moment.BEFORE));
        assertThat(ground.runs("app")).isEmpty();
        assertThat(ground.all()).doesNotContain("restarting");
        Files.writeString(project.resolve(".env"), "AUTO=yes\n");

        Outcome.Done done = done(3, new Action.Start(NEW, Moment.BEFORE));

        assertThat(failed.code()).isEqualTo(Failure.MIGRATION_FAILED);
        assertThat(failed.reason()).contains("0002_tags", "the column is there already");
        assertThat(done.found())
                .containsEntry("migrations.ran", "0002_tags,0003_colours")
                .containsEntry("migrations.skipped", "1");
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.1.0");
    }

    @Test
    void whatMigratesWhenItStartsMeetsTheSchemaBeforeOrWhatItHasMadeOfItAndNothingBetween() throws Exception {
        settings.put("migrates", "on-start");
        Database database = Parts.postgres().freshDatabase();
        Map<String, Target> uses = Map.of("database", target(database));
        String before = schema(database, "create table note (id int)");
        String between = schema(database, "alter table note add tag text");
        String after = schema(database, "alter table note add colour text");
        Map<String, String> facts = Map.of(Fact.SCHEMA_BEFORE, before, Fact.SCHEMA_AFTER, after);
        Action start = new Action.Start(NEW, Moment.BEFORE);
        done(1, new Action.FetchArtifact(NEW));

        Outcome met = driver.perform(request(2, start, uses, facts), work());
        done(3, new Action.Stop());
        assertThat(schema(database, "alter table note drop colour")).isEqualTo(between);
        Outcome.Failed half = Ready.failure(driver, request(4, start, uses, facts), work());
        schema(database, "alter table note drop tag");
        Outcome first = driver.perform(request(5, start, uses, facts), work());
        schema(database, "alter table note add tag text, add colour text");
        Outcome again = driver.perform(request(5, start, uses, facts), work());

        assertThat(met).isInstanceOf(Outcome.Done.class);
        assertThat(half.code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);
        assertThat(first).isInstanceOf(Outcome.Done.class);
        assertThat(again).isInstanceOf(Outcome.Done.class);
    }

    private static Target target(Database database) {
        return Ready.target(
                "database",
                "postgresql",
                Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                Map.of());
    }

    /** The fingerprint of the schema after a change. */
    private static String schema(Database database, String change) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(change);
            return dev.upkeep.executor.driver.Database.fingerprint(connection).value();
        }
    }

    @Test
    void startsNothingOnASchemaThatIsNotItsOwn() throws Exception {
        Target target = target(Parts.postgres().freshDatabase());
        done(1, new Action.FetchArtifact(NEW));

        Outcome.Failed failed = Ready.failure(
                driver,
                request(
                        2,
                        new Action.Start(NEW, Moment.AFTER),
                        Map.of("database", target),
                        Map.of(Fact.SCHEMA_AFTER, "sf1:" + "ab".repeat(32))),
                work());

        assertThat(failed.code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);
        assertThat(ground.all()).isEmpty();
    }

    @Test
    void namesAnEngineThatIsDownAndMayBeRetried() throws Exception {
        settings.put("env.DOCKER_HOST", "unix:///nonexistent/docker.sock");

        for (Action action : List.of(
                new Action.FetchArtifact(NEW),
                new Action.Stop(),
                new Action.Start(NEW, Moment.BEFORE),
                new Action.Migrate(NEW),
                new Action.Teardown())) {
            Outcome.Failed failed = failed(1, action);
            assertThat(failed.code()).as(action.word()).isEqualTo(Failure.ENGINE_DOWN);
            assertThat(failed.retryable()).isTrue();
        }
    }

    @Test
    void looksForSettingsInTheProjectsVariablesAndTheServicesEnvironment() throws Exception {
        Outcome.Failed missing =
                failed(1, new Action.CheckSettings(List.of("MAIL", "EMPTY", "FAX", "VERSION"), List.of()));
        Outcome.Done done = done(2, new Action.CheckSettings(List.of("MAIL"), List.of("EMPTY", "AUTO", "TELEX")));
        Files.writeString(
                project.resolve("docker-compose.yml"),
                Files.readString(project.resolve("docker-compose.yml")).replace("${SLOW:-}", "${SLOW:?}"));
        Outcome.Failed unset = failed(3, new Action.CheckSettings(List.of(), List.of()));

        assertThat(missing.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(missing.reason()).contains("EMPTY, FAX, VERSION").doesNotContain("MAIL");
        assertThat(done.found()).containsEntry(Fact.SETTINGS_STALE, "EMPTY,AUTO");
        assertThat(unset.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(unset.reason()).contains("SLOW");
        Files.writeString(project.resolve(".env"), "SLOW=0\n");
    }

    @Test
    void checksARefOutPreparesItAndGoesBackToTheOneBefore() throws Exception {
        // Given a clone whose second version runs another image
        Path file = project.resolve("docker-compose.yml");
        git("init", "--quiet");
        git("add", "docker-compose.yml");
        git("commit", "--quiet", "--message", "one");
        git("tag", "v1.0.0");
        Files.writeString(file, Files.readString(file).replaceFirst("app(?s:(.*?)):1\\.0\\.0", "app$1:1.1.0"));
        git("commit", "--quiet", "--all", "--message", "two");
        git("tag", "v1.1.0");
        git("checkout", "--quiet", "v1.0.0");
        settings.put("checkout", "v{version}");
        settings.put("prepare.1", "/bin/sh -c 'echo {version} >> prepared'");
        artifacts = Map.of();
        ground.upByHand();
        String other = ground.runs("other");
        Map<String, String> kept = done(1, new Action.BackupConfiguration()).found();

        // When it goes forward
        assertThat(looked(2, new Action.FetchArtifact(NEW), Map.of())).isInstanceOf(Look.NotDone.class);
        done(2, new Action.Stop());
        done(3, new Action.FetchArtifact(NEW));
        done(3, new Action.FetchArtifact(NEW));
        done(4, new Action.Start(NEW, Moment.BEFORE));

        // Then
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.1.0");
        assertThat(looked(4, new Action.FetchArtifact(NEW), Map.of())).isInstanceOf(Look.Done.class);

        // When it goes back
        done(5, new Action.Stop());
        done(6, new Action.RestoreConfiguration(), kept);
        done(7, new Action.FetchArtifact(OLD));
        done(8, new Action.Start(OLD, Moment.BEFORE));

        // Then
        assertThat(ground.variable("app", "VERSION")).isEqualTo("1.0.0");
        assertThat(project.resolve("prepared")).content().isEqualTo("1.1.0\n1.0.0\n");
        assertThat(ground.runs("other")).isEqualTo(other);
        assertThat(failed(9, new Action.FetchArtifact(Version.of("1.2.0"))).code())
                .isEqualTo(Failure.ARTIFACT_MISSING);
    }

    private void git(String... arguments) throws Exception {
        List<String> argv = new ArrayList<>(List.of("git", "-c", "user.name=test", "-c", "user.email=test@test"));
        argv.addAll(List.of(arguments));
        Process process = new ProcessBuilder(argv)
                .directory(project.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("git.log").toFile())
                .start();
        assertThat(process.waitFor())
                .as(argv + ": " + Files.readString(directory.resolve("git.log")))
                .isZero();
    }

    @Test
    void takesTheProjectDownAndKeepsWhatIsStored() throws Exception {
        Files.writeString(project.resolve(".env"), "AUTO=yes\n");
        Path file = project.resolve("docker-compose.yml");
        Files.writeString(file, Files.readString(file).replace("  other:", "  other:\n    profiles: [tools]"));
        ground.upByHand();
        ground.compose("--profile", "tools", "up", "--detach", "other");

        done(1, new Action.Teardown());

        assertThat(ground.all()).isEmpty();
        assertThat(ground.data()).contains("0001_start");
        assertThat(looked(1, new Action.Teardown(), Map.of())).isInstanceOf(Look.Done.class);
    }

    @Test
    void saysWhatADryRunWouldChangeAndWritesNothing() throws Exception {
        Outcome.Done done = done(1, new Action.DryRun(NEW));

        assertThat(done.found().get(Fact.DRY_RUN_DIFF))
                .isEqualTo("- image: " + Ground.repository() + ":1.0.0\n+ image: " + Ground.repository() + "@"
                        + young.digest().value());
        assertThat(project.resolve("upkeep.app.yml")).doesNotExist();
    }

    private Outcome.Done done(long token, Action action) throws Exception {
        return done(token, action, Map.of());
    }

    private Outcome.Done done(long token, Action action, Map<String, String> facts) throws Exception {
        Outcome outcome = driver.perform(request(token, action, Map.of(), facts), work());
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, Action action) throws Exception {
        return Ready.failure(driver, request(token, action, Map.of(), Map.of()), work());
    }

    private Look looked(long token, Action action, Map<String, String> facts) throws Exception {
        return driver.look(request(token, action, Map.of(), facts), work());
    }

    private StepRequested request(long token, Action action, Map<String, Target> uses, Map<String, String> facts) {
        return Ready.request(token, action, Ready.target("app", "compose", settings, artifacts), uses, facts);
    }

    private ComposeDriver driver() {
        Places places = new Places(
                directory.resolve("backups"), directory.resolve("reports"), Optional.empty(), PATH, Optional.empty());
        return new ComposeDriver(places, programs, new CommandDriver(programs));
    }

    private TestWork work() {
        return new TestWork(
                directory.resolve("work-" + works++), Duration.ofSeconds(60), Map.of(), new MemoryBackups());
    }
}
