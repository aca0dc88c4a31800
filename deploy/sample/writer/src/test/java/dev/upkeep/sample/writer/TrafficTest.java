package dev.upkeep.sample.writer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Writes to real versions of inkwell through a real gate, while they are upgraded, undone and killed by hand. */
class TrafficTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Traffic.Pace BRISK = new Traffic.Pace(150, 40, 4, 7);

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

    private static void letItWrite(Traffic traffic) {
        long before = traffic.counts().acknowledged();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> traffic.counts().acknowledged() >= before + 100);
    }

    private static Account account(Path journal, String url, List<Path> reports) throws IOException, SQLException {
        return Accounting.check(journal, url, "postgres", "", reports);
    }

    @Test
    void accountsForEveryWriteThroughAnUpgradeThatIsKeptAndOneThatIsTakenBack() throws Exception {
        // Given
        String url = postgres.create("undone");
        Postgres.migrate(url, "1.0.0");
        int port = InkwellProcess.freePort();
        Path journal = directory.resolve("undone.jsonl");
        try (InkwellProcess first = InkwellProcess.start("1.0.0", url, port);
                GateProcess gate = new GateProcess(port, directory.resolve("undone-gate"))) {
            Traffic traffic = Traffic.start(gate.uri, journal, BRISK, InstantSource.system());
            letItWrite(traffic);
            // When: 1.1.0 is kept
            gate.parkAndDrain();
            first.stop();
            Postgres.migrate(url, "1.1.0");
            try (InkwellProcess second = InkwellProcess.start("1.1.0", url, port)) {
                gate.open();
                letItWrite(traffic);
                // ... and 1.2.0 is taken back
                gate.parkAndDrain();
                second.stop();
            }
            postgres.copy("undone", "undone_backup");
            Postgres.migrate(url, "1.2.0");
            capture(url);
            try (InkwellProcess third = InkwellProcess.start("1.2.0", url, port)) {
                gate.open();
                letItWrite(traffic);
                gate.parkAndDrain();
                third.stop();
            }
            Path report = report(url, directory.resolve("undone-gap.jsonl"));
            postgres.replace("undone", "undone_backup");
            try (InkwellProcess again = InkwellProcess.start("1.1.0", url, port)) {
                gate.open();
                letItWrite(traffic);
                traffic.close();
                again.stop();
            }
            // Then
            Account account = account(journal, url, List.of(report));
            Traffic.Counts counts = traffic.counts();
            assertThat(account.missing()).isEmpty();
            assertThat(account.unasked()).isEmpty();
            assertThat(account.acknowledged()).isEqualTo(counts.acknowledged());
            assertThat(account.itemised()).isPositive();
            assertThat(counts.parked()).isPositive();
            assertThat(counts.refused()).as("the bad release and the gate").isGreaterThan(counts.parked());
            assertThat(counts.unknown()).isZero();
            // Without the report, just what it itemised is missing; without one line, just that line's write.
            assertThat(account(journal, url, List.of()).missing()).hasSize((int) account.itemised());
            List<Write> writes = Journal.read(journal);
            Map<UUID, NoteRow> rows = Accounting.rows(url, "postgres", "");
            List<GapReport.Item> items = GapReport.read(report).items();
            int missed = 0;
            for (int i = 0; i < items.size(); i++) {
                List<GapReport.Item> fewer = new ArrayList<>(items);
                fewer.remove(i);
                int missing = Accounting.account(writes, rows, fewer).missing().size();
                assertThat(missing).isLessThanOrEqualTo(1);
                missed += missing;
            }
            assertThat(missed).isEqualTo((int) account.itemised());
        }
    }

    @Test
    void accountsForEveryWriteWhenTheServiceIsKilledUnderIt() throws Exception {
        // Given
        String url = postgres.create("killed");
        Postgres.migrate(url, "1.0.0");
        int port = InkwellProcess.freePort();
        Path journal = directory.resolve("killed.jsonl");
        try (GateProcess gate = new GateProcess(port, directory.resolve("killed-gate"))) {
            Traffic traffic = Traffic.start(gate.uri, journal, BRISK, InstantSource.system());
            // When
            for (int i = 0; i < 3; i++) {
                try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url, port)) {
                    letItWrite(traffic);
                    inkwell.kill();
                }
            }
            traffic.close();
            // Then
            Account account = account(journal, url, List.of());
            assertThat(account.missing()).isEmpty();
            assertThat(account.acknowledged()).isEqualTo(traffic.counts().acknowledged());
            assertThat(traffic.counts().refused()).isPositive();
        }
    }

    @Test
    void goesOnWithTheJournalAndTheNotesOfAnEarlierWriter() throws Exception {
        // Given
        String url = postgres.create("continued");
        Postgres.migrate(url, "1.0.0");
        Path journal = directory.resolve("continued.jsonl");
        try (InkwellProcess inkwell = InkwellProcess.start("1.0.0", url)) {
            Traffic first = Traffic.start(inkwell.uri, journal, BRISK, InstantSource.system());
            letItWrite(first);
            first.close();
            // When
            Traffic second = Traffic.start(inkwell.uri, journal, BRISK, InstantSource.system());
            letItWrite(second);
            second.close();
            // Then
            Account account = account(journal, url, List.of());
            assertThat(account.whole()).isTrue();
            assertThat(account.acknowledged())
                    .isEqualTo(first.counts().acknowledged() + second.counts().acknowledged());
            assertThat(second.counts().refused()).isZero();
            assertThat(rows(url)).isLessThanOrEqualTo(BRISK.notes());
        }
    }

    /** Notes by a trigger what the application changes from now on: another way than the one that Upkeep takes. */
    private static void capture(String url) throws SQLException {
        Postgres.execute(url, """
                CREATE TABLE captured (place bigserial, op text, id uuid, image jsonb);
                CREATE FUNCTION capture() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO captured (op, id, image)
                    VALUES (lower(TG_OP), CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END, to_jsonb(NEW));
                    RETURN NULL;
                END $$;
                CREATE TRIGGER capture AFTER INSERT OR UPDATE OR DELETE ON note FOR EACH ROW EXECUTE FUNCTION capture();
                """);
    }

    private static Path report(String url, Path file) throws SQLException, IOException {
        List<String> lines = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT op, id, image FROM captured ORDER BY place")) {
            while (rows.next()) {
                Map<String, Object> line = new HashMap<>();
                line.put("kind", "write");
                line.put("table", "public.note");
                line.put("op", rows.getString("op"));
                line.put("key", Map.of("id", rows.getString("id")));
                String image = rows.getString("image");
                if (image != null) {
                    line.put("row", JSON.readTree(image));
                }
                line.put("by", "application");
                lines.add(JSON.writeValueAsString(line));
            }
        }
        lines.addFirst("{\"kind\":\"header\",\"database\":\"undone\"}");
        return Files.write(file, lines);
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
