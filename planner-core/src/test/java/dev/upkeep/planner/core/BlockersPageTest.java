package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page about blockers explains exactly the rules that there are, and tells of each who lifts it. */
class BlockersPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\w+)` \\| (\\S[^|]*) \\| [^|]*\\| (\\S[^|]*) \\|");

    @Test
    void explainsEveryRuleAndNoOther() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/blockers.md"));

        Set<String> explained =
                ROW.matcher(page).results().map(row -> row.group(1)).collect(Collectors.toSet());

        assertThat(explained).containsExactlyInAnyOrderElementsOf(StartRules.NAMES);
    }
}
