package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Actions;
import dev.upkeep.planner.core.ReleaseRules;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The reference pages tell of every key that there is, where it stands, and of no other. */
class ReferencePagesTest {
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    @Test
    void tellsOfEveryKeyOfADescriptorAndOfNoOther() {
        assertThat(documented("descriptor")).isEqualTo(known("product"));
    }

    @Test
    void tellsOfEveryKeyOfAReleaseAndOfNoOther() {
        assertThat(documented("release")).isEqualTo(known("release"));
    }

    @Test
    void tellsOfEveryKeyOfATenantAndOfNoOther() {
        assertThat(documented("tenant")).isEqualTo(known("tenant"));
    }

    @Test
    void tellsEachActionsParametersAndDeadlineAndEachDriversActionsAndSettings() {
        for (List<String> row : rows("descriptor")) {
            Actions.of(row.getFirst().replace("`", "")).ifPresent(action -> {
                if (row.get(2).startsWith("`P")) {
                    assertThat(codes(row.get(1)).stream().filter(c -> !c.equals("schema")))
                            .as(action.word())
                            .containsExactlyInAnyOrderElementsOf(action.parameters());
                    assertThat(Duration.parse(row.get(2).replace("`", "")))
                            .as(action.word())
                            .isEqualTo(action.deadline());
                }
            });
        }
        Map<String, List<String>> drivers = new TreeMap<>();
        for (List<List<String>> table : tables("descriptor")) {
            if (table.getFirst().getFirst().equals("driver")) {
                table.stream()
                        .skip(1)
                        .forEach(row -> drivers.put(codes(row.getFirst()).getFirst(), row));
            }
        }
        assertThat(drivers.keySet()).isEqualTo(Drivers.all().keySet());
        Drivers.all().forEach((name, driver) -> {
            String actions = drivers.get(name).get(1);
            if (actions.startsWith("as compose")) {
                actions = drivers.get("compose").get(1);
            }
            if (!name.equals("rehearsal")) {
                assertThat(List.of(actions.split("[^a-z-]+"))).as(name).containsAll(driver.actions());
            }
            assertThat(codes(drivers.get(name).get(2))).as(name).containsAll(driver.settings());
        });
    }

    @Test
    void tellsOfNoSettingThatLintTakesForMisspelt() {
        List<String> refused = new ArrayList<>();
        int settings = 0;
        List<String> drivers = List.of();
        for (List<List<String>> table : tables("descriptor")) {
            if (!table.getFirst().getFirst().equals("setting")) {
                continue;
            }
            for (List<String> row : table.subList(1, table.size())) {
                drivers = row.get(1).equals("the same") ? drivers : codes(row.get(1));
                for (String setting : codes(row.getFirst())) {
                    for (String driver : drivers) {
                        settings++;
                        Settings.misspelt(setting, driver)
                                .ifPresent(meant -> refused.add(driver + ": " + setting + ", as if " + meant));
                    }
                }
            }
        }
        assertThat(settings).isGreaterThan(50);
        assertThat(refused).isEmpty();
    }

    @Test
    void tellsOfEveryPublishingRuleAndOfNoOther() {
        Set<String> rules = new TreeSet<>();
        for (List<List<String>> table : tables("release")) {
            if (table.getFirst().getFirst().equals("rule")) {
                table.stream().skip(1).forEach(row -> rules.addAll(codes(row.getFirst())));
            }
        }
        Set<String> expected = new TreeSet<>(ReleaseRules.NAMES);
        expected.add("removalsStandFirst");
        assertThat(rules).isEqualTo(expected);
    }

    /** The keys by the place that a table's heading names. */
    private static Map<String, Set<String>> documented(String page) {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (List<List<String>> table : tables(page)) {
            String heading = table.getFirst().getFirst();
            List<String> places = heading.equals("key") ? List.of("") : codes(heading);
            for (String place : places) {
                table.stream()
                        .skip(1)
                        .forEach(row -> keys.computeIfAbsent(place, p -> new TreeSet<>())
                                .addAll(codes(row.getFirst())));
            }
        }
        return keys;
    }

    private static List<List<String>> rows(String page) {
        return tables(page).stream().flatMap(List::stream).toList();
    }

    /** Each table's rows, the heading first; a bar in code is part of it. */
    private static List<List<List<String>>> tables(String page) {
        List<List<List<String>>> tables = new ArrayList<>();
        boolean inside = false;
        for (String line :
                read(Path.of("../docs/reference/" + page + ".md")).lines().toList()) {
            if (!line.startsWith("|")) {
                inside = false;
            } else if (!inside) {
                inside = true;
                tables.add(new ArrayList<>(List.of(cells(line))));
            } else if (!line.startsWith("|---")) {
                tables.getLast().add(cells(line));
            }
        }
        return tables;
    }

    private static List<String> cells(String line) {
        return Pattern.compile("\\|")
                .splitAsStream(line.substring(1))
                .map(String::strip)
                .toList();
    }

    private static List<String> codes(String text) {
        return CODE.matcher(text)
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
    }

    /** The keys of a schema by the place where they stand. */
    private static Map<String, Set<String>> known(String kind) {
        JsonNode schema = Text.stored(read(Path.of("src/main/resources/schemas/" + kind + ".schema.json")));
        Map<String, Set<String>> keys = new TreeMap<>();
        collect(schema, schema, "", keys);
        return keys;
    }

    private static void collect(JsonNode root, JsonNode node, String place, Map<String, Set<String>> keys) {
        JsonNode properties = node.path("properties");
        properties.properties().forEach(p -> {
            keys.computeIfAbsent(place, x -> new TreeSet<>()).add(p.getKey());
            collect(root, p.getValue(), place.isEmpty() ? p.getKey() : place + "." + p.getKey(), keys);
        });
        if (node.has("items")) {
            collect(root, node.get("items"), place + "[]", keys);
        }
        if (node.path("additionalProperties").isObject()) {
            collect(root, node.get("additionalProperties"), place + ".*", keys);
        }
        String reference = node.path("$ref").asText("");
        if (reference.endsWith("/conditions")) {
            collect(root, root.at("/$defs/condition/else"), "when", keys);
        } else if (!reference.isEmpty() && !reference.endsWith("/condition")) {
            collect(root, root.at(reference.substring(1)), place, keys);
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
