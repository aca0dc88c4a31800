package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.embedded.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * AEGIS by its descriptor and its releases alone, in Podman pods behind a Makefile and an {@code .env}: a patch whose image
 * hangs, a minor whose migration fails and then does not, one that takes everything down, a major that falls ill; one
 * installation's life, so in this order.
 *
 * <p>Of the descriptor only spans are shorter; of the releases only the images differ.
 */
@Tag("engine")
@Tag("long")
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AegisOnPodmanTest {
    private static final Path FILES = Installation.resources("aegis");
    private static final Map<String, String> HERE = Map.of(
            "span: PT2M", "span: PT3S",
            "span: PT5M", "span: PT5S",
            "redeploy: PT10M", "redeploy: PT20S",
            "deadlines: {start: PT20M}", "deadlines: {start: PT20M, verify-shut: PT20S}");

    /** What the product's owner adds once 1.0.0 has been seen to run. */
    private static final Map<String, String> COVERED = Map.of(
            "matrix: [{releases: 0.x, needs",
            "matrix: [{releases: 1.x, needs: {postgresql: \">=15\"}}, {releases: 0.x, needs");

    private static final List<String> SIX = List.of("6_notes");
    private static final List<String> SEVEN = List.of("6_notes", "7_swarms");
    private static final Map<String, List<String>> MIGRATIONS = Map.of(
            "0.8.0", SIX,
            "0.8.1", SIX,
            "0.9.0", SEVEN,
            "0.10.0", SEVEN,
            "1.0.0", List.of("6_notes", "7_swarms", "8_nodes", "9_node_index"));
    private static final Map<String, String> BROKEN = Map.of("0.8.1", "hangs", "1.0.0", "sickens");

    /** The pods whose images have the tag that stands in the variables. */
    private static final List<String> TAGGED = List.of("core", "temporal", "seal-gateway");

    private final Map<String, Docker> images = new HashMap<>();
    private final Map<String, String> digests = new HashMap<>();
    private Podman podman;
    private Installation aegis;

    @BeforeAll
    void install(@TempDir Path directory) throws Exception {
        podman = new Podman(Files.createDirectories(directory.resolve("aegis")), "upkeep-suite-aegis-");
        for (String pod : TAGGED) {
            images.put(pod, new Docker(directory.resolve(pod), "aegis-" + pod));
        }
        Installation.require(podman.lacks() + images.get("core").lacks());
        for (String pod : TAGGED) {
            for (String version : MIGRATIONS.keySet()) {
                digests.put(
                        pod + ":" + version,
                        images.get(pod)
                                .image(
                                        FILES.resolve("image"),
                                        version,
                                        pod.equals("core") ? MIGRATIONS.get(version) : List.of(),
                                        BROKEN.getOrDefault(version, "")));
            }
        }
        Map<String, String> values = values(directory);
        podman.lay(FILES, values);
        podman.make("deploy", "PROFILE=full");
        podman.make("bootstrap-secrets");
        podman.told();

        String url = "jdbc:postgresql://127.0.0.1:" + values.get("database-port") + "/aegis";
        aegis = Installation.of(
                "aegis",
                "lab-aegis-development",
                directory.resolve("suite"),
                () -> DriverManager.getConnection(url, "aegis", values.get("password")),
                Integer.parseInt(values.get("port")));
        aegis.describe(HERE);
        for (String version : List.of("0.8.0", "0.8.1", "0.9.0", "0.10.0", "1.0.0")) {
            aegis.publish(version, manifest -> published(manifest, version));
        }
        aegis.enter(Installation.filled(FILES.resolve("tenant.yaml"), values));
    }

    private Map<String, String> values(Path directory) throws IOException {
        Map<String, String> values = new HashMap<>(podman.configuration());
        values.put("password", "secret-of-the-lab");
        values.put("port", Integer.toString(Port.free()));
        values.put("database-port", Integer.toString(Port.free()));
        values.put("base", Docker.BASE);
        values.put("data", Files.createDirectories(directory.resolve("data")).toString());
        values.put(
                "starts", Files.createDirectories(directory.resolve("starts")).toString());
        values.put(
                "secret",
                Files.writeString(directory.resolve("secret"), "secret-of-the-lab")
                        .toString());
        images.forEach((pod, image) -> values.put(pod, image.repository()));
        return values;
    }

    private String published(String manifest, String version) {
        String text = manifest;
        for (String pod : TAGGED) {
            text = text.replaceAll(
                    "component: " + pod + ", location: \"[^\"]*\", digest: \"[^\"]*\"",
                    "component: " + pod + ", location: \"oci://"
                            + images.get(pod).name(version) + "\", digest: \"" + digests.get(pod + ":" + version)
                            + "\"");
        }
        return text;
    }

    @AfterAll
    void remove() throws Exception {
        if (aegis != null) {
            aegis.close();
        }
        podman.clear();
        for (Docker each : images.values()) {
            each.remove(MIGRATIONS.keySet());
        }
    }

    @Test
    @Order(1)
    void undoesAPatchWhoseImageDoesNotComeUpInTime() throws Exception {
        JsonNode upgrade = aegis.rollOut("0.8.1");

        aegis.assertEnded(upgrade, "rolled-back", "0.8.0", SIX);
        assertThat(aegis.told("redeploy"))
                .contains("redeploy core", "make")
                .containsAnyOf("at the deadline", "longer than");
        assertRuns("0.8.0");
    }

    @Test
    @Order(2)
    void goesBackWhereAMigrationFailsAndSaysWhichAndWhy() throws Exception {
        // Given an installation that is less patient than the one that the migrations were rehearsed on
        podman.set("AEGIS_DATABASE_OPTIONS", "-cstatement_timeout=500");
        JsonNode upgrade;
        try {
            upgrade = aegis.rollOut("0.9.0");
        } finally {
            podman.set("AEGIS_DATABASE_OPTIONS", "");
        }

        assertThat(aegis.told("redeploy")).contains("7_swarms").contains("statement timeout");
        aegis.assertEnded(upgrade, "rolled-back", "0.8.0", SIX);
        assertRuns("0.8.0");
    }

    @Test
    @Order(3)
    void goesForwardAMinorPodByPodWithTheDatabaseFirst() throws Exception {
        String observability = podman.pod("observability");
        podman.told();

        JsonNode upgrade = aegis.rollOut("0.9.0");

        aegis.assertEnded(upgrade, "confirmed", "0.9.0", SEVEN);
        assertThat(podman.told())
                .containsSubsequence(
                        "redeploy database", "redeploy core", "redeploy temporal", "redeploy seal-gateway", "validate")
                .doesNotContain("teardown", "redeploy observability");
        assertThat(podman.pod("observability")).isEqualTo(observability);
        assertThat(upgrade.path("timeline").toString()).contains("migration 7_swarms in ", "1 had run before");
        assertRuns("0.9.0");
    }

    @Test
    @Order(4)
    void takesEverythingDownWhereDefinitionsChangeAndBringsItUpWithItsSecrets() throws Exception {
        JsonNode upgrade = aegis.rollOut("0.10.0");

        aegis.assertEnded(upgrade, "confirmed", "0.10.0", SEVEN);
        assertThat(podman.told())
                .containsSubsequence("teardown", "redeploy database", "deploy full", "bootstrap-secrets", "validate")
                .doesNotContain("redeploy core");
        assertRuns("0.10.0");
    }

    @Test
    @Order(5)
    void waitsUntilTheMatrixCoversAMajorAndBringsItBackWhereItFallsIll() throws Exception {
        Map<String, String> covered = new LinkedHashMap<>(HERE);
        covered.putAll(COVERED);
        podman.told();

        JsonNode upgrade = aegis.rollOut("1.0.0", () -> {
            aegis.upgrades().awaitHeldUpBy("thirdPartiesFit");
            aegis.describe(covered);
        });

        aegis.assertEnded(upgrade, "rolled-back", "0.10.0", SEVEN);
        assertThat(upgrade.path("facts").path("gap.report").asText())
                .as("the report of what was written meanwhile")
                .isNotEmpty();
        assertThat(podman.told())
                .containsSubsequence(
                        "teardown",
                        "deploy full",
                        "bootstrap-secrets",
                        "teardown",
                        "redeploy database",
                        "deploy full",
                        "bootstrap-secrets",
                        "validate");
        assertRuns("0.10.0");
    }

    /** Each of them would have said that it is healthy. */
    @Test
    @Order(6)
    void neverStartsAVersionOnASchemaThatIsNewerThanIt() throws Exception {
        List<String> met = podman.met();

        assertThat(met).hasSizeGreaterThan(4);
        assertThat(met).allSatisfy(line -> {
            List<String> words = List.of(line.strip().split(" +"));
            assertThat(MIGRATIONS.get(words.getFirst())).as(line).containsAll(words.subList(1, words.size()));
        });
    }

    /** All three images are of one version, by the release's digests, and so is the variable. */
    private void assertRuns(String version) throws Exception {
        assertThat(podman.get("AEGIS_IMAGE_TAG")).isEqualTo(version);
        for (String pod : TAGGED) {
            assertThat(podman.runs(pod)).as(pod).contains(digests.get(pod + ":" + version));
        }
    }
}
