package dev.upkeep.executor.driver.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.step.Action.BackupDatabase;
import dev.upkeep.contract.step.Action.EndCapture;
import dev.upkeep.contract.step.Action.ExportWrites;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapTest {
    private static final BackupDatabase BEFORE = new BackupDatabase(Moment.BEFORE);

    @TempDir
    private Path directory;

    private Ground ground() throws Exception {
        Ground ground = new Ground(directory);
        ground.sql("CREATE TABLE note (id int PRIMARY KEY, body text, colour text);"
                + " CREATE TABLE flyway_schema_history (installed_rank int PRIMARY KEY, version text, type text, success bool);"
                + " INSERT INTO note VALUES (1, 'before', 'red'), (2, 'before', 'blue'), (3, 'before', NULL)");
        return ground;
    }

    private static List<JsonNode> report(Ground ground) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(ground.facts.get(Fact.GAP_REPORT)))) {
            lines.add(Wire.json().readTree(line));
        }
        return lines;
    }

    @Test
    void itemisesEveryRowThatWasWrittenAfterTheBackupInTheOrderOfCommits() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.sql("INSERT INTO note VALUES (4, E'it''s\\nnew', NULL)");
        ground.sql("UPDATE note SET body = 'changed' WHERE id = 1");
        ground.sql("UPDATE note SET id = 20 WHERE id = 2");
        ground.sql("DELETE FROM note WHERE id = 3");

        Outcome.Done done = ground.done(new ExportWrites());

        List<JsonNode> lines = report(ground);
        JsonNode header = lines.getFirst();
        assertThat(done.found()).containsEntry(Fact.GAP_WRITES, "4");
        assertThat(header.get("kind").asText()).isEqualTo("header");
        assertThat(header.get("tenant").asText()).isEqualTo("acme");
        assertThat(header.get("database").asText()).isEqualTo(ground.name);
        assertThat(header.get("writes").asLong()).isEqualTo(4);
        assertThat(header.get("migrationWrites").asLong()).isPositive();
        assertThat(lines.stream().filter(line -> line.path("by").asText().equals("application")))
                .extracting(line -> line.get("op").asText() + line.get("key") + line.get("row"))
                .containsExactly(
                        "insert{\"id\":\"4\"}{\"id\":\"4\",\"body\":\"it's\\nnew\",\"colour\":null}",
                        "update{\"id\":\"1\"}{\"id\":\"1\",\"body\":\"changed\",\"colour\":\"red\"}",
                        "update{\"id\":\"20\"}{\"id\":\"20\",\"body\":\"before\",\"colour\":\"blue\"}",
                        "delete{\"id\":\"3\"}null");
        assertThat(lines.stream()
                        .filter(line -> line.path("key").path("id").asText().equals("20")))
                .singleElement()
                .satisfies(
                        line -> assertThat(line.get("old").get("id").asText()).isEqualTo("2"));
        assertThat(header.get("writes").asLong() + header.get("migrationWrites").asLong())
                .isEqualTo(lines.size() - 1L);
    }

    @Test
    void tellsTheMigrationsChangesFromTheApplications() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.sql("INSERT INTO note VALUES (4, 'by the application', NULL)");
        ground.sql("BEGIN; UPDATE note SET body = body || colour WHERE colour IS NOT NULL;"
                + " SELECT pg_logical_emit_message(true, 'upkeep.migration', 'step'); INSERT INTO flyway_schema_history"
                + " VALUES (1, '2', 'SQL', true); ALTER TABLE note DROP COLUMN colour; COMMIT");
        ground.sql("INSERT INTO flyway_schema_history VALUES (2, '3', 'SQL', true)");
        ground.sql("SELECT pg_logical_emit_message(false, 'upkeep.migration', 'not in a transaction')");
        ground.sql(
                "SELECT pg_logical_emit_message(true, 'somebody.else', 'x'); INSERT INTO note VALUES (5, 'after', DEFAULT)"
                        .replace(", DEFAULT", ""));

        ground.done(new ExportWrites());

        assertThat(ground.facts).containsEntry(Fact.GAP_WRITES, "2");
        assertThat(report(ground).stream()
                        .filter(line -> line.path("by").asText().equals("application")))
                .extracting(line -> line.get("row").get("body").asText())
                .containsExactly("by the application", "after");
        assertThat(report(ground).stream()
                        .filter(line -> line.path("by").asText().equals("migration")
                                && line.get("table").asText().equals("public.note")))
                .hasSize(2);
    }

    @Test
    void leavesOutWhatWasRolledBackAndKeepsTruncations() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.sql("BEGIN; INSERT INTO note VALUES (4, 'never', NULL); ROLLBACK");
        ground.sql("BEGIN; SAVEPOINT s; INSERT INTO note VALUES (5, 'never', NULL); ROLLBACK TO s;"
                + " INSERT INTO note VALUES (6, 'kept', NULL); COMMIT");
        ground.sql("TRUNCATE note");

        ground.done(new ExportWrites());

        assertThat(report(ground).stream()
                        .filter(line -> line.path("by").asText().equals("application")))
                .extracting(line ->
                        line.get("op").asText() + line.get("key").path("id").asText())
                .containsExactly("insert6", "truncate");
    }

    @Test
    void saysWhichLargeValueWasNotWrittenInsteadOfMakingOneUp() throws Exception {
        Ground ground = ground();
        ground.sql(
                "ALTER TABLE note ALTER body SET STORAGE EXTERNAL; UPDATE note SET body = repeat('x', 20000) WHERE id = 1");
        ground.done(BEFORE);
        ground.sql("UPDATE note SET colour = 'green' WHERE id = 1");

        ground.done(new ExportWrites());

        JsonNode update = report(ground).stream()
                .filter(line -> line.path("op").asText().equals("update")
                        && line.get("table").asText().equals("public.note"))
                .findFirst()
                .orElseThrow();
        assertThat(update.get("row").has("body")).isFalse();
        assertThat(update.get("unchanged").get(0).asText()).isEqualTo("body");
    }

    @Test
    void reportsTheSameAgainAndWhateverCameSince() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.sql("INSERT INTO note VALUES (4, 'x', NULL)");
        ground.done(new ExportWrites());
        ground.done(new ExportWrites());
        String again = ground.facts.get(Fact.GAP_WRITES);
        ground.sql("INSERT INTO note VALUES (5, 'x', NULL)");

        ground.done(new ExportWrites());

        assertThat(again).isEqualTo("1");
        assertThat(ground.facts).containsEntry(Fact.GAP_WRITES, "2");
    }

    @Test
    void hasNoWriteTwiceAndMissesNoneBetweenSnapshotAndSlotUnderTraffic() throws Exception {
        // Given a writer that commits one row after the other all the time
        Ground ground = ground();
        java.util.concurrent.atomic.AtomicBoolean stop = new java.util.concurrent.atomic.AtomicBoolean();
        java.util.concurrent.atomic.AtomicInteger acknowledged = new java.util.concurrent.atomic.AtomicInteger();
        Thread writer = Thread.ofPlatform().start(() -> {
            try (Connection connection = ground.database().connect();
                    Statement statement = connection.createStatement()) {
                while (!stop.get()) {
                    statement.execute("INSERT INTO note VALUES (" + (1000 + acknowledged.get()) + ", 'w', NULL)");
                    acknowledged.incrementAndGet();
                }
            } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        // When a backup is taken in the middle of it
        ground.done(BEFORE);
        int atBackup = acknowledged.get();
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> acknowledged.get() > atBackup + 50);
        stop.set(true);
        writer.join();
        ground.done(new ExportWrites());

        // Then each row is either in the backup or in the gap
        long inBackup = ground.backups
                        .find(ground.facts.get(Fact.BACKUP_BEFORE))
                        .orElseThrow()
                        .rows()
                        .get("public.note")
                - 3;
        long inGap = Long.parseLong(ground.facts.get(Fact.GAP_WRITES));
        assertThat(inBackup + inGap).isEqualTo(acknowledged.get());
        assertThat(inBackup).isPositive();
        assertThat(inGap).isGreaterThanOrEqualTo(50);
    }

    @Test
    void failsByNameWhenTheSlotIsGone() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.done(new EndCapture());

        Outcome.Failed failed = ground.failed(new ExportWrites());

        assertThat(failed.code()).isEqualTo(Failure.CAPTURE_LOST);
        assertThat(failed.retryable()).isFalse();
    }

    @Test
    void leavesNoHalfReportWhenItsDirectoryCantBeWritten() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        Files.createDirectories(ground.places.reports());
        Files.writeString(ground.places.reports().resolve("acme"), "a file where the directory should be");

        Outcome.Failed failed = ground.failed(new ExportWrites());

        assertThat(failed.code()).isEqualTo(Failure.FILE_TROUBLE);
        Files.delete(ground.places.reports().resolve("acme"));
        assertThat(ground.done(new ExportWrites()).found()).containsKey(Fact.GAP_REPORT);
    }

    @Test
    void writesASummaryThatAPersonCanRead() throws Exception {
        Ground ground = ground();
        ground.done(BEFORE);
        ground.sql("INSERT INTO note VALUES (4, 'x', NULL), (5, 'y', NULL)");
        ground.sql("DELETE FROM note WHERE id = 4");

        ground.done(new ExportWrites());

        String summary =
                Files.readString(Path.of(ground.facts.get(Fact.GAP_REPORT).replace(".jsonl", ".md")));
        assertThat(summary).contains("**3** row changes", "| `public.note` | 2 | 0 | 1 | 0 |", "- `id=4`", "-gap.sql");
    }
}
