package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whatever is done to a good document, reading it ends in a document or a refusal that says where and how, never in anything else. */
class MutationTest {
    private static final int CASES = Math.max(100, Integer.getInteger("upkeep.search.cases", 2000) / 5);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<Supplier<JsonNode>> STRANGE = List.of(
            NODES::nullNode,
            NODES::objectNode,
            NODES::arrayNode,
            () -> NODES.textNode(""),
            () -> NODES.textNode(" "),
            () -> NODES.textNode("x"),
            () -> NODES.textNode("1.0.0"),
            () -> NODES.textNode("99999999999.0.0"),
            () -> NODES.textNode(">=99999999999"),
            () -> NODES.textNode("P999999999D"),
            () -> NODES.textNode("PT999999999H999999999M999999999.999999999S"),
            () -> NODES.textNode("P99999Y"),
            () -> NODES.textNode("2026-02-31T25:61:00Z"),
            () -> NODES.textNode("9999-12-31T23:59:59Z"),
            () -> NODES.textNode("Mars/Olympus"),
            () -> NODES.textNode("{a.b} {version} {x"),
            () -> NODES.textNode("(["),
            () -> NODES.textNode("api"),
            () -> NODES.textNode("schema-changes"),
            () -> NODES.textNode("\u0000\uD800~/"),
            () -> NODES.textNode("x".repeat(300)),
            () -> NODES.numberNode(-1),
            () -> NODES.numberNode(0),
            () -> NODES.numberNode(Long.MAX_VALUE),
            () -> NODES.numberNode(Double.MAX_VALUE),
            () -> NODES.numberNode(Double.NaN),
            () -> NODES.booleanNode(true),
            () -> NODES.arrayNode().add(NODES.nullNode()),
            () -> NODES.arrayNode().add("x").add("x"),
            () -> NODES.objectNode().put("not", "tasks"),
            () -> NODES.objectNode().set("not", NODES.objectNode().put("from", "x")),
            () -> NODES.objectNode().put("~", 1));

    @Test
    void everyMutationOfADescriptorIsTakenOrRefused() {
        search("product", ProductDocument::read);
    }

    @Test
    void everyMutationOfAReleaseIsTakenOrRefused() {
        Product product = Example.product();
        List<Release> published = List.of(announcement(product));
        search("release", tree -> {
            Release release = ReleaseDocument.read(tree, product);
            ReleaseDocument.check(tree, product, release, published);
            ReleaseDocument.stored(ReleaseDocument.kept(tree), product);
        });
    }

    @Test
    void everyMutationOfATenantIsTakenOrRefused() {
        Product product = Example.product();
        search("tenant", tree -> TenantDocument.read(tree, product));
    }

    @Test
    void everyMutationOfATextIsTakenOrRefused() {
        String text = Example.text("product");
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            StringBuilder mutated = new StringBuilder(text);
            for (int i = random.nextInt(3); i >= 0; i--) {
                int at = random.nextInt(mutated.length());
                switch (random.nextInt(3)) {
                    case 0 -> mutated.deleteCharAt(at);
                    case 1 -> mutated.insert(at, "{}[]:,&*!|>'\"%@`#-?\t\n\u0007é".charAt(random.nextInt(23)));
                    default -> mutated.delete(at, Math.min(mutated.length(), at + random.nextInt(200)));
                }
            }
            takenOrRefused(seed, () -> ProductDocument.read(Text.tree(mutated.toString(), true)));
        }
    }

    /** The release that announces what the example removes. */
    private static Release announcement(Product product) {
        try {
            return ReleaseDocument.read(
                    Text.tree(
                            "{product: orchard, version: 1.4.0, deprecations: [{id: soap, what: x}], notes: {added: [x]}}",
                            true),
                    product);
        } catch (Refused refused) {
            throw new AssertionError(refused.problems().toString(), refused);
        }
    }

    private interface Reading {
        void read(JsonNode tree) throws Refused;
    }

    private interface Attempt {
        void run() throws Refused;
    }

    private static void search(String kind, Reading reading) {
        int taken = 0;
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            JsonNode tree = tree(kind);
            for (int i = random.nextInt(4); i >= 0; i--) {
                mutate(tree, random);
            }
            taken += takenOrRefused(seed, () -> reading.read(tree)) ? 1 : 0;
        }
        // A search that takes nothing, or everything, looks at one side only.
        assertThat(taken).isBetween(1, CASES - 1);
    }

    private static boolean takenOrRefused(int seed, Attempt attempt) {
        try {
            attempt.run();
            return true;
        } catch (Refused refused) {
            assertThat(refused.problems()).as("seed " + seed).isNotEmpty().allSatisfy(p -> {
                assertThat(p.pointer()).matches("(/.*)?");
                assertThat(p.detail()).isNotBlank();
                assertThat(p.fix()).isNotBlank();
            });
            return false;
        } catch (RuntimeException | StackOverflowError bug) {
            throw new AssertionError("seed " + seed, bug);
        }
    }

    private static JsonNode tree(String kind) {
        try {
            return Text.tree(Example.text(kind), true);
        } catch (Refused refused) {
            throw new AssertionError(refused);
        }
    }

    /** Replaces, removes, doubles or renames something somewhere. */
    private static void mutate(JsonNode tree, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(tree, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode object && !object.isEmpty()) {
            List<String> keys = new ArrayList<>();
            object.fieldNames().forEachRemaining(keys::add);
            String key = keys.get(random.nextInt(keys.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(key);
                case 1 -> object.set(key + "x", object.remove(key));
                case 2 ->
                    object.set(
                            keys.get(random.nextInt(keys.size())),
                            object.get(key).deepCopy());
                default -> object.set(key, strange(random));
            }
        } else if (container instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            switch (random.nextInt(4)) {
                case 0 -> array.remove(at);
                case 1 -> array.add(array.get(at).deepCopy());
                case 2 -> array.insert(random.nextInt(array.size()), array.remove(at));
                default -> array.set(at, strange(random));
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode strange(Random random) {
        return STRANGE.get(random.nextInt(STRANGE.size())).get();
    }
}
