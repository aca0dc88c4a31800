package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every path that a README or a page of the documentation names is there. */
class DocumentedPathsTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern TICKED = Pattern.compile("`([A-Za-z0-9_.][A-Za-z0-9_./-]*/[A-Za-z0-9_./-]*)`");
    private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern NOT_A_PATH = Pattern.compile("^(https?:|mailto:|#|/).*");

    /** What a build or a run makes is named in the pages and lies in no checkout. */
    private static final Pattern MADE = Pattern.compile("(^|.*/)(target|\\.upkeep)(/.*|$)");

    @TempDir
    Path planted;

    @Test
    void everyPathNamedInTheDocumentationIsThere() {
        assertThat(missing(Tree.ROOT)).isEmpty();
    }

    @Test
    void aPlantedPathThatIsNotThereIsReportedAndOneThatIsThereIsNot() throws IOException {
        // Given
        Files.createDirectories(planted.resolve("contract/src/main"));
        Files.createDirectories(planted.resolve("docs/why"));
        Files.writeString(
                planted.resolve("contract/README.md"),
                "Start in `src/main`; then `src/gone`, `contract/src/main/` and `contract/lost`. Made: `contract/target/x`.");
        Files.writeString(
                planted.resolve("docs/why/page.md"),
                "See [the contract](../../contract/README.md#words), [nothing](../missing.md), [this](https://example.com),"
                        + " `application/json`, `GET /v1/x`.\n```\ncontract/in/a/fence\n[a](b/c)\n```\n");

        // Then
        assertThat(missing(planted))
                .containsExactly(
                        "contract/README.md names contract/lost",
                        "contract/README.md names src/gone",
                        "docs/why/page.md names ../missing.md");
    }

    private static Set<String> missing(Path root) {
        Set<String> missing = new TreeSet<>();
        Set<String> tops = entries(root);
        for (Path page : pages(root)) {
            String text = FENCED.matcher(Tree.read(page)).replaceAll("");
            for (String named : links(text)) {
                String path = named.replaceFirst("#.*", "");
                if (!Files.exists(page.resolveSibling(path).normalize())) {
                    missing.add(root.relativize(page) + " names " + named);
                }
            }
            for (String named : ticked(text, tops)) {
                if (!Files.exists(root.resolve(named)) && !Files.exists(page.resolveSibling(named))) {
                    missing.add(root.relativize(page) + " names " + named);
                }
            }
        }
        return missing;
    }

    private static List<String> links(String text) {
        return found(LINK, text)
                .filter(link -> !NOT_A_PATH.matcher(link).matches())
                .filter(link -> !MADE.matcher(link).matches())
                .toList();
    }

    /** What stands in backticks is a path of the repository if it begins as one does: all else has slashes too. */
    private static List<String> ticked(String text, Set<String> tops) {
        return found(TICKED, text)
                .filter(path -> path.startsWith("src/")
                        || path.startsWith("./")
                        || tops.contains(path.substring(0, path.indexOf('/'))))
                .filter(path -> !MADE.matcher(path).matches())
                .toList();
    }

    private static Stream<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map((MatchResult match) -> match.group(1));
    }

    private static List<Path> pages(Path root) {
        List<Path> pages = new ArrayList<>();
        for (Path page : Tree.files(root, ".md")) {
            Path path = root.relativize(page);
            boolean ours = path.getNameCount() == 1
                    || path.startsWith("docs")
                    || path.getFileName().toString().equals("README.md");
            boolean hidden = Stream.of("target", "node_modules")
                            .anyMatch(part -> path.toString().contains(part + "/"))
                    || path.toString().startsWith(".");
            if (ours && !hidden) {
                pages.add(page);
            }
        }
        return pages;
    }

    private static Set<String> entries(Path root) {
        try (Stream<Path> entries = Files.list(root)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
