package dev.upkeep.executor.driver.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Mortal;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@org.junit.jupiter.api.Timeout(60)
class ProcessDriverTest {
    private static final Version V = Version.of("1.1.0");

    @TempDir
    Path directory;

    private final ProcessDriver driver = new ProcessDriver();
    private final Map<String, String> settings = new HashMap<>();
    private final Map<String, Artifact> artifacts = new HashMap<>();
    private final Map<String, Target> uses = new HashMap<>();
    private final Map<String, String> facts = new HashMap<>();
    private Path home;
    private int port;

    @BeforeEach
    void layOut() throws IOException {
        home = directory.resolve("home");
        port = Ready.freePort();
        artifacts.put("1.1.0", Ready.artifact(Ready.listenerJar(directory.resolve("listener.jar"))));
        settings.putAll(Map.of(
                "home", home.toString(),
                "port", Integer.toString(port),
                "env.PORT", Integer.toString(port),
                "command", "{java} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx16m -jar {artifact}"));
    }

    @AfterEach
    void stop() throws InterruptedException {
        settings.put("stop-within", "PT0.1S");
        driver.perform(request(1000, new Action.Stop()), work(Duration.ofSeconds(30)));
    }

    @Test
    void startsAComponentInASessionOfItsOwnWithACleanEnvironment() throws Exception {
        fetch();

        assertThat(driver.perform(request(2, start()), work())).isInstanceOf(Outcome.Done.class);

        Running running = running();
        assertThat(ProcessTable.find(running.pid()).orElseThrow().session()).isEqualTo(running.pid());
        assertThat(ProcessTable.environment(running.pid()))
                .contains("PORT=" + port, "UPKEEP_VERSION=1.1.0")
                .noneMatch(variable -> variable.startsWith("JAVA_HOME=") || variable.startsWith("USER="));
    }

    @Test
    void aComponentOutlivesTheExecutorThatStartedIt() throws Exception {
        fetch();
        Files.write(directory.resolve("request"), Wire.body(request(2, start())));
        Process executor = Mortal.live("component", directory);
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> driver.look(request(2, start()), work()) instanceof Look.Done);

        executor.destroyForcibly().waitFor();

        assertThat(driver.look(request(2, start()), work())).isInstanceOf(Look.Done.class);
        assertThat(ProcessTable.find(running().pid())).isPresent();
    }

    @Test
    void findsWhatItStartedEvenIfTheExecutorDiedBeforeNotingIt() throws Exception {
        fetch();
        driver.perform(request(2, start()), work());
        long pid = running().pid();
        Files.delete(home.resolve("run/running"));

        Outcome outcome = driver.perform(request(2, start()), work());

        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        assertThat(((Outcome.Done) outcome).found()).containsEntry("process.pid", Long.toString(pid));
    }

    @Test
    void endsWhatAComponentLeftBehindWhoseStopWasCutShort() throws Exception {
        fetch();
        settings.put("command", "/bin/sh -c 'sleep 300 & exec " + settings.get("command") + "'");
        driver.perform(request(2, start()), work());
        long leader = running().pid();
        ProcessHandle.of(leader).orElseThrow().destroyForcibly();
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> ProcessTable.find(leader).isEmpty());
        assertThat(driver.look(request(3, new Action.Stop()), work())).isInstanceOf(Look.NotDone.class);

        driver.perform(request(3, new Action.Stop()), work());

        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> ProcessTable.session(leader).isEmpty());
        assertThat(driver.look(request(3, new Action.Stop()), work())).isInstanceOf(Look.Done.class);
    }

    @Test
    void takesNoStrangerForItsComponentThatGotThePidOfTheOneBefore() throws Exception {
        fetch();
        driver.perform(request(2, start()), work());
        Running running = running();
        driver.perform(request(3, new Action.Stop()), work());

        new Home(home).note(new Running(ProcessHandle.current().pid(), running.birth(), V, running.token()));

        assertThat(new Home(home).running()).isEmpty();
    }

    @Test
    void keepsNothingOfAnArtifactWithTheWrongDigest() throws Exception {
        Artifact right = artifacts.get("1.1.0");
        artifacts.put("1.1.0", new Artifact(right.location(), new Digest("sha256:" + "0".repeat(64))));

        Outcome.Failed failed = Ready.failure(driver, request(1, new Action.FetchArtifact(V)), work());

        assertThat(failed.code()).isEqualTo(Failure.DIGEST_MISMATCH);
        assertThat(failed.retryable()).isFalse();
        assertThat(home.resolve("releases/1.1.0")).isEmptyDirectory();
    }

    @Test
    void tellsTheLastLinesOfAComponentThatEndsWhileItStarts() throws Exception {
        fetch();
        settings.put("env.MODE", "broken");

        Outcome.Failed failed = Ready.failure(driver, request(2, start()), work());

        assertThat(failed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(failed.reason()).contains("the configuration is missing a colour");
    }

    @Test
    void killsAComponentThatDoesNotEndByItself() throws Exception {
        fetch();
        settings.put("env.MODE", "deaf");
        settings.put("stop-within", "PT0.5S");
        driver.perform(request(2, start()), work());
        Running running = running();

        Outcome outcome = driver.perform(request(3, new Action.Stop()), work());

        assertThat(((Outcome.Done) outcome).found()).containsEntry("stop.forced", "true");
        assertThat(running.alive()).isFalse();
    }

    @Test
    void neverStartsAVersionOnASchemaThatIsNotItsOwn() throws Exception {
        fetch();
        Database database = Parts.postgres().freshDatabase();
        uses.put(
                "database",
                Ready.target(
                        "database",
                        "postgresql",
                        Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                        Map.of()));
        facts.put(Fact.SCHEMA_AFTER, "sf1:" + "a".repeat(64));

        Outcome.Failed failed = Ready.failure(driver, request(2, start()), work());

        assertThat(failed.code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);
        assertThat(new Home(home).running()).isEmpty();
        facts.clear();
        assertThat(Ready.failure(driver, request(2, start()), work()).code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);
    }

    @Test
    void takesUpAStartAfterWhichTheComponentHasMigrated() throws Exception {
        fetch();
        Database database = Parts.postgres().freshDatabase();
        uses.put(
                "database",
                Ready.target(
                        "database",
                        "postgresql",
                        Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                        Map.of()));
        facts.put(Fact.SCHEMA_BEFORE, "sf1:" + "a".repeat(64));
        try (Connection connection = database.connect()) {
            facts.put(
                    Fact.SCHEMA_AFTER,
                    dev.upkeep.executor.driver.Database.fingerprint(connection).value());
        }
        Action start = new Action.Start(V, Action.Moment.BEFORE);
        assertThat(Ready.failure(driver, request(2, start), work()).code()).isEqualTo(Failure.SCHEMA_NOT_ITS_OWN);

        settings.put("migrates", "on-start");

        assertThat(driver.perform(request(3, start), work())).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void namesAPortThatSomethingElseHolds() throws Exception {
        fetch();
        try (ServerSocket other = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
            Outcome.Failed failed = Ready.failure(driver, request(2, start()), work());

            assertThat(other.isBound()).isTrue();
            assertThat(failed.code()).isEqualTo(Failure.PORT_TAKEN);
            assertThat(failed.retryable()).isTrue();
        }
    }

    @Test
    void redeploysByStoppingWhatRunsAndStartingTheVersion() throws Exception {
        fetch();
        driver.perform(request(2, start()), work());
        long before = running().pid();

        assertThat(driver.perform(request(3, new Action.Redeploy(V, Action.Moment.AFTER)), work()))
                .isInstanceOf(Outcome.Done.class);

        assertThat(running().pid()).isNotEqualTo(before);
    }

    @Test
    void leavesNothingHalfStartedAtTheDeadline() throws Exception {
        fetch();
        settings.put("port", Integer.toString(Ready.freePort()));

        Outcome.Failed failed = Ready.failure(driver, request(2, start()), work(Duration.ofSeconds(4)));

        assertThat(failed.code()).isEqualTo(Failure.START_FAILED);
        assertThat(new Home(home).running()).isEmpty();
    }

    private void fetch() throws InterruptedException {
        assertThat(driver.perform(request(1, new Action.FetchArtifact(V)), work()))
                .isInstanceOf(Outcome.Done.class);
    }

    private Running running() {
        Optional<Running> running = new Home(home).running();
        return running.orElseThrow();
    }

    private static Action start() {
        return new Action.Start(V, Action.Moment.AFTER);
    }

    private StepRequested request(long token, Action action) {
        return Ready.request(token, action, Ready.target("app", "process", settings, artifacts), uses, facts);
    }

    private Work work() {
        return work(Duration.ofSeconds(60));
    }

    private Work work(Duration limit) {
        return new TestWork(directory.resolve("scratch"), limit, Map.of(), new MemoryBackups());
    }
}
