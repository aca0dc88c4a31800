package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The guards of the build report what is planted: one run of Maven over {@code src/plants}, small modules under the real
 * root pom, each with one violation. The tests read that run's output module by module.
 */
class BuildGuardsTest {
    private static final Pattern BUILDING = Pattern.compile("(?m)^\\[INFO] Building planted-");

    private static final Map<String, String> SECTIONS = new HashMap<>();

    private static String output = "";

    @BeforeAll
    static void buildThePlants() throws IOException, InterruptedException {
        Path plants = Tree.ROOT.resolve("architecture/target/plants");
        copy(Tree.ROOT.resolve("architecture/src/plants"), plants);
        Path log = Tree.ROOT.resolve("architecture/target/plants.log");
        ProcessBuilder maven = new ProcessBuilder(
                Path.of(System.getProperty("upkeep.maven.home"), "bin", "mvn").toString(),
                "--batch-mode",
                "--no-transfer-progress",
                "--fail-at-end",
                "-Dmaven.repo.local=" + System.getProperty("upkeep.maven.repository"),
                "-Dstyle.color=never",
                "--file",
                plants.resolve("pom.xml").toString(),
                "process-test-classes");
        maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // Where CI is set every module is checked for its format: here that is the business of one plant alone.
        maven.environment().remove("CI");
        maven.directory(plants.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
        Process running = maven.start();
        try {
            assertThat(running.waitFor(10, TimeUnit.MINUTES))
                    .as("the plants' build ends")
                    .isTrue();
        } finally {
            running.destroyForcibly();
        }
        output = Files.readString(log);
        for (String section : BUILDING.split(output)) {
            SECTIONS.putIfAbsent(section.substring(0, Math.max(0, section.indexOf(' '))), section);
        }
    }

    @Test
    void aModuleThatBreaksNothingPasses() {
        assertThat(output).containsPattern("planted-innocent (\\S+ )?\\.+ SUCCESS");
    }

    @ParameterizedTest
    @CsvSource({
        "warning,   warnings found and -Werror specified",
        "bug,       [ReferenceEquality]",
        "null,      [NullAway]",
        "unmarked,  [RequireExplicitNullMarking]",
        "clock,     Forbidden method invocation: java.time.Instant#now()",
        "console,   Forbidden field access: java.lang.System#out",
        "locale,    'Forbidden method invocation: java.lang.String#format(java.lang.String,java.lang.Object[])'",
        "http,      Forbidden method invocation: java.net.http.HttpClient#newHttpClient()",
        "sleep,     Forbidden method invocation: java.lang.Thread#sleep(long)",
        "format,    The following files had format violations",
        "lombok,    org.projectlombok:lombok:pom:0 <---",
        "panache,   io.quarkus:quarkus-hibernate-reactive-panache:pom:0 <---",
        "snapshot,  planted:planted-foreign:pom:0-SNAPSHOT <---",
        "unpinned,  org.apache.maven.plugins:maven-assembly-plugin",
        "duplicate, Found 1 duplicate dependency",
    })
    void thePlantIsReported(String plant, String report) {
        assertThat(output).containsPattern("planted-" + plant + " (\\S+ )?\\.+ FAILURE");
        assertThat(SECTIONS.get(plant) + failureOf(plant)).contains(report);
    }

    /** What Maven says of a failed module at the end of the build: enforcer and formatter tell it only there. */
    private static String failureOf(String plant) {
        String head = "on project planted-" + plant + ":";
        int from = output.indexOf(head);
        if (from < 0) {
            return "";
        }
        int to = output.indexOf("[ERROR] Failed to execute goal", from);
        return output.substring(from, to < 0 ? output.length() : to);
    }

    @Test
    void everyPlantIsLookedFor() throws IOException {
        try (Stream<Path> plants = Files.list(Tree.ROOT.resolve("architecture/src/plants"))) {
            List<String> names = plants.filter(Files::isDirectory)
                    .map(plant -> plant.getFileName().toString())
                    .filter(name -> !name.equals("stand-ins"))
                    .toList();
            assertThat(names).hasSize(16).allMatch(SECTIONS::containsKey);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> walk = Files.walk(from)) {
            for (Path source : walk.toList()) {
                Path target = to.resolve(from.relativize(source).toString());
                if (Files.isDirectory(source)) {
                    Files.createDirectories(target);
                } else {
                    Files.write(target, Files.readAllBytes(source));
                }
            }
        }
    }
}
