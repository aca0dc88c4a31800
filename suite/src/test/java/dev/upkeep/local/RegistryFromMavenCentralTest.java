package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.upkeep.cli.Api;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A product that nobody here wrote, by its descriptor and its releases alone: Apicurio Registry as Maven Central has it, on
 * PostgreSQL. One installation's life, so in this order.
 *
 * <p>Of the descriptor only spans are shorter; of the releases only the place differs where the bytes are fetched from,
 * which is where the build has put what Maven Central gave it. Their digests are checked.
 */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RegistryFromMavenCentralTest {
    private static final String PRODUCT = "apicurio-registry";
    private static final String TENANT = "acme-registry";
    private static final String DATABASE = "registry";
    private static final String OLD = "3.0.9";
    private static final String NEW = "3.3.3";
    private static final String SCHEMA_OF_OLD = "101";
    private static final String SCHEMA_OF_NEW = "109";
    private static final Duration UP = Duration.ofMinutes(3);

    private Path home;
    private Postgres server;
    private Suite suite;
    private Notes schemas;
    private Upgrades upgrades;
    private String url;
    private String health;
    private String descriptor;

    @BeforeAll
    void install(@TempDir Path directory) throws Exception {
        home = directory.resolve("tenants").resolve(TENANT);
        server = Postgres.at(directory.resolve("postgresql"))
                .durable()
                .setting("wal_level", "logical")
                .setting("max_replication_slots", "8")
                .start();
        String password = Secret.at(directory.resolve("registry-password"));
        server.createDatabase(DATABASE, DATABASE, password);
        int port = Port.free();
        int management = Port.free();
        url = "http://127.0.0.1:" + port + "/apis/registry/v3";
        health = "http://127.0.0.1:" + management + "/health/ready";
        schemas = new Notes(this::schema);
        startAsItsOwnerDid(port, password);

        suite = Suite.of(Scene.home(), directory.resolve("suite")).start();
        upgrades = new Upgrades(planner(), PRODUCT, TENANT);
        Path products = Scene.home().resolve("deploy/products");
        descriptor = with(
                Files.readString(products.resolve(PRODUCT + ".yaml")),
                Map.of("span: PT1M", "span: PT2S", "span: PT5M", "span: PT5S"));
        register("/v1/products/" + PRODUCT, descriptor);
        for (String version : List.of(OLD, NEW)) {
            register(
                    "/v1/products/" + PRODUCT + "/releases/" + version,
                    Files.readString(products.resolve(PRODUCT + "/releases/" + version + ".yaml"))
                            .replaceAll(
                                    "location: \"[^\"]*\"",
                                    "location: \"" + artifact(version).toUri() + "\""));
        }
        Path owner = Files.writeString(directory.resolve("owner-password"), server.password());
        register(
                "/v1/tenants/" + TENANT,
                with(
                        Files.readString(products.resolve(PRODUCT + "/tenants/" + TENANT + ".yaml")),
                        Map.of(
                                "jdbc:postgresql://127.0.0.1:5432/registry", server.jdbcUrl(DATABASE),
                                "user: upkeep", "user: " + server.user(),
                                "file:/etc/upkeep/registry-owner", "file:" + owner,
                                "file:/etc/upkeep/registry\"", "file:" + directory.resolve("registry-password") + "\"",
                                "/srv/apicurio-registry", home.toString(),
                                "8080", Integer.toString(port),
                                "9000", Integer.toString(management))));
    }

    @AfterAll
    void remove() throws Exception {
        if (home != null) {
            Fleet.endLeftovers(home.getParent().getParent());
        }
        for (AutoCloseable part :
                Stream.of(schemas, suite, server).filter(Objects::nonNull).toList()) {
            part.close();
        }
    }

    @Test
    @Order(1)
    void goesBackWhereTheNewVersionDoesNotAnswerWhereItIsLookedFor() throws Exception {
        // Given somebody who does not know yet that the new version's health has moved to a port of its own
        register(
                "/v1/products/" + PRODUCT,
                with(descriptor, Map.of(" releases: \"<3.1\",", ""))
                        .replaceAll("(?m)^ .*ready-on-its-own-port.*\n", ""));

        JsonNode upgrade = rollOut();

        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo("rolled-back");
        assertThat(upgrades.told(Set.of("verdict-rollback")))
                .as(upgrade.toPrettyString())
                .anySatisfy(why -> assertThat(why).contains("ready").contains("404"));
        assertThat(version()).isEqualTo(OLD);
        assertThat(schemaVersion()).isEqualTo(SCHEMA_OF_OLD);
        assertThat(column("select 1 from information_schema.columns where column_name = 'versionsortkey'"))
                .as("what the new version's migrations added")
                .isEmpty();
        assertThat(Upgrades.lost(schemas.taken(), inTheDatabase(), MissingNode.getInstance()))
                .as("schemas that were taken after the backup, and are in the report alone")
                .isNotEmpty();
        // No binary has met another's schema: the old one is started after the old schema is back, and not before.
        assertThat(upgrades.done().stream().filter(RegistryFromMavenCentralTest::bearsOnTheSchema))
                .satisfiesExactly(
                        step -> assertThat(step).contains("-prove-backup-"),
                        step -> assertThat(step).contains("-start-app"),
                        step -> assertThat(step).contains("-restore-database-"),
                        step -> assertThat(step).contains("-start-app"));
        assertNothingIsLost(upgrade);
    }

    @Test
    @Order(2)
    void goesForwardByItsOwnMigrationsOnceItIsLookedForInTheRightPlace() throws Exception {
        register("/v1/products/" + PRODUCT, descriptor);
        Set<String> before = Set.copyOf(inTheDatabase());

        JsonNode upgrade = rollOut();

        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo("confirmed");
        assertThat(version()).isEqualTo(NEW);
        assertThat(schemas.get(health).statusCode()).isEqualTo(200);
        assertThat(schemaVersion()).isEqualTo(SCHEMA_OF_NEW);
        assertThat(column("select 1 from versions where versionsortkey is null"))
                .as("versions that its backfill left out")
                .isEmpty();
        assertThat(before).isNotEmpty();
        for (String id :
                List.of(before.iterator().next(), schemas.taken().iterator().next())) {
            assertThat(schemas.get(url + "/groups/acme/artifacts/" + id + "/versions/branch=latest/content")
                            .body())
                    .contains(id);
        }
        assertNothingIsLost(upgrade);
    }

    private static boolean bearsOnTheSchema(String step) {
        return Stream.of("-prove-backup-", "-start-", "-redeploy-", "-restore-database-")
                .anyMatch(step::contains);
    }

    /** Lets the new version out while schemas are registered. */
    private JsonNode rollOut() throws Exception {
        schemas.forget();
        schemas.begin();
        try {
            return upgrades.rollOut(NEW);
        } finally {
            schemas.end();
        }
    }

    /** Every schema that the registry said it had taken is in the database or in the report of what an undo left behind. */
    private void assertNothingIsLost(JsonNode upgrade) throws Exception {
        assertThat(schemas.taken()).as("schemas that were taken").isNotEmpty();
        assertThat(Upgrades.lost(schemas.taken(), inTheDatabase(), upgrade))
                .as("schemas that are nowhere")
                .isEmpty();
    }

    private HttpRequest.Builder schema(String id) {
        ObjectMapper json = new ObjectMapper();
        JsonNode body = json.createObjectNode()
                .put("artifactId", id)
                .put("artifactType", "JSON")
                .set(
                        "firstVersion",
                        json.createObjectNode()
                                .put("version", "1")
                                .set(
                                        "content",
                                        json.createObjectNode()
                                                .put("content", "{\"title\": \"" + id + "\"}")
                                                .put("contentType", "application/json")));
        return HttpRequest.newBuilder(URI.create(url + "/groups/acme/artifacts"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
    }

    private String version() throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(schemas.get(url + "/system/info").body())
                .path("version")
                .asText();
    }

    private String schemaVersion() throws SQLException {
        return column("select propvalue from apicurio where propname = 'db_version'")
                .getFirst();
    }

    private List<String> inTheDatabase() throws SQLException {
        return column("select artifactid from artifacts");
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

    private static String with(String text, Map<String, String> changes) {
        String changed = text;
        for (Map.Entry<String, String> change : changes.entrySet()) {
            assertThat(changed).contains(change.getKey());
            changed = changed.replace(change.getKey(), change.getValue());
        }
        return changed;
    }

    /** What Maven Central has, as the build has fetched it. */
    private static Path artifact(String version) {
        return Scene.home()
                .resolve("suite/target/" + PRODUCT)
                .resolve("apicurio-registry-app-" + version + "-all.tar.gz");
    }

    /** By hand, where the driver will look for it. */
    private void startAsItsOwnerDid(int port, String password) throws IOException {
        Path artifact = home.resolve("releases").resolve(OLD).resolve("artifact.jar");
        Files.createDirectories(artifact.getParent());
        Files.createDirectories(home.resolve("run"));
        Files.copy(artifact(OLD), artifact);
        ProcessBuilder process = new ProcessBuilder(
                        "setsid",
                        "sh",
                        "-euc",
                        "mkdir unpacked; tar -xzf \"$1\" -C unpacked; exec \"$2\" -XX:+UseSerialGC -Xmx256m -jar unpacked/*.jar",
                        "registry",
                        artifact.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        Redirect.appendTo(home.resolve("run/component.log").toFile()))
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
        process.environment()
                .putAll(Map.of(
                        "UPKEEP_HOME",
                        home.toString(),
                        "UPKEEP_VERSION",
                        OLD,
                        "UPKEEP_TOKEN",
                        "1",
                        "APICURIO_STORAGE_KIND",
                        "sql",
                        "APICURIO_STORAGE_SQL_KIND",
                        "postgresql",
                        "APICURIO_DATASOURCE_URL",
                        server.jdbcUrl(DATABASE),
                        "APICURIO_DATASOURCE_USERNAME",
                        DATABASE,
                        "APICURIO_DATASOURCE_PASSWORD",
                        password,
                        "QUARKUS_HTTP_PORT",
                        Integer.toString(port)));
        process.start();
        await().atMost(UP).ignoreExceptions().until(() -> version().equals(OLD));
    }
}
