package dev.upkeep.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PostgresTest {
    @TempDir
    Path temporary;

    @Test
    void keepsItsRowsItsPortAndItsPasswordAcrossARestart() throws Exception {
        Path directory = temporary.resolve("state");
        int port;
        String password;
        try (Postgres first = Postgres.at(directory).durable().start()) {
            port = first.port();
            password = first.password();
            execute(first, "create table kept (id int primary key)", "insert into kept values (1), (2)");
        }

        try (Postgres second = Postgres.at(directory).durable().start()) {
            assertThat(second.port()).isEqualTo(port);
            assertThat(second.password()).isEqualTo(password);
            assertThat(query(second, "select id from kept order by id")).containsExactly("1", "2");
            assertThat(query(second, "show fsync")).containsExactly("on");
            assertThat(query(second, "show synchronous_commit")).containsExactly("on");
        }
        assertThat(Leftovers.find(Leftovers.postgresOn(directory.toRealPath().resolve("data"))))
                .isEmpty();
    }

    @Test
    void namesTheTakenPortAndTheFix() throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(Port.loopback(), 0));

            StartFailure failure = catchThrowableOfType(
                    StartFailure.class,
                    () -> Postgres.at(temporary.resolve("state"))
                            .port(other.getLocalPort())
                            .start()
                            .close());

            assertThat(failure.kind()).isEqualTo(StartFailure.Kind.PORT_TAKEN);
            assertThat(failure)
                    .hasMessageContaining("port " + other.getLocalPort())
                    .hasMessageContaining("ss -ltnp");
        }
    }

    @Test
    void refusesADirectoryWhoseOwnerStillRuns() {
        Path directory = temporary.resolve("state");
        try (Postgres running = Postgres.at(directory).start()) {
            StartFailure failure = catchThrowableOfType(
                    StartFailure.class, () -> Postgres.at(directory).start().close());

            assertThat(failure.kind()).isEqualTo(StartFailure.Kind.IN_USE);
            assertThat(running.isAlive()).isTrue();
        }
    }

    @Test
    void refusesADirectoryThatAnotherProcessOwnsAndLeavesItsServerAlone() throws Exception {
        Path directory = temporary.resolve("state");
        Process owner = Owner.start("postgres", directory);
        ProcessHandle guard = Owner.guard(owner);
        List<ProcessHandle> before =
                Leftovers.find(Leftovers.postgresOn(directory.toRealPath().resolve("data")));

        StartFailure failure = catchThrowableOfType(
                StartFailure.class, () -> Postgres.at(directory).start().close());

        assertThat(failure.kind()).isEqualTo(StartFailure.Kind.IN_USE);
        assertThat(failure).hasMessageContaining("process " + owner.pid());
        assertThat(before).isNotEmpty().allMatch(ProcessHandle::isAlive);
        Owner.kill(owner);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !guard.isAlive());
    }

    @Test
    void refusesADirectoryThatCannotBeMade() throws Exception {
        Path file = Files.writeString(temporary.resolve("file"), "in the way");

        StartFailure failure = catchThrowableOfType(
                StartFailure.class,
                () -> Postgres.at(file.resolve("state")).start().close());

        assertThat(failure.kind()).isEqualTo(StartFailure.Kind.NO_PERMISSION);
        assertThat(failure).hasMessageContaining(file.resolve("state").toString());
    }

    @Test
    void endsWithItsKilledOwnerAndKeepsWhatWasCommitted() throws Exception {
        Path directory = temporary.resolve("state");
        Process owner = Owner.start("postgres", directory);
        Path data = directory.toRealPath().resolve("data");
        assertThat(Leftovers.find(Leftovers.postgresOn(data))).isNotEmpty();
        ProcessHandle guard = Owner.guard(owner);
        String password = keptPassword(directory);
        String url = "jdbc:postgresql://127.0.0.1:" + Owner.port(directory) + "/postgres";
        try (Connection open = DriverManager.getConnection(url, "postgres", password);
                Statement statement = open.createStatement()) {
            statement.execute("create table kept as select 7 as id");

            Owner.kill(owner);

            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !guard.isAlive());
            assertThat(Leftovers.find(Leftovers.postgresOn(data))).isEmpty();
        }
        try (Postgres next = Postgres.at(directory).durable().start()) {
            assertThat(query(next, "select id from kept")).containsExactly("7");
        }
    }

    @Test
    void stopsWhatAnOwnerAndAGuardLeftBehindThatWereBothKilled() throws Exception {
        Path directory = temporary.resolve("state");
        Process owner = Owner.start("postgres", directory);
        Path data = directory.toRealPath().resolve("data");
        Owner.guard(owner).descendants().filter(Owner::isShell).forEach(ProcessHandle::destroyForcibly);
        Owner.guard(owner).destroyForcibly();
        Owner.kill(owner);
        List<ProcessHandle> left = Leftovers.find(Leftovers.postgresOn(data));
        assertThat(left).isNotEmpty();

        try (Postgres next = Postgres.at(directory).durable().start()) {
            assertThat(left).noneMatch(ProcessHandle::isAlive);
            assertThat(query(next, "select 1")).containsExactly("1");
        }
    }

    @Test
    void recoversWhenTheServerItselfWasKilledAndItsPidWentToAStranger() throws Exception {
        Path directory = temporary.resolve("state");
        try (Postgres killed = Postgres.at(directory).durable().start()) {
            execute(killed, "create table kept as select 8 as id");
            ProcessHandle.of(killed.pid().orElseThrow()).orElseThrow().destroyForcibly();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !killed.isAlive());
        }
        Path pidFile = directory.resolve("data/postmaster.pid");
        List<String> lines = new ArrayList<>(Files.readAllLines(pidFile));
        lines.set(0, String.valueOf(ProcessHandle.current().pid()));
        Files.write(pidFile, lines);

        try (Postgres next = Postgres.at(directory).durable().start()) {
            assertThat(query(next, "select id from kept")).containsExactly("8");
        }
    }

    @Test
    void startsAgainOnItsPortWithWhatWasCommittedAfterItWasKilledUntilItIsClosed() throws Exception {
        Postgres server = Postgres.at(temporary.resolve("state")).durable().start();
        try (server) {
            // Given a server with a committed row, killed at once
            execute(server, "create table kept (id int primary key)", "insert into kept values (1)");
            int port = server.port();
            ProcessHandle.of(server.pid().orElseThrow()).orElseThrow().destroyForcibly();
            assertThat(server.ended(Duration.ofSeconds(30))).isTrue();

            // When
            server.startAgain();

            // Then
            assertThat(server.port()).isEqualTo(port);
            assertThat(query(server, "select id from kept")).containsExactly("1");
        }
        server.startAgain();
        assertThat(server.isAlive()).isFalse();
    }

    @Test
    void makesADatabaseThatOnlyItsOwnRoleMayConnectTo() throws Exception {
        try (Postgres postgres = Postgres.temporary().start()) {
            postgres.createDatabase("planner", "planner", "it's secret");
            postgres.createDatabase("planner", "planner", "it's secret");
            postgres.createDatabase("executor", "executor", "another");

            try (Connection own = DriverManager.getConnection(postgres.jdbcUrl("planner"), "planner", "it's secret")) {
                own.createStatement().execute("create table mine (id int)");
            }
            assertThatThrownBy(() -> DriverManager.getConnection(postgres.jdbcUrl("planner"), "executor", "another"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> postgres.createDatabase("x\" owner postgres; --"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void decodesItsChangesAndThrowsATemporaryDirectoryAway() throws Exception {
        Path log;
        try (Postgres postgres =
                Postgres.temporary().setting("wal_level", "logical").start()) {
            log = postgres.log();
            assertThat(log).exists();
            execute(
                    postgres,
                    "create table changed (id int primary key)",
                    "select pg_create_logical_replication_slot('gap', 'test_decoding')",
                    "insert into changed values (5)");

            assertThat(query(postgres, "select data from pg_logical_slot_get_changes('gap', null, null)"))
                    .contains("table public.changed: INSERT: id[integer]:5");
        }
        assertThat(log.getParent()).doesNotExist();
    }

    private static void execute(Postgres postgres, String... statements) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<String> query(Postgres postgres, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    private static String keptPassword(Path directory) throws IOException {
        Properties facts = new Properties();
        try (Reader in = Files.newBufferedReader(directory.resolve("facts.properties"))) {
            facts.load(in);
        }
        return facts.getProperty("password");
    }
}
