package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of the five products' rules has every rule, and every key, method and test that it names is there. */
class RulesTableTest {
    private static final Path TREE = Path.of("..");
    private static final Pattern NAMED = Pattern.compile("`([^`]+)`");
    /** Rows of the planner that nothing enforces yet; whoever fills one in takes it out here. */
    private static final List<String> OPEN = List.of();

    private final List<Row> rows = rows();

    private record Row(String number, String owner, String keys, String code, String test) {}

    @Test
    void hasEveryRuleOnceAndFillsInAllThatThePlannerOwnsOrShares() {
        assertThat(rows)
                .extracting(Row::number)
                .isEqualTo(IntStream.rangeClosed(1, 93).mapToObj(i -> "R" + i).toList());
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.owner().split(", "))
                        .isNotEmpty()
                        .isSubsetOf("planner", "executor", "verifier", "notifier"));
        assertThat(rows.stream()
                        .filter(row -> row.owner().contains("planner"))
                        .filter(row -> names(row.keys()).isEmpty()
                                || names(row.code()).isEmpty()
                                || names(row.test()).isEmpty())
                        .map(Row::number))
                .isEqualTo(OPEN);
    }

    @Test
    void namesOnlyKeysThatASchemaHas() {
        Map<String, String> unknown = new TreeMap<>();
        for (Row row : rows) {
            for (String part : row.keys().split(";")) {
                String document = part.strip().split(":", 2)[0];
                names(part).stream()
                        .filter(key -> !isKey(document, key))
                        .forEach(key -> unknown.put(row.number(), document + ": " + key));
            }
        }
        assertThat(unknown).as("keys that no schema has").isEmpty();
    }

    @Test
    void namesOnlyMethodsAndTestsThatAreThere() {
        Map<String, String> unknown = new TreeMap<>();
        for (Row row : rows) {
            names(row.code()).stream()
                    .filter(name -> !isMethod("src/main/java", name))
                    .forEach(name -> unknown.put(row.number(), name));
            names(row.test()).stream()
                    .filter(name -> !isMethod("src/test/java", name))
                    .forEach(name -> unknown.put(row.number(), name));
        }
        assertThat(unknown).as("methods that are not there").isEmpty();
    }

    private static List<Row> rows() {
        return read(TREE.resolve("docs/reference/rules.md"))
                .lines()
                .filter(line -> line.matches("\\| R\\d+ \\|.*"))
                .map(line ->
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList())
                .map(cells -> new Row(cells.get(1), cells.get(4), cells.get(5), cells.get(6), cells.get(7)))
                .toList();
    }

    private static List<String> names(String cell) {
        List<String> names = new ArrayList<>();
        Matcher named = NAMED.matcher(cell);
        while (named.find()) {
            names.add(named.group(1));
        }
        return names;
    }

    /** Whether a key such as {@code bumps.minor.notice} or {@code migrations[].id} is in a document's schema. */
    private static boolean isKey(String document, String key) {
        JsonNode root = Text.stored(read(Path.of("src/main/resources/schemas/" + document + ".schema.json")));
        List<JsonNode> at = List.of(root);
        for (String word : key.replace("[]", ".[]").split("\\.")) {
            at = at.stream()
                    .flatMap(node -> alternatives(root, node))
                    .flatMap(node -> word.equals("[]")
                            ? Stream.of(node.path("items"))
                            : Stream.of(node.path("properties").path(word)))
                    .filter(node -> !node.isMissingNode())
                    .collect(Collectors.toList());
        }
        return !at.isEmpty();
    }

    private static Stream<JsonNode> alternatives(JsonNode root, JsonNode node) {
        if (node.has("$ref")) {
            return alternatives(root, root.at(node.get("$ref").asText().substring(1)));
        }
        Stream<JsonNode> others = Stream.of("oneOf", "anyOf", "allOf")
                .flatMap(word -> {
                    List<JsonNode> each = new ArrayList<>();
                    node.path(word).forEach(each::add);
                    return each.stream();
                })
                .flatMap(each -> alternatives(root, each));
        return Stream.concat(Stream.of(node), others);
    }

    /** Whether a class of the tree has a method of that name: {@code Class#method}. */
    private static boolean isMethod(String below, String name) {
        String[] parts = name.split("#");
        Pattern declared = Pattern.compile(
                "\\b" + Pattern.quote(parts[1]) + "\\([^;]*\\{|\\b" + Pattern.quote(parts[1]) + "\\(\\s*$",
                Pattern.MULTILINE);
        return Stream.of("planner-core", "planner-service", "executor-service", "bundle", "suite")
                .map(module -> TREE.resolve(module).resolve(below))
                .filter(Files::isDirectory)
                .flatMap(RulesTableTest::files)
                .filter(file -> file.getFileName().toString().equals(parts[0] + ".java"))
                .anyMatch(file -> declared.matcher(read(file)).find());
    }

    private static Stream<Path> files(Path below) {
        try (Stream<Path> found = Files.walk(below)) {
            return found.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
