package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every metric of ours is named as the others are, and an operator finds it in the reference. */
class MetricsReferenceTest {
    private static final Pattern MADE =
            Pattern.compile("(?:counter|timer|summary|gauge|builder)\\(\\s*\"(upkeep_[a-zA-Z_.]+)\"");
    private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `(upkeep_[a-z_]+)");
    private static final Pattern SHAPE = Pattern.compile("upkeep(_[a-z]+){2,3}");

    @TempDir
    Path planted;

    @Test
    void theReferenceListsExactlyTheMetricsThatAreMade() {
        Set<String> made = new TreeSet<>();
        Tree.WATCHED.forEach(
                module -> made.addAll(made(Tree.ROOT.resolve(module).resolve("src/main/java"))));

        assertThat(documented()).isEqualTo(made);
    }

    @Test
    void everyNameSaysWhatHasWhatDone() {
        assertThat(documented())
                .isNotEmpty()
                .allMatch(name -> SHAPE.matcher(name).matches());
    }

    @Test
    void aPlantedMetricIsFoundHoweverItIsMade() throws IOException {
        // Given
        Files.writeString(planted.resolve("Meters.java"), """
                registry.counter("upkeep_cakes_eaten", "kind", kind).increment();
                registry.timer(
                        "upkeep_cakes_baked", "kind", kind);
                Gauge.builder("upkeep_cakesLeft", count, AtomicLong::get).register(registry);
                String sql = "select 1 from upkeep_row";
                """);

        // Then
        assertThat(made(planted)).isEqualTo(Set.of("upkeep_cakes_eaten", "upkeep_cakes_baked", "upkeep_cakesLeft"));
        assertThat(SHAPE.matcher("upkeep_cakesLeft").matches()).isFalse();
    }

    private static Set<String> made(Path sources) {
        Set<String> names = new TreeSet<>();
        for (Path file : Tree.files(sources, ".java")) {
            MADE.matcher(Tree.read(file)).results().forEach(found -> names.add(found.group(1)));
        }
        return names;
    }

    /** The names of the table, without what Prometheus appends for kind and unit. */
    private static Set<String> documented() {
        List<String> names = DOCUMENTED
                .matcher(Tree.read(Tree.ROOT.resolve("docs/reference/operating.md")))
                .results()
                .map(found -> found.group(1).replaceFirst("_(total|seconds)$", ""))
                .toList();
        return new TreeSet<>(names);
    }
}
