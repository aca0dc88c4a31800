package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Assessors Studio by its descriptor and its releases alone, under Docker Compose on a real engine: an upgrade, one whose
 * migration fails, one that is confirmed with its tasks, one that is broken; one installation's life, so in this order.
 *
 * <p>Of the descriptor only spans are shorter and PostgreSQL's version is the one that is here; of the releases only the
 * images differ.
 */
@Tag("engine")
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StudioOnComposeTest {
    private static final Path FILES = Installation.resources("studio");
    private static final String DATABASE = "studio";
    private static final Map<String, String> HERE = Map.of(
            "span: PT2M", "span: PT3S",
            "span: PT5M", "span: PT5S",
            "postgresql: \"17\"", "postgresql: \"15\"");
    private static final Map<String, List<String>> MIGRATIONS = Map.of(
            "2.3.0", List.of("0030_notes"),
            "2.4.0", List.of("0030_notes", "0031_evidence_tags"),
            "2.5.0", List.of("0030_notes", "0031_evidence_tags", "0032_envelopes"),
            "3.0.0", List.of("0030_notes", "0031_evidence_tags", "0032_envelopes", "0040_api_v2"));

    private final Map<String, String> digests = new HashMap<>();
    private Path project;
    private Docker docker;
    private Postgres server;
    private Installation studio;

    @BeforeAll
    void install(@TempDir Path directory) throws Exception {
        docker = new Docker(directory.resolve("images"), "studio");
        Installation.require(docker.lacks());
        for (String version : MIGRATIONS.keySet()) {
            digests.put(
                    version,
                    docker.image(
                            FILES.resolve("image"),
                            version,
                            MIGRATIONS.get(version),
                            version.equals("3.0.0") ? "errs" : ""));
        }
        Path data = directory.resolve("postgresql");
        server = Postgres.at(data)
                .durable()
                .setting("wal_level", "logical")
                .setting("max_replication_slots", "8")
                .start();
        server.createDatabase(DATABASE);
        int port = Port.free();
        project = Files.createDirectories(directory.resolve("upkeep-suite-studio"));
        Path secret = Files.writeString(directory.resolve("secret"), server.password());
        Map<String, String> values = Map.of(
                "image", docker.name("2.3.0"),
                "port", Integer.toString(port),
                "url", server.jdbcUrl(DATABASE).substring("jdbc:".length()),
                "jdbc", server.jdbcUrl(DATABASE),
                "user", server.user(),
                "password", server.password(),
                "secret", secret.toString(),
                "data", directory.toString(),
                "project", project.toString(),
                "home", directory.resolve("tasks").toString());
        Files.createDirectories(directory.resolve("tasks"));
        Files.writeString(
                project.resolve("docker-compose.yml"),
                Installation.filled(FILES.resolve("docker-compose.yml"), values));
        docker.compose(project, "up", "--detach", "--wait");

        studio = Installation.of(
                "assessors-studio", "acme-studio", directory.resolve("suite"), () -> server.connect(DATABASE), port);
        studio.describe(HERE);
        for (String version : List.of("2.3.0", "2.4.0", "2.5.0", "3.0.0")) {
            studio.publish(
                    version,
                    manifest -> manifest.replaceAll(
                                    "location: \"[^\"]*\"", "location: \"oci://" + docker.name(version) + "\"")
                            .replaceAll("digest: \"[^\"]*\"", "digest: \"" + digests.get(version) + "\"")
                            .replace("postgresql: \"17\"", "postgresql: \"15\""));
        }
        studio.enter(Installation.filled(FILES.resolve("tenant.yaml"), values));
    }

    @AfterAll
    void remove() throws Exception {
        for (AutoCloseable part :
                Stream.of(studio, server).filter(Objects::nonNull).toList()) {
            part.close();
        }
        if (project != null && Files.exists(project.resolve("docker-compose.yml"))) {
            docker.compose(project, "down", "--volumes");
        }
        docker.remove(digests.keySet());
    }

    @Test
    @Order(1)
    void goesForwardAMinor() throws Exception {
        JsonNode upgrade = studio.rollOut("2.4.0");

        studio.assertEnded(upgrade, "confirmed", "2.4.0", MIGRATIONS.get("2.4.0"));
        assertThat(docker.runs(project)).contains(digests.get("2.4.0"));
        assertThat(studio.told("start"))
                .contains("migration 0031_evidence_tags")
                .contains("1 had run before");
    }

    @Test
    @Order(2)
    void goesBackWhereAMigrationFailsAndSaysWhichAndWhy() throws Exception {
        // Given a session that keeps the migration from its lock, on the tenant's database but on no copy of it
        try (Connection other = server.connect(DATABASE);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table ritual in share mode");

            JsonNode upgrade = studio.rollOut("2.5.0");

            studio.assertEnded(upgrade, "rolled-back", "2.4.0", MIGRATIONS.get("2.4.0"));
            assertThat(studio.told("start")).contains("0032_envelopes").contains("lock timeout");
            assertThat(docker.runs(project)).contains(digests.get("2.4.0"));
        }
    }

    @Test
    @Order(3)
    void runsTheTasksOfAReleaseAfterItAndInTheirOrder() throws Exception {
        JsonNode upgrade = studio.rollOut("2.5.0");

        studio.assertEnded(upgrade, "confirmed", "2.5.0", MIGRATIONS.get("2.5.0"));
        assertThat(studio.column("select what from ritual order by at")).containsExactly("rotate-kek", "rewrap-fields");
    }

    @Test
    @Order(4)
    void bringsABrokenMajorBackWithEveryNoteThatWasTaken() throws Exception {
        JsonNode upgrade = studio.rollOut("3.0.0");

        studio.assertEnded(upgrade, "rolled-back", "2.5.0", MIGRATIONS.get("2.5.0"));
        assertThat(docker.runs(project)).contains(digests.get("2.5.0"));
        assertThat(upgrade.path("facts").path("gap.report").asText())
                .as("the report of what was written meanwhile")
                .isNotEmpty();
    }
}
