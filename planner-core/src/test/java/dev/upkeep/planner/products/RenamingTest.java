package dev.upkeep.planner.products;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products are data: with every name in its documents changed, a product is planned as before. Whatever knew a product or
 * one of its parts by name would plan it otherwise.
 */
class RenamingTest {
    private static final Path PLACE = Path.of("../deploy/products");
    private static final Pattern WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");

    /** A new name, also where it was put together with others into a step's. */
    private static final Pattern OTHER = Pattern.compile("n\\d{3}x");

    static List<String> products() {
        return Shelf.products();
    }

    @ParameterizedTest
    @MethodSource("products")
    void plansAProductWhoseNamesAreAllChangedAsBefore(String name) throws Exception {
        Shelf before = Shelf.of(name);
        Renaming renaming = Renaming.of(before);
        Product product = ProductDocument.read(renaming.document(PLACE.resolve(name + ".yaml")));
        List<Release> releases = new ArrayList<>();
        for (Path file : files(name, "releases")) {
            releases.add(ReleaseDocument.read(renaming.document(file), product));
        }
        releases.sort(Comparator.comparing(Release::version));
        Map<String, Tenant> tenants = new HashMap<>();
        for (Path file : files(name, "tenants")) {
            Tenant tenant = TenantDocument.read(renaming.document(file), product);
            tenants.put(tenant.id().value(), tenant);
        }

        List<String> planned = new ArrayList<>();
        List<String> renamed = new ArrayList<>();
        for (Tenant tenant : before.tenants()) {
            Tenant other = tenants.get(renaming.name(tenant.id().value()));
            for (Release from : before.releases()) {
                for (Release to : before.releases()) {
                    planned.add(text(
                            before.product(),
                            tenant.on(from.version()),
                            before.releases(),
                            to.version(),
                            peers(tenant, from.version())));
                    renamed.add(renaming.back(text(
                            product, other.on(from.version()), releases, to.version(), peers(other, from.version()))));
                }
            }
        }

        assertThat(product.name().value()).isNotEqualTo(name);
        assertThat(renamed).isEqualTo(planned);
    }

    private static Map<ComponentName, Version> peers(Tenant tenant, Version runs) {
        Map<ComponentName, Version> peers = new HashMap<>();
        tenant.site().peers().forEach((component, peer) -> peers.put(component, runs));
        return peers;
    }

    /** All that is in a plan, or all the reasons why there is none. */
    private static String text(
            Product product, Tenant tenant, List<Release> releases, Version to, Map<ComponentName, Version> peers) {
        return switch (Planning.plan(product, tenant, releases, to, peers)) {
            case Planning.Planned.NoWay none -> "no way: " + none.reasons();
            case Planning.Planned.Way way ->
                way.plan().forward().stream().map(Object::toString).collect(Collectors.joining("\n"))
                        + way.plan().undo().entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .map(route -> "\n" + route.getKey() + ": "
                                        + route.getValue().stream()
                                                .map(Object::toString)
                                                .collect(Collectors.joining("\n")))
                                .collect(Collectors.joining());
        };
    }

    private static List<Path> files(String product, String what) throws IOException {
        Path directory = PLACE.resolve(product).resolve(what);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    /** New names for all names of a product's documents: of the product, its parts, its tenants, accounts, rings, probes, metrics. */
    private record Renaming(Map<String, String> names, Map<String, String> backwards) {
        static Renaming of(Shelf shelf) throws IOException, Refused {
            List<String> found = new ArrayList<>();
            Product product = shelf.product();
            found.add(product.name().value());
            product.components().forEach(c -> found.add(c.name().value()));
            product.rings().forEach(r -> found.add(r.name().value()));
            JsonNode document = Text.tree(Files.readString(shelf.descriptor()), true);
            for (String list : List.of("probes", "metrics", "tasks")) {
                document.path(list).forEach(item -> found.add(item.path("name").asText()));
            }
            for (Tenant tenant : shelf.tenants()) {
                found.add(tenant.id().value());
                found.add(tenant.account().value());
                tenant.site().peers().values().stream().map(TenantId::value).forEach(found::add);
            }
            Map<String, String> names = new LinkedHashMap<>();
            Map<String, String> backwards = new LinkedHashMap<>();
            for (String name : found) {
                // A name that is a word of the language, too, would change what is said, not only who is meant.
                if (!name.isEmpty() && !names.containsKey(name) && !VOCABULARY.contains(name)) {
                    String other = "n" + (names.size() + 100) + "x";
                    names.put(name, other);
                    backwards.put(other, name);
                }
            }
            return new Renaming(names, backwards);
        }

        String name(String name) {
            return names.getOrDefault(name, name);
        }

        String back(String text) {
            return replaced(OTHER, text, backwards);
        }

        JsonNode document(Path file) throws IOException, Refused {
            return renamed("", Text.tree(Files.readString(file), true));
        }

        /** A driver, and the roles in which a driver uses parts, are the language's words, whatever a part is called. */
        private JsonNode renamed(String key, JsonNode node) {
            ObjectMapper json = new ObjectMapper();
            if (node.isTextual()) {
                return key.equals("driver")
                        ? node
                        : json.getNodeFactory().textNode(replaced(WORD, node.asText(), names));
            }
            if (node.isArray()) {
                ArrayNode array = json.createArrayNode();
                node.forEach(item -> array.add(renamed(key, item)));
                return array;
            }
            if (node.isObject()) {
                ObjectNode object = json.createObjectNode();
                node.properties()
                        .forEach(e -> object.set(
                                key.equals("uses") ? e.getKey() : replaced(WORD, e.getKey(), names),
                                renamed(e.getKey(), e.getValue())));
                return object;
            }
            return node;
        }

        private static String replaced(Pattern what, String text, Map<String, String> by) {
            Matcher words = what.matcher(text);
            StringBuilder replaced = new StringBuilder();
            while (words.find()) {
                words.appendReplacement(
                        replaced, Matcher.quoteReplacement(by.getOrDefault(words.group(), words.group())));
            }
            return words.appendTail(replaced).toString();
        }
    }

    /** Words that the documents' language itself uses, so that they can't stand for a name alone. */
    private static final List<String> VOCABULARY = vocabulary();

    private static List<String> vocabulary() {
        try {
            JsonNode schema =
                    new ObjectMapper().readTree(Files.readString(Path.of("../docs/reference/product.schema.json")));
            List<String> words = new ArrayList<>();
            words(schema, words);
            for (String other : List.of("release", "tenant")) {
                words(
                        new ObjectMapper()
                                .readTree(Files.readString(Path.of("../docs/reference/" + other + ".schema.json"))),
                        words);
            }
            return words;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void words(JsonNode schema, List<String> words) {
        schema.path("properties").properties().forEach(e -> words.add(e.getKey()));
        schema.path("enum").forEach(e -> words.add(e.asText()));
        if (schema.has("const")) {
            words.add(schema.path("const").asText());
        }
        schema.forEach(child -> words(child, words));
    }
}
