package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products are data: no product's name occurs in main Java, outside the sample product and the demo that plays it. */
class ProductNamesTest {
    private static final Pattern NAMES =
            Pattern.compile("inkwell|aisoc|ampora|assessors|sensei|aegis|apicurio", Pattern.CASE_INSENSITIVE);

    /** The demo must know which sample it plays; it says so in one file. */
    private static final List<String> THE_DEMO = List.of("dev/upkeep/local/Sample.java");

    @TempDir
    Path planted;

    @Test
    void noProductIsNamedInMainJava() {
        assertThat(Tree.WATCHED.stream()
                        .flatMap(module -> named(Tree.ROOT.resolve(module).resolve("src/main/java"))))
                .isEmpty();
    }

    @Test
    void aPlantedNameIsReportedWithItsLine() throws IOException {
        // Given
        Files.writeString(
                planted.resolve("Rules.java"), "class Rules {\n    boolean is = product.equals(\"Sensei\");\n}\n");

        // Then
        assertThat(named(planted)).containsExactly("Rules.java:2: boolean is = product.equals(\"Sensei\");");
    }

    private static Stream<String> named(Path sources) {
        return Tree.lines(sources, ".java", NAMES).stream()
                .filter(line -> THE_DEMO.stream().noneMatch(line::startsWith));
    }
}
