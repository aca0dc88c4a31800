package dev.upkeep.executor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.executor.run.Drivers;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the planner's table, as docs/reference/descriptor.md shows it, says of each driver, the executor's driver can do. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class DocumentedDriversTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\| ([^|]*) \\| [^|]* \\|$");

    /** What the planner takes apart or asks a person for, and no driver is told. */
    private static final Set<String> NOT_TOLD = Set.of("run-tasks", "ask");

    @Inject
    Drivers drivers;

    @Test
    void canDoAllThatIsSaidOfThem() throws IOException {
        Map<String, Set<String>> said = said(Path.of("../docs/reference/descriptor.md"));
        Map<String, Set<String>> can = drivers.actions();

        assertThat(said.keySet()).containsAll(can.keySet());
        can.forEach((driver, actions) ->
                assertThat(actions).as("actions of " + driver).containsAll(said.get(driver)));
    }

    private Map<String, Set<String>> said(Path page) throws IOException {
        Set<String> words =
                drivers.actions().values().stream().flatMap(Set::stream).collect(Collectors.toSet());
        Map<String, Set<String>> said = new HashMap<>();
        List<String> lines = Files.readAllLines(page).stream()
                .dropWhile(line -> !line.startsWith("| driver | actions |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
        for (String line : lines) {
            Matcher row = ROW.matcher(line);
            assertThat(row.matches()).as(line).isTrue();
            String cell = row.group(2);
            Set<String> named = new HashSet<>(cell.startsWith("as compose") ? said.get("compose") : Set.of());
            Set<String> here = Arrays.stream(cell.split("[^a-z-]+"))
                    .filter(words::contains)
                    .collect(Collectors.toSet());
            if (cell.contains("without")) {
                named.removeAll(here);
            } else {
                named.addAll(here);
            }
            named.removeAll(NOT_TOLD);
            said.put(row.group(1), named);
        }
        assertThat(said.get("postgresql")).contains("check-compatibility");
        return said;
    }
}
