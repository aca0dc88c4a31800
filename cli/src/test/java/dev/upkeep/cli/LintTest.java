package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents are checked where they lie, by line and column, with no service anywhere. */
class LintTest {
    private static final String DIGEST = "sha256:" + "0".repeat(64);
    private static final String TENANT = """
            tenant: acme
            account: acme-inc
            product: inkwell
            version: 1.0.0
            model: saas
            ring: general
            components:
              database: {settings: {url: "jdbc:postgresql://h/acme", user: u, password: "env:P"}}
              app: {settings: {home: /acme, port: 18080}}
              gate: {settings: {admin: "http://h:1"}}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path directory;

    private String descriptor = "";
    private Path product = Path.of("unset");

    @BeforeEach
    void copyTheSample() throws IOException {
        descriptor = Files.readString(Path.of("../deploy/products/inkwell.yaml"));
        product = Files.writeString(directory.resolve("inkwell.yaml"), descriptor);
    }

    @Test
    void saysOfAGoodDescriptorThatNothingIsWrong() {
        assertThat(upkeep("product", "lint", product.toString()))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).isEqualTo("nothing is wrong\n");
    }

    @Test
    void saysEverythingThatIsWrongWithADescriptorInTheOrderOfItsLines() throws IOException {
        Path bad = file(
                "bad.yaml",
                descriptor
                        .replace("driver: gate", "drivr: gate")
                        .replace("{drain: gate}", "{drain: database, span: 4}"));
        int gate = line(bad, "drivr: gate");
        int drain = line(bad, "{drain:");

        int code = upkeep("product", "lint", bad.toString());

        assertThat(code).isEqualTo(3);
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString().lines())
                .contains(bad + ":" + gate + ":5: unknown key 'drivr' → did you mean 'driver'?");
        List<String> places = out.toString()
                .lines()
                .map(l -> l.substring(bad.toString().length() + 1))
                .map(l -> l.split(": ")[0])
                .distinct()
                .toList();
        assertThat(places).containsExactly((gate - 1) + ":5", gate + ":5", drain + ":10", drain + ":27");
    }

    @Test
    void saysWhereATextStopsBeingReadable() throws IOException {
        Path bad = file("bad.yaml", "product: inkwell\ncomponents: [{name: x\nrings: y\n");

        assertThat(upkeep("product", "lint", bad.toString())).isEqualTo(3);
        assertThat(out.toString()).startsWith(bad + ":3:").contains("no readable YAML");
    }

    @Test
    void givesProgramsTheSameAsJson() throws IOException {
        Path bad = file("bad.json", "{\"product\": \"inkwell\",\n \"colour\": \"red\"}");

        assertThat(upkeep("product", "lint", bad.toString(), "-o", "json")).isEqualTo(3);

        JsonNode found = new ObjectMapper().readTree(out.toString());
        assertThat(found.findValuesAsText("pointer")).contains("/colour", "/components", "/procedures", "/rings");
        for (JsonNode finding : found) {
            if (finding.get("pointer").asText().equals("/colour")) {
                assertThat(finding.get("file").asText()).isEqualTo(bad.toString());
                assertThat(finding.get("line").asInt()).isEqualTo(2);
                assertThat(finding.get("column").asInt()).isEqualTo(2);
                assertThat(finding.get("fix").asText()).isNotBlank();
            }
        }
        assertThat(upkeep("product", "lint", product.toString(), "-o", "json")).isZero();
    }

    @Test
    void holdsEachReleaseAgainstThoseBeforeIt() throws IOException {
        Path first = file("1.0.0.yaml", release("1.0.0", "file:///a.jar", ""));
        Path second = file(
                "1.1.0.yaml",
                release("1.1.0", "https://r/latest/a.jar", "migrations: [{id: \"2\", reversible: true}]\n"));
        Path patch =
                file("1.1.1.yaml", release("1.1.1", "file:///a.jar", "migrations: [{id: \"3\", reversible: true}]\n"));

        assertThat(upkeep("release", "lint", first.toString(), "--product", product.toString()))
                .as(out.toString())
                .isZero();
        assertThat(upkeep(
                        "release",
                        "lint",
                        first.toString(),
                        second.toString(),
                        patch.toString(),
                        first.toString(),
                        "--product",
                        product.toString()))
                .isEqualTo(3);

        assertThat(out.toString().lines().filter(l -> l.contains(": ")).map(l -> l.substring(0, l.indexOf(": "))))
                .containsExactly(first + ":2:1", second + ":3:30", patch + ":4:1");
        assertThat(out.toString()).contains("'latest'", "must not change the schema", "comes too late");
    }

    @Test
    void readsAReleasesNotesFromAChangelog() throws IOException {
        Path changelog = file("CHANGELOG.md", "# Changelog\n\n## [1.1.0] - 2026-01-01\n\n### Added\n- All\n");
        Path facts = file("facts.yaml", release("1.2.0", "file:///a.jar", ""));

        assertThat(upkeep("release", "lint", "--product", product.toString(), "--changelog", changelog.toString()))
                .as(out.toString())
                .isZero();
        assertThat(upkeep(
                        "release",
                        "lint",
                        facts.toString(),
                        "--product",
                        product.toString(),
                        "--changelog",
                        changelog.toString()))
                .isEqualTo(3);
        assertThat(out.toString()).contains(changelog + ":1:1: the changelog says nothing of 1.2.0");
        assertThat(upkeep("release", "lint", "--product", product.toString())).isEqualTo(2);
    }

    @Test
    void holdsTenantsAgainstTheirProduct() throws IOException {
        Path good = file("good.yaml", TENANT);
        Path bad = file("bad.yaml", TENANT.replace("ring: general", "ring: vip").replace("home: /acme, ", ""));

        assertThat(upkeep("tenant", "lint", good.toString(), "--product", product.toString()))
                .as(out.toString())
                .isZero();
        assertThat(upkeep("tenant", "lint", good.toString(), bad.toString(), "--product", product.toString()))
                .isEqualTo(3);
        assertThat(out.toString())
                .contains(bad + ":6:1: product inkwell has no ring 'vip'")
                .contains(bad + ":9:9: component 'app' needs the setting 'home'");
    }

    @Test
    void saysFirstWhatIsWrongWithTheProduct() throws IOException {
        Path bad = file("bad-product.yaml", descriptor.replace("driver: gate", "driver: moat"));
        Path tenant = file("tenant.yaml", TENANT);

        assertThat(upkeep("tenant", "lint", tenant.toString(), "--product", bad.toString()))
                .isEqualTo(3);
        assertThat(out.toString()).startsWith(bad + ":").contains("unknown driver 'moat'");
        assertThat(upkeep("tenant", "lint", directory.resolve("none").toString(), "--product", product.toString()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("does not exist");
    }

    private static String release(String version, String location, String rest) {
        return "product: inkwell\nversion: " + version + "\nartifacts: [{component: app, location: \"" + location
                + "\", digest: \"" + DIGEST + "\"}]\n" + rest;
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static int line(Path file, String text) throws IOException {
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).contains(text)) {
                return i + 1;
            }
        }
        throw new AssertionError(text + " is not in " + file);
    }

    private int upkeep(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Upkeep.execute(new PrintWriter(out), new PrintWriter(err), args);
    }
}
