package dev.upkeep.executor.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.command.CommandDriver;
import dev.upkeep.executor.driver.compose.ComposeDriver;
import dev.upkeep.executor.driver.gate.GateDriver;
import dev.upkeep.executor.driver.kafka.KafkaDriver;
import dev.upkeep.executor.driver.migrate.MigrateDriver;
import dev.upkeep.executor.driver.podman.PodmanMakeDriver;
import dev.upkeep.executor.driver.postgresql.PostgresqlDriver;
import dev.upkeep.executor.driver.process.ProcessDriver;
import dev.upkeep.executor.driver.rehearsal.RehearsalDriver;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.Parts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What every driver keeps to, each seen on the real thing it drives. */
@org.junit.jupiter.api.Timeout(60)
class DriverContractTest {
    private static final List<Path> PATH = List.of(Path.of("/usr/bin"), Path.of("/bin"));

    @TempDir
    Path directory;

    private final MemoryBackups backups = new MemoryBackups();
    private final java.util.ArrayDeque<AutoCloseable> opened = new java.util.ArrayDeque<>();
    private int works;

    /**
     * One driver on one target.
     *
     * @param request by token
     * @param effects what carrying it out changes, as text; each carrying out that has an effect changes it
     */
    private record Subject(String name, Driver driver, LongFunction<StepRequested> request, Effects effects) {}

    private interface Effects {
        String seen() throws Exception;
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    @TestFactory
    List<DynamicTest> carryingOutAgainIsDoneAndHasNoSecondEffect() throws Exception {
        return each(subject -> {
            assertThat(subject.driver().perform(subject.request().apply(5), work()))
                    .isInstanceOf(Outcome.Done.class);
            String effects = subject.effects().seen();

            Outcome again = subject.driver().perform(subject.request().apply(5), work());

            assertThat(again).isInstanceOf(Outcome.Done.class);
            assertThat(subject.effects().seen()).isEqualTo(effects);
        });
    }

    @TestFactory
    List<DynamicTest> aTokenLowerThanTheHighestSeenIsRefused() throws Exception {
        return each(subject -> {
            assertThat(subject.driver().perform(subject.request().apply(8), work()))
                    .isInstanceOf(Outcome.Done.class);
            String effects = subject.effects().seen();

            Outcome.Failed failed = Ready.failure(
                    subject.driver(), anEarlierStep(subject.request().apply(7)), work());

            assertThat(failed.code()).isEqualTo(Failure.STALE_TOKEN);
            assertThat(failed.retryable()).isFalse();
            assertThat(subject.effects().seen()).isEqualTo(effects);
        });
    }

    @TestFactory
    List<DynamicTest> aLookSaysDoneAfterTheActAndNotBefore() throws Exception {
        return each(subject -> {
            assertThat(subject.driver().look(subject.request().apply(5), work()))
                    .isInstanceOf(Look.NotDone.class);
            subject.driver().perform(subject.request().apply(5), work());

            Look look = subject.driver().look(subject.request().apply(5), work());

            assertThat(look).isInstanceOf(Look.Done.class);
        });
    }

    private static StepRequested anEarlierStep(StepRequested r) {
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                new StepId("u-acme-earlier"),
                1,
                r.token(),
                r.action(),
                r.product(),
                r.from(),
                r.to(),
                r.target(),
                r.uses(),
                r.migrations(),
                r.facts(),
                r.deadline());
    }

    private interface Check {
        void on(Subject subject) throws Exception;
    }

    private List<DynamicTest> each(Check check) throws Exception {
        return List.of(
                DynamicTest.dynamicTest("process fetch", () -> check.on(fetch(under("fetch")))),
                DynamicTest.dynamicTest("process start", () -> check.on(start(under("start")))),
                DynamicTest.dynamicTest("gate park", () -> check.on(park(under("gate")))),
                DynamicTest.dynamicTest("migrate", () -> check.on(migrate(under("migrate")))),
                DynamicTest.dynamicTest("command", () -> check.on(task(under("task")))),
                DynamicTest.dynamicTest("command pause", () -> check.on(pause(under("pause")))),
                DynamicTest.dynamicTest("kafka", () -> check.on(snapshot(under("kafka")))),
                DynamicTest.dynamicTest("postgresql backup", () -> check.on(backup(under("backup")))),
                DynamicTest.dynamicTest("compose backup", () -> check.on(copy(under("compose")))),
                DynamicTest.dynamicTest("podman-make backup", () -> check.on(copyOfPods(under("podman-make")))),
                DynamicTest.dynamicTest("rehearsal", () -> check.on(rehearsal())));
    }

    private Path under(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private Work work() {
        return new TestWork(
                directory.resolve("scratch-" + works++), Duration.ofSeconds(60), Map.of("PASSWORD", "upkeep"), backups);
    }

    private static Subject fetch(Path home) throws IOException {
        Path jar = Ready.jar(home.resolve("source.jar"), Map.of("a", "b"));
        Target app =
                Ready.target("app", "process", Map.of("home", home.toString()), Map.of("1.1.0", Ready.artifact(jar)));
        Path fetched = home.resolve("releases/1.1.0/artifact.jar");
        return new Subject(
                "process fetch",
                new ProcessDriver(),
                token -> Ready.request(token, new Action.FetchArtifact(Version.of("1.1.0")), app, Map.of(), Map.of()),
                () -> Files.getLastModifiedTime(fetched) + " " + Files.getAttribute(fetched, "unix:ino"));
    }

    private Subject start(Path home) throws Exception {
        Path jar = Ready.listenerJar(home.resolve("source.jar"));
        int port = Ready.freePort();
        Target app = Ready.target(
                "app",
                "process",
                Map.of(
                        "home", home.toString(),
                        "port", Integer.toString(port),
                        "env.PORT", Integer.toString(port),
                        "command", "{java} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx16m -jar {artifact}"),
                Map.of("1.1.0", Ready.artifact(jar)));
        ProcessDriver driver = new ProcessDriver();
        driver.perform(
                Ready.request(1, new Action.FetchArtifact(Version.of("1.1.0")), app, Map.of(), Map.of()), work());
        opened.push(() -> driver.perform(Ready.request(99, new Action.Stop(), app, Map.of(), Map.of()), work()));
        return new Subject(
                "process start",
                driver,
                token -> Ready.request(
                        token, new Action.Start(Version.of("1.1.0"), Action.Moment.AFTER), app, Map.of(), Map.of()),
                () -> Files.readString(home.resolve("run/running")));
    }

    private Subject park(Path state) throws IOException {
        GateProcess gate = new GateProcess(state, Ready.freePort());
        opened.push(gate);
        Target target = Ready.target("gate", "gate", Map.of("admin", gate.admin()), Map.of());
        return new Subject(
                "gate park",
                new GateDriver(),
                token ->
                        Ready.request(token, new Action.ParkTraffic(Duration.ofSeconds(2)), target, Map.of(), Map.of()),
                () -> new String(
                        java.net
                                .URI
                                .create(gate.admin() + "/gate")
                                .toURL()
                                .openStream()
                                .readAllBytes(),
                        java.nio.charset.StandardCharsets.UTF_8));
    }

    private static Target database(Database database) {
        return Ready.target(
                "database",
                "postgresql",
                Map.of("url", database.jdbcUrl(), "user", database.user(), "password", database.password()),
                Map.of());
    }

    private static Subject migrate(Path home) throws IOException {
        Database database = Parts.postgres().freshDatabase();
        Path jar = Ready.jar(
                home.resolve("app.jar"),
                Map.of("db/migration/V1__start.sql", "create table note (id int); insert into note values (1);"));
        Target schema = Ready.target("schema", "migrate", Map.of(), Map.of("1.1.0", Ready.artifact(jar)));
        return new Subject(
                "migrate",
                new MigrateDriver(new LocalPrograms(PATH)),
                token -> Ready.request(
                        token,
                        new Action.Migrate(Version.of("1.1.0")),
                        schema,
                        Map.of("database", database(database)),
                        Map.of()),
                () -> ask(
                        database, "select count(*) || ' ' || (select count(*) from flyway_schema_history) from note"));
    }

    private static Subject task(Path home) {
        Target target = Ready.target(
                "task",
                "command",
                Map.of("home", home.toString(), "task.note", "/bin/sh -c 'echo once >> " + home + "/effects'"),
                Map.of());
        return new Subject(
                "command",
                new CommandDriver(new LocalPrograms(PATH)),
                token -> Ready.request(token, new Action.RunTask("note"), target, Map.of(), Map.of()),
                () -> Files.readString(home.resolve("effects")));
    }

    private static Subject snapshot(Path home) {
        String topic = "contract-" + UUID.randomUUID();
        Parts.kafka().createTopics(Map.of(topic, 1));
        Target target = Ready.target(
                "events",
                "kafka",
                Map.of("home", home.toString(), "bootstrap", Parts.kafka().bootstrapServers(), "topics", topic),
                Map.of());
        return new Subject(
                "kafka",
                new KafkaDriver(places(home)),
                token -> Ready.request(
                        token, new Action.BackupDatabase(Action.Moment.BEFORE), target, Map.of(), Map.of()),
                () -> files(home));
    }

    private static String files(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("fence") && !file.endsWith("backup.key"))
                    .sorted()
                    .map(file -> file + " " + file.toFile().lastModified())
                    .toList()
                    .toString();
        }
    }

    private static Subject pause(Path home) {
        Target target = Ready.target(
                "work",
                "command",
                Map.of("home", home.toString(), "do.pause-work", "/bin/sh -c 'echo once >> " + home + "/effects'"),
                Map.of());
        return new Subject(
                "command pause",
                new CommandDriver(new LocalPrograms(PATH)),
                token -> Ready.request(token, new Action.PauseWork(), target, Map.of(), Map.of()),
                () -> Files.readString(home.resolve("effects")));
    }

    private Subject backup(Path home) throws SQLException {
        Database database = Parts.postgres().freshDatabase();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table note (id int primary key); insert into note select generate_series(1, 10)");
        }
        opened.push(() -> {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots"
                        + " where database = current_database() and not active");
            }
        });
        Places places = new Places(home, home, Optional.empty(), PATH, Optional.empty());
        PostgresqlDriver driver = new PostgresqlDriver(places, new LocalPrograms(PATH), (r, s, c, w) -> {
            throw new AssertionError("nobody asked for a rehearsal");
        });
        return new Subject(
                "postgresql backup",
                driver,
                token -> Ready.request(
                        token, new Action.BackupDatabase(Action.Moment.BEFORE), database(database), Map.of(), Map.of()),
                () -> {
                    try (var files = Files.walk(home)) {
                        return files.filter(Files::isRegularFile)
                                .sorted()
                                .map(file -> {
                                    try {
                                        return file + " " + Files.getLastModifiedTime(file);
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                })
                                .toList()
                                .toString();
                    }
                });
    }

    /** What it does on an engine is in its own test. */
    private static Subject copy(Path home) throws IOException {
        Path project = Files.createDirectory(home.resolve("project"));
        Files.writeString(project.resolve("docker-compose.yml"), "services: {app: {image: app}}");
        Target target =
                Ready.target("app", "compose", Map.of("project", project.toString(), "service", "app"), Map.of());
        LocalPrograms programs = new LocalPrograms(PATH);
        return copied(
                "compose backup", new ComposeDriver(places(home), programs, new CommandDriver(programs)), target, home);
    }

    /** The same. */
    private static Subject copyOfPods(Path home) throws IOException {
        Path project = Files.createDirectory(home.resolve("project"));
        Files.writeString(project.resolve(".env"), "TAG=1.0.0");
        Target target = Ready.target("stack", "podman-make", Map.of("directory", project.toString()), Map.of());
        LocalPrograms programs = new LocalPrograms(PATH);
        return copied(
                "podman-make backup",
                new PodmanMakeDriver(places(home), programs, new CommandDriver(programs)),
                target,
                home);
    }

    private static Places places(Path home) {
        return new Places(home.resolve("backups"), home, Optional.empty(), PATH, Optional.empty());
    }

    private static Subject copied(String name, Driver driver, Target target, Path home) {
        return new Subject(
                name,
                driver,
                token -> Ready.request(token, new Action.BackupConfiguration(), target, Map.of(), Map.of()),
                () -> files(home.resolve("backups")));
    }

    private static Subject rehearsal() {
        Target target = Ready.target("app", "rehearsal", Map.of(), Map.of());
        return new Subject(
                "rehearsal",
                new RehearsalDriver(),
                token -> Ready.request(token, new Action.Stop(), target, Map.of(), Map.of()),
                () -> "none");
    }

    private static String ask(Database database, String query) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
