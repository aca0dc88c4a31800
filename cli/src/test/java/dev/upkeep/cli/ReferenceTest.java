package dev.upkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The reference page and the script's help name exactly the verbs, options and exit codes that there are. */
final class ReferenceTest {
    private static final Path ROOT = Path.of("..");
    private static final Set<String> COMMON =
            Set.of("--planner", "--notifier", "--state", "--token-file", "--output", "--help");

    @Test
    void documentsEveryVerbWithEveryOptionAndNothingElse() throws IOException {
        // Given
        Map<String, CommandSpec> verbs = verbs();

        // When
        Map<String, String> sections = sections(Files.readString(ROOT.resolve("docs/reference/cli.md")));

        // Then
        assertThat(sections.keySet()).containsExactlyInAnyOrderElementsOf(verbs.keySet());
        verbs.forEach((verb, spec) -> {
            assertThat(named(sections.getOrDefault(verb, "")))
                    .as("options of " + verb)
                    .containsExactlyInAnyOrderElementsOf(options(spec));
            spec.positionalParameters()
                    .forEach(parameter -> assertThat(sections.get(verb)).contains(parameter.paramLabel()));
        });
    }

    @Test
    void documentsEveryExitCode() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/reference/cli.md"));

        assertThat(Stream.of(ExitCode.values()).map(ExitCode::code))
                .allSatisfy(code -> assertThat(page).contains("\n| " + code + " | "));
    }

    @Test
    void theScriptsHelpNamesEveryVerb() throws IOException {
        String script = Files.readString(ROOT.resolve("upkeep"));
        List<String> named = new ArrayList<>();
        Matcher line = Pattern.compile("(?m)^  ([a-z]+(?:, [a-z]+)*)(?: ([a-z|]+))?(?:  .*)?$")
                .matcher(script);
        while (line.find()) {
            Stream.of(String.valueOf(line.group(2)).split("\\|"))
                    .flatMap(verb -> line.group(2) == null
                            ? Stream.of(line.group(1).split(", "))
                            : Stream.of(line.group(1) + " " + verb))
                    .forEach(named::add);
        }

        assertThat(named).containsExactlyInAnyOrderElementsOf(verbs().keySet());
    }

    private static Map<String, CommandSpec> verbs() {
        Map<String, CommandSpec> verbs = new TreeMap<>();
        new CommandLine(new Upkeep()).getSubcommands().forEach((noun, line) -> {
            // One that is no noun has no verbs: it is one itself.
            if (line.getSubcommands().isEmpty()) {
                verbs.put(noun, line.getCommandSpec());
            }
            line.getSubcommands().forEach((verb, sub) -> verbs.put(noun + " " + verb, sub.getCommandSpec()));
        });
        return verbs;
    }

    private static List<String> options(CommandSpec spec) {
        return spec.options().stream()
                .map(OptionSpec::longestName)
                .filter(name -> !COMMON.contains(name))
                .filter(name -> !(name.equals("--version")
                        && spec.optionsMap().get(name).versionHelp()))
                .toList();
    }

    /** The page's sections by their verb: those whose heading is a command. */
    private static Map<String, String> sections(String page) {
        Map<String, String> sections = new TreeMap<>();
        Matcher heading = Pattern.compile("(?ms)^### ([a-z]+(?: [a-z]+)?)\\R(.*?)(?=^##|\\z)")
                .matcher(page);
        while (heading.find()) {
            sections.put(heading.group(1), heading.group(2));
        }
        return sections;
    }

    /** The options that a section's table lists. */
    private static List<String> named(String section) {
        return Pattern.compile("(?m)^\\| `(?:-\\w, )?(--[a-z-]+)")
                .matcher(section)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
