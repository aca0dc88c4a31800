package dev.upkeep.sample.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the three versions of inkwell as real processes on a real PostgreSQL. */
class ReleasesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    static Postgres postgres;

    @BeforeAll
    static void startPostgres() throws IOException {
        postgres = new Postgres(directory.resolve("postgres"));
    }

    @AfterAll
    static void stopPostgres() throws IOException {
        postgres.close();
    }

    private static String note(String title, String colour, UUID writeId) {
        return "{\"title\":\"" + title + "\",\"body\":\"b\",\"colour\":\"" + colour + "\",\"writeId\":\"" + writeId
                + "\"}";
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    @Test
    void keepsNotesThroughAllThreeVersions() throws Exception {
        // Given
        String url = postgres.create("through");
        Postgres.migrate(url, "1.0.0");
        String id;
        try (InkwellProcess first = InkwellProcess.start("1.0.0", url)) {
            // When
            id = json(first.post(note("one", "red", UUID.randomUUID())))
                    .get("id")
                    .asText();
            // Then
            assertThat(json(first.get("/version")).get("version").asText()).isEqualTo("1.0.0");
            assertThat(json(first.get("/notes/" + id)).get("colour").asText()).isEqualTo("red");
            assertThat(first.put(id, note("two", "red", UUID.randomUUID())).statusCode())
                    .isEqualTo(200);
        }
        Postgres.migrate(url, "1.1.0");
        try (InkwellProcess second = InkwellProcess.start("1.1.0", url)) {
            JsonNode note = json(second.get("/notes/" + id));
            assertThat(note.get("title").asText()).isEqualTo("two");
            assertThat(note.get("pinned").asBoolean()).isTrue();
            assertThat(note.get("tags").get(0).asText()).isEqualTo("colour-red");
            String tagged = json(second.post(
                            "{\"title\":\"t\",\"body\":\"b\",\"tags\":[\"x\",\"y\",\"x\"],\"writeId\":\""
                                    + UUID.randomUUID() + "\"}"))
                    .get("id")
                    .asText();
            assertThat(json(second.get("/notes/" + tagged)).get("tags")).hasSize(2);
            assertThat(json(second.get("/notes?limit=1")).get("notes")).hasSize(1);
            assertThat(second.delete(tagged).statusCode()).isEqualTo(204);
            assertThat(second.delete(tagged).statusCode()).isEqualTo(404);
        }
        Postgres.migrate(url, "1.2.0");
        try (InkwellProcess third = InkwellProcess.start("1.2.0", url)) {
            JsonNode note = json(third.get("/notes/" + id));
            assertThat(note.get("body").asText()).isEqualTo("b\n[colour: red]");
            assertThat(note.has("colour")).isFalse();
            assertThat(third.put(id, note("three", "blue", UUID.randomUUID())).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void failsOneRequestInFiveIn120WithoutHavingWrittenAndStaysGreen() throws Exception {
        // Given
        String url = postgres.create("bad");
        Postgres.migrate(url, "1.2.0");
        try (InkwellProcess bad = InkwellProcess.start("1.2.0", url)) {
            // When
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                statuses.add(bad.post(note("n" + i, "red", UUID.randomUUID())).statusCode());
            }
            // Then
            assertThat(statuses.stream().filter(status -> status == 500)).hasSize(10);
            assertThat(statuses.stream().filter(status -> status == 201)).hasSize(40);
            assertThat(bad.get("/healthz").statusCode()).isEqualTo(200);
            assertThat(bad.get("/metrics").body())
                    .contains("inkwell_requests_total{method=\"POST\",outcome=\"error\"} 10")
                    .contains("inkwell_requests_total{method=\"POST\",outcome=\"ok\"} 40")
                    .contains("inkwell_request_seconds_count 50");
            assertThat(rows(url)).isEqualTo(40);
        }
    }

    @Test
    void refusesWhatItCannotTakeAndNamesTheField() throws Exception {
        // Given
        String url = postgres.create("refusing");
        Postgres.migrate(url, "1.1.0");
        try (InkwellProcess inkwell = InkwellProcess.start("1.1.0", url)) {
            // When, Then
            assertRefused(inkwell.post("{\"title\":\"t\",\"body\":\"b\"}"), "writeId");
            assertRefused(inkwell.post("{\"title\":\"t\",\"body\":\"b\",\"writeId\":\"1\"}"), "writeId");
            assertRefused(inkwell.post("{\"body\":\"b\",\"writeId\":\"" + UUID.randomUUID() + "\"}"), "title");
            assertRefused(inkwell.post("[]"), "body");
            assertRefused(inkwell.post("{\"title\":"), "body");
            assertRefused(inkwell.get("/notes?limit=0"), "limit");
            assertRefused(inkwell.get("/notes/x"), "id");
            assertThat(inkwell.get("/other").statusCode()).isEqualTo(404);
            String twice = "{\"id\":\"" + UUID.randomUUID() + "\","
                    + note("t", "red", UUID.randomUUID()).substring(1);
            assertThat(inkwell.post(twice).statusCode()).isEqualTo(201);
            assertThat(inkwell.post(twice).statusCode()).isEqualTo(409);
            assertThat(rows(url)).isEqualTo(1);
        }
    }

    @Test
    void tellsThatItsDatabaseIsAwayAndWorksOnWhenItIsBack() throws Exception {
        // Given
        String url = postgres.create("restarted");
        Postgres.migrate(url, "1.0.0");
        try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url)) {
            assertThat(inkwell.get("/healthz").statusCode()).isEqualTo(200);
            // When
            postgres.stop();
            try {
                // Then
                assertThat(inkwell.get("/healthz").statusCode()).isEqualTo(503);
                assertThat(inkwell.post(note("lost", "red", UUID.randomUUID())).statusCode())
                        .isEqualTo(503);
            } finally {
                postgres.start();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() ->
                            inkwell.post(note("kept", "red", UUID.randomUUID())).statusCode() == 201);
            assertThat(inkwell.get("/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void exitsWithZeroOnSigterm() throws Exception {
        // Given
        String url = postgres.create("stopped");
        Postgres.migrate(url, "1.0.0");
        try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url)) {
            assertThat(inkwell.get("/healthz").statusCode()).isEqualTo(200);
            // When
            inkwell.process.destroy();
            // Then
            assertThat(inkwell.process.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(inkwell.process.exitValue()).isZero();
        }
    }

    @Test
    void finishesAWriteThatIsUnderWayBeforeItStops() throws Exception {
        // Given
        String url = postgres.create("finishing");
        Postgres.migrate(url, "1.0.0");
        try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url);
                Connection other = DriverManager.getConnection(url, "postgres", "");
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> caller = writeAgainstALock(inkwell, other, callers);
            // When
            inkwell.process.destroy();
            assertThat(inkwell.process.waitFor(300, TimeUnit.MILLISECONDS)).isFalse();
            other.rollback();
            // Then
            assertThat(caller.get(5, TimeUnit.SECONDS).statusCode()).isEqualTo(201);
            assertThat(inkwell.process.waitFor(5, TimeUnit.SECONDS)).isTrue();
            assertThat(inkwell.process.exitValue()).isZero();
            assertThat(rows(url)).isEqualTo(1);
        }
    }

    @Test
    void cutsTheCallerOffRatherThanGuessWhenItsConnectionBreaksUnderAWrite() throws Exception {
        // Given
        String url = postgres.create("doubtful");
        Postgres.migrate(url, "1.0.0");
        try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url);
                Connection other = DriverManager.getConnection(url, "postgres", "");
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<HttpResponse<String>> caller = writeAgainstALock(inkwell, other, callers);
            // When
            try (Statement statement = other.createStatement()) {
                statement.execute(WAITING.replace("count(*)", "pg_terminate_backend(pid)"));
            }
            // Then
            assertThatThrownBy(() -> caller.get(5, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
            other.rollback();
            assertThat(inkwell.post(note("next", "red", UUID.randomUUID())).statusCode())
                    .isEqualTo(201);
        }
    }

    private static final String WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND application_name LIKE 'inkwell%' AND wait_event_type = 'Lock'";

    /** The write of the answer that is to come waits in the database for the other connection's transaction to end. */
    private static Future<HttpResponse<String>> writeAgainstALock(
            InkwellProcess inkwell, Connection other, ExecutorService callers) throws SQLException {
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute("LOCK TABLE note IN EXCLUSIVE MODE");
        }
        Future<HttpResponse<String>> caller =
                callers.submit(() -> inkwell.post(note("late", "red", UUID.randomUUID())));
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (Statement statement = other.createStatement();
                    ResultSet waiting = statement.executeQuery(WAITING)) {
                waiting.next();
                return waiting.getInt(1) == 1;
            }
        });
        return caller;
    }

    private static void assertRefused(HttpResponse<String> response, String field) throws IOException {
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("field").asText()).isEqualTo(field);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    private static int rows(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM note")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
