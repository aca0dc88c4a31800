package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.ProductRules;
import java.time.Duration;

/** Reads a product's descriptor; its larger parts are read beside it, each by a class of its own. */
public final class ProductDocument {
    private ProductDocument() {}

    /** The descriptor, or all that is wrong with it. */
    public static Product read(JsonNode document) throws Refused {
        Problems problems = new Problems(Kind.PRODUCT.problems(document));
        Components components = Components.of(document);
        ComponentDocument.check(document, components, problems);
        ProcedureDocument.check(document, components, problems);
        JudgementDocument.check(document, components, problems);
        PoliciesDocument.check(document, components, problems);
        problems.unique(document, "/rings", "name");
        problems.refuseAny();
        Product product = problems.built("", () -> product(document));
        problems.contradictions(ProductRules.contradictions(product));
        checkPlans(product, problems);
        problems.refuseAny();
        return product;
    }

    /** A document that was taken before; what is wrong with it by a later schema does not matter. */
    public static Product stored(JsonNode document) {
        return product(document);
    }

    private static Product product(JsonNode document) {
        return new Product(
                new ProductName(document.get("product").asText()),
                Nodes.list(document.path("components"), ComponentDocument::component),
                Nodes.map(document.path("bumps"), word -> Nodes.constant(Bump.class, word), ProductDocument::meaning),
                Nodes.list(document.path("procedures"), ProcedureDocument::procedure),
                Nodes.list(document.path("probes"), JudgementDocument::probe),
                Nodes.list(document.path("metrics"), JudgementDocument::metric),
                Nodes.list(document.path("rings"), ProductDocument::ring),
                PoliciesDocument.policies(document));
    }

    private static Product.Meaning meaning(JsonNode node) {
        return new Product.Meaning(
                node.path("schema-change").asBoolean(false),
                Nodes.constant(node, "settings", Product.Settings.ANY),
                node.path("behaviour").asBoolean(true),
                node.path("consent").asBoolean(false),
                Nodes.span(node, "migration-period", Duration.ZERO),
                Nodes.span(node, "notice", Duration.ZERO),
                Nodes.set(node.path("notice-by"), channel -> channel),
                Nodes.span(node, "delay", Duration.ZERO),
                Nodes.constant(node, "window", Product.WindowNeed.IF_SET),
                Nodes.constant(node, "acknowledge", Product.Acknowledge.NOTHING),
                Nodes.constant(node, "undo", Product.Undo.AS_FOUND));
    }

    private static Product.Ring ring(JsonNode node) {
        return new Product.Ring(
                new RingName(node.get("name").asText()),
                Nodes.span(node, "soak", Duration.ZERO),
                node.path("concurrency").asInt(1),
                node.path("failure-budget").asInt(0),
                node.path("approval").asBoolean(false));
    }

    /** Plans each procedure as if a release brought everything: what can't be undone is refused before it is tried. */
    private static void checkPlans(Product product, Problems problems) {
        for (int i = 0; i < product.procedures().size(); i++) {
            for (String reason : Planning.unsafe(product, product.procedures().get(i))) {
                problems.add("/procedures/" + i + "/steps", reason, "complete the procedure");
            }
        }
    }
}
