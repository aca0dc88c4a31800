package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
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
 * Sensei by its descriptor and its releases alone, as two Helm releases on a real cluster: an upgrade, one whose migration fails
 * and whose rollback forgets something, one whose image is not there, a broken major; one installation's life, so in this order.
 *
 * <p>Of the descriptor only spans and the notice are shorter and the image that migrates is the test's; of the releases only the
 * charts differ.
 */
@Tag("kubernetes")
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SenseiOnHelmTest {
    private static final String DATABASE = "sensei";
    private static final String CONTROL = "sensei";
    private static final String DATA = "sensei-data-plane";
    private static final Map<String, List<String>> MIGRATIONS = Map.of(
            "1.2.0", List.of("11"),
            "1.3.0", List.of("11", "12"),
            "1.4.0", List.of("11", "12", "13", "14"),
            "1.5.0", List.of("11", "12", "13", "14"),
            "2.0.0", List.of("11", "12", "13", "14", "20"));
    private static final List<String> VERSIONS =
            MIGRATIONS.keySet().stream().sorted().toList();
    /** Its image is not there when its release goes out. */
    private static final String LATE = "1.5.0";

    private final List<String> built = new ArrayList<>();
    private Path directory;
    private Path work;
    private Docker docker;
    private Namespace namespace;
    private Postgres server;
    private Installation sensei;

    @BeforeAll
    void install(@TempDir Path directory) throws Exception {
        this.directory = directory;
        docker = new Docker(directory, "sensei");
        Installation.require(Namespace.lacks().isEmpty() ? docker.lacks() : Namespace.lacks());
        for (String version : VERSIONS) {
            if (!version.equals(LATE)) {
                image(version);
            }
        }
        Path data = directory.resolve("postgresql");
        server = Postgres.at(data)
                .durable()
                .setting("wal_level", "logical")
                .setting("max_replication_slots", "8")
                .start();
        server.createDatabase(DATABASE);
        migrateByHand("1.2.0");
        int control = Port.free();
        int plane = Port.free();
        namespace = Namespace.make("sensei");
        Map<String, String> chart = Map.of(
                "image", docker.repository(),
                "database.url", server.jdbcUrl(DATABASE).substring("jdbc:".length()),
                "database.user", server.user(),
                "database.password", server.password());
        namespace.install(chart("control-plane", "1.2.0"), CONTROL, with(chart, "port", Integer.toString(control)));
        namespace.install(chart("data-plane", "1.2.0"), DATA, with(chart, "port", Integer.toString(plane)));

        work = Files.createFile(directory.resolve("work"));
        Path programs = Files.createDirectories(directory.resolve("programs"));
        Path command = Files.writeString(
                programs.resolve("sensei"),
                Installation.filled(resources().resolve("sensei"), Map.of("work", work.toString())));
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
        Suite suite = Suite.of(Scene.home(), directory.resolve("suite"))
                .environment(Service.EXECUTOR, "PATH", programs + ":" + System.getenv("PATH"))
                .start();
        sensei = Installation.of(
                "sensei", "initech", suite, () -> server.connect(DATABASE), "http://127.0.0.1:" + control);
        sensei.describe(Map.of(
                "span: PT10M", "span: PT5S",
                "span: PT5M", "span: PT5S",
                "at-least: 30", "at-least: 10",
                "notice: P7D", "notice: PT1S",
                "registry.sensei.ai/sensei/api:", docker.name("")));
        for (String version : VERSIONS) {
            Map<String, String> digests = charts(version);
            sensei.publish(version, manifest -> release(manifest, version, digests));
        }
        sensei.enter(Installation.filled(
                resources().resolve("tenant.yaml"),
                Map.of(
                        "jdbc", server.jdbcUrl(DATABASE),
                        "user", server.user(),
                        "secret",
                                Files.writeString(directory.resolve("secret"), server.password())
                                        .toString(),
                        "control", Integer.toString(control),
                        "data", Integer.toString(plane),
                        "namespace", namespace.name(),
                        "kubeconfig", namespace.kubeconfig().toString())));
    }

    @AfterAll
    void remove() throws Exception {
        for (AutoCloseable part :
                Stream.of(sensei, namespace, server).filter(Objects::nonNull).toList()) {
            part.close();
        }
        docker.remove(built);
    }

    @Test
    @Order(1)
    void goesForwardAMinorWithWhatItChangesTold() throws Exception {
        JsonNode upgrade = rollOut("1.3.0");

        assertEnded(upgrade, "confirmed", "1.3.0", "12");
        assertThat(upgrade.path("facts").path("dry-run.diff@control-plane").asText())
                .contains("~ Deployment sensei", "- ", docker.name("1.2.0"), "+ ", docker.name("1.3.0"))
                .doesNotContain(server.password());
        assertThat(sensei.told("migrate")).contains("migration 12 ran");
        assertThat(sensei.told("start-control-plane")).contains("pod sensei-");
        sensei.assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(2)
    void keepsTheOldBinaryFromASchemaThatARollbackLeftNewerThanItSaid() throws Exception {
        // Given a session that keeps the second migration from its lock, on the tenant's database but on no copy of it
        try (Connection other = server.connect(DATABASE);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("lock table project in share mode");

            JsonNode held = rollOut("1.4.0");

            // Then it is said which migration failed and why, and nothing runs on what it left
            assertThat(held.path("state").asText()).as(held.toPrettyString()).isEqualTo("held");
            assertThat(sensei.told("migrate")).contains("migration 14 failed").contains("lock timeout");
            assertThat(held.path("reason").asText())
                    .contains("control-plane was not started: the database's schema is");
            assertThat(namespace.pods(CONTROL)).isEmpty();
            assertThat(Files.readAllLines(work)).last().isEqualTo("pause");
            assertThat(healthOnTheNewerSchema("1.3.0")).isEqualTo("healthy");
        }

        // When somebody takes back by hand what the rollback forgot
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("alter table note drop column shared");
        }
        JsonNode back = sensei.upgrades().decide("retry");

        assertEnded(back, "rolled-back", "1.3.0", "12");
        sensei.assertNoNoteIsLost(back);
    }

    @Test
    @Order(3)
    void migratesOnceTheLockIsFree() throws Exception {
        JsonNode upgrade = rollOut("1.4.0");

        assertEnded(upgrade, "confirmed", "1.4.0", "14");
        sensei.assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(4)
    void goesBackByTheCopiedChartFromAnImageThatIsNotThere() throws Exception {
        JsonNode upgrade = rollOut(LATE);

        assertEnded(upgrade, "rolled-back", "1.4.0", "14");
        assertThat(sensei.told("redeploy-control-plane")).contains("ImagePull").contains(docker.name(LATE));
        sensei.assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(5)
    void rollsWithoutAStopOnceTheImageIsThere() throws Exception {
        image(LATE);

        JsonNode upgrade = rollOut(LATE);

        assertEnded(upgrade, "confirmed", LATE, "14");
        sensei.assertNoNoteIsLost(upgrade);
    }

    @Test
    @Order(6)
    void bringsABrokenMajorBackWithEveryNoteThatWasTaken() throws Exception {
        sensei.say("consents", "2.0.0", Map.of("note", "by phone"));

        JsonNode upgrade = rollOut("2.0.0");

        assertEnded(upgrade, "rolled-back", LATE, "14");
        assertThat(sensei.upgrades().asked()).anyMatch(what -> what.startsWith("Have the SDK's users stop"));
        assertThat(upgrade.path("facts").path("gap.report").asText())
                .as("the report of what was written meanwhile")
                .isNotEmpty();
        sensei.assertNoNoteIsLost(upgrade);
    }

    private JsonNode rollOut(String version) throws Exception {
        // Nothing mails and nothing publishes banners here, so an approver lets that go, on record.
        sensei.say("waivers", version, Map.of("rule", "contactIsReachable", "note", "told by phone"));
        return sensei.rollOut(version);
    }

    /** It has ended so, runs that version on the schema with that migration last, and its own work goes on. */
    private void assertEnded(JsonNode upgrade, String state, String version, String migration) throws Exception {
        assertThat(upgrade.path("state").asText()).as(upgrade.toPrettyString()).isEqualTo(state);
        assertThat(namespace.images(CONTROL)).containsExactly(docker.name(version));
        assertThat(namespace.images(DATA)).containsExactly(docker.name(version));
        assertThat(sensei.version()).isEqualTo(version);
        assertThat(sensei.column("select version from flyway_schema_history group by version"
                        + " having count(*) filter (where type = 'SQL') > count(*) filter (where type <> 'SQL')"
                        + " order by version"))
                .last()
                .isEqualTo(migration);
        assertThat(Files.readAllLines(work)).contains("pause").last().isEqualTo("resume");
    }

    /** What the binary says of itself where somebody starts it by hand, past everything that looks at the schema. */
    private String healthOnTheNewerSchema(String version) throws Exception {
        int port = Port.free();
        URI health = URI.create("http://127.0.0.1:" + port + "/health");
        AutoCloseable started = docker.start(
                version,
                Map.of(
                        "PORT", Integer.toString(port),
                        "DATABASE_URL", server.jdbcUrl(DATABASE).substring("jdbc:".length()),
                        "DATABASE_USER", server.user(),
                        "DATABASE_PASSWORD", server.password()));
        try {
            await().ignoreExceptionsInstanceOf(ConnectException.class)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> sensei.get(health), answer -> !answer.isEmpty());
            return sensei.get(health);
        } finally {
            started.close();
        }
    }

    private void image(String version) throws Exception {
        docker.image(
                resources().resolve("image"), version, MIGRATIONS.get(version), version.equals("2.0.0") ? "errs" : "");
        built.add(version);
    }

    private void migrateByHand(String version) throws Exception {
        docker.runOnce(
                version,
                Map.of(
                        "UPKEEP_DATABASE_URL", server.jdbcUrl(DATABASE),
                        "UPKEEP_DATABASE_USER", server.user(),
                        "UPKEEP_DATABASE_PASSWORD", server.password()),
                "sensei",
                "db",
                "migrate");
    }

    private Path chart(String name, String version) throws IOException {
        Path chart = directory.resolve(name + "-" + version);
        overlay(resources().resolve("chart"), chart);
        Files.writeString(
                chart.resolve("Chart.yaml"),
                Installation.filled(chart.resolve("Chart.yaml"), Map.of("name", name, "version", version)));
        return chart;
    }

    /** The charts of a version, pushed, with their digests. */
    private Map<String, String> charts(String version) throws Exception {
        Map<String, String> digests = new HashMap<>();
        for (String name : List.of("control-plane", "data-plane")) {
            digests.put(name, namespace.push(chart(name, version), charts(), name, version));
        }
        return digests;
    }

    private String charts() {
        return docker.repository() + "-charts";
    }

    private String release(String manifest, String version, Map<String, String> digests) {
        String text = manifest;
        for (Map.Entry<String, String> chart : digests.entrySet()) {
            String name = chart.getKey();
            text = text.replaceAll(
                    "component: " + name + ", location: \"[^\"]*\", digest: \"[^\"]*\"",
                    "component: " + name + ", location: \"oci://" + charts() + "/" + name + ":" + version
                            + "\", digest: \"" + chart.getValue() + "\"");
            assertThat(text).contains(chart.getValue());
        }
        return text;
    }

    private static Map<String, String> with(Map<String, String> values, String key, String value) {
        Map<String, String> more = new HashMap<>(values);
        more.put(key, value);
        return more;
    }

    private static void overlay(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.sorted().toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static Path resources() {
        return Installation.resources("sensei");
    }
}
