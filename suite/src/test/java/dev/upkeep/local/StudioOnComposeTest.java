package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.cli.Api;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
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
    private static final String PRODUCT = "assessors-studio";
    private static final String TENANT = "acme-studio";
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
    private Suite suite;
    private Notes notes;
    private Upgrades upgrades;
    private String url;

    @BeforeAll
    void install(@TempDir Path directory) throws Exception {
        docker = new Docker(directory, "studio");
        String lacks = docker.lacks();
        if (!lacks.isEmpty()) {
            String what = "no product is upgraded under Docker Compose here: " + lacks
                    + "; see docs/how-to/run-the-container-tests.md";
            System.err.println(what);
            assumeTrue(System.getenv("CI") != null, what);
            throw new AssertionError(what);
        }
        for (String version : MIGRATIONS.keySet()) {
            digests.put(version, docker.image(resources(), version, MIGRATIONS.get(version), version.equals("3.0.0")));
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
        Files.writeString(project.resolve("docker-compose.yml"), filled("docker-compose.yml", values));
        docker.compose(project, "up", "--detach", "--wait");
        url = "http://127.0.0.1:" + port;
        notes = new Notes(id ->
                HttpRequest.newBuilder(URI.create(url + "/notes/" + id)).POST(HttpRequest.BodyPublishers.noBody()));

        suite = Suite.of(Scene.home(), directory.resolve("suite")).start();
        upgrades = new Upgrades(planner(), PRODUCT, TENANT);
        Path products = Scene.home().resolve("deploy/products");
        register("/v1/products/" + PRODUCT, here(Files.readString(products.resolve(PRODUCT + ".yaml"))));
        for (String version : List.of("2.3.0", "2.4.0", "2.5.0", "3.0.0")) {
            register(
                    "/v1/products/" + PRODUCT + "/releases/" + version,
                    release(products.resolve(PRODUCT + "/releases/" + version + ".yaml"), version));
        }
        register("/v1/tenants/" + TENANT, filled("tenant.yaml", values));
    }

    @AfterAll
    void remove() throws Exception {
        for (AutoCloseable part :
                Stream.of(notes, suite, server).filter(Objects::nonNull).toList()) {
            part.close();
        }
        if (project != null && Files.exists(project.resolve("docker-compose.yml"))) {
            docker.compose(project, "down", "--volumes");
        }
        if (docker != null && docker.lacks().isEmpty()) {
            docker.remove(digests.keySet());
        }
    }

    @Test
    @Order(1)
    void goesForwardAMinor() throws Exception {
        JsonNode upgrade = rollOut("2.4.0");

        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo("confirmed");
        assertThat(docker.runs(project)).contains(digests.get("2.4.0"));
        assertThat(version()).isEqualTo("2.4.0");
        assertThat(column("select name from migration order by name")).isEqualTo(MIGRATIONS.get("2.4.0"));
        assertThat(upgrades.told("start"))
                .contains("migration 0031_evidence_tags")
                .contains("1 had run before");
        assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(2)
    void goesBackWhereAMigrationFailsAndSaysWhichAndWhy() throws Exception {
        // Given a session that keeps the migration from its lock, on the tenant's database but on no copy of it
        try (Connection other = server.connect(DATABASE);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table ritual in share mode");

            JsonNode upgrade = rollOut("2.5.0");

            assertThat(upgrade.path("state").asText())
                    .as(upgrade.toPrettyString())
                    .isEqualTo("rolled-back");
            assertThat(upgrades.told("start")).contains("0032_envelopes").contains("lock timeout");
            assertThat(docker.runs(project)).contains(digests.get("2.4.0"));
            assertThat(version()).isEqualTo("2.4.0");
            assertThat(column("select name from migration order by name")).isEqualTo(MIGRATIONS.get("2.4.0"));
            assertNoNoteIsLost(upgrade);
        }
    }

    @Test
    @Order(3)
    void runsTheTasksOfAReleaseAfterItAndInTheirOrder() throws Exception {
        JsonNode upgrade = rollOut("2.5.0");

        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo("confirmed");
        assertThat(version()).isEqualTo("2.5.0");
        assertThat(column("select what from ritual order by at")).containsExactly("rotate-kek", "rewrap-fields");
        assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(4)
    void bringsABrokenMajorBackWithEveryNoteThatWasTaken() throws Exception {
        JsonNode upgrade = rollOut("3.0.0");

        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo("rolled-back");
        assertThat(docker.runs(project)).contains(digests.get("2.5.0"));
        assertThat(version()).isEqualTo("2.5.0");
        assertThat(column("select name from migration order by name")).isEqualTo(MIGRATIONS.get("2.5.0"));
        assertThat(upgrade.path("facts").path("gap.report").asText())
                .as("the report of what was written meanwhile")
                .isNotEmpty();
        assertNoNoteIsLost(upgrade);
    }

    /** Lets a release out, under traffic, and waits until its upgrade has ended. */
    private JsonNode rollOut(String version) throws Exception {
        planner()
                .post(
                        "/v1/tenants/" + TENANT + "/acknowledgements",
                        new ObjectMapper()
                                .createObjectNode()
                                .put("version", version)
                                .put("what", "notes"));
        notes.begin();
        try {
            return upgrades.rollOut(version);
        } finally {
            notes.end();
        }
    }

    private String version() throws Exception {
        return notes.get(url + "/version").body().replaceAll("(?s).*\"version\": \"([^\"]*)\".*", "$1");
    }

    /** Every note that was said to be taken is in the database or in the report of what an undo left behind. */
    private void assertNoNoteIsLost(JsonNode upgrade) throws Exception {
        assertThat(notes.taken()).as("notes that were taken").isNotEmpty();
        assertThat(Upgrades.lost(notes.taken(), column("select id from note"), upgrade))
                .as("notes that are nowhere")
                .isEmpty();
        notes.forget();
    }

    private List<String> column(String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    private Api planner() {
        return suite.api(Service.PLANNER);
    }

    private void register(String path, String document) {
        planner().put(path, document, "application/yaml");
    }

    private static String here(String descriptor) {
        String text = descriptor;
        for (Map.Entry<String, String> change : HERE.entrySet()) {
            assertThat(text).contains(change.getKey());
            text = text.replace(change.getKey(), change.getValue());
        }
        return text;
    }

    private String release(Path manifest, String version) throws IOException {
        return Files.readString(manifest)
                .replaceAll("location: \"[^\"]*\"", "location: \"oci://" + docker.name(version) + "\"")
                .replaceAll("digest: \"[^\"]*\"", "digest: \"" + digests.get(version) + "\"")
                .replace("postgresql: \"17\"", "postgresql: \"15\"");
    }

    private static Path resources() {
        return Scene.home().resolve("suite/src/test/resources/studio");
    }

    private static String filled(String file, Map<String, String> values) throws IOException {
        String text = Files.readString(resources().resolve(file));
        for (Map.Entry<String, String> value : values.entrySet()) {
            text = text.replace("@" + value.getKey() + "@", value.getValue());
        }
        assertThat(text).doesNotContainPattern("@[a-z]+@");
        return text;
    }
}
