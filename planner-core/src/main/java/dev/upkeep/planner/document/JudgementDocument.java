package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.planner.core.Placeholders;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Range;
import java.util.List;
import java.util.Optional;

/** Reads how a descriptor has a tenant judged: its probes and metrics. */
final class JudgementDocument {
    private static final List<String> PROBES = List.of("http-status", "http-field", "schema");

    private final Components components;
    private final Problems problems;

    private JudgementDocument(Components components, Problems problems) {
        this.components = components;
        this.problems = problems;
    }

    // ---- checks, on a tree that may be malformed in other places

    static void check(JsonNode document, Components components, Problems problems) {
        JudgementDocument reading = new JudgementDocument(components, problems);
        problems.unique(document, "/probes", "name");
        problems.unique(document, "/metrics", "name");
        Nodes.each(document.path("probes"), "/probes", reading::checkProbe);
        Nodes.each(document.path("metrics"), "/metrics", reading::checkMetric);
    }

    private void checkProbe(String pointer, JsonNode probe) {
        if (probe.has("component")) {
            components.check(problems, pointer + "/component", probe.get("component"));
        }
        if (PROBES.stream().filter(probe::has).count() != 1) {
            problems.add(pointer, "a probe is one of http-status, http-field and schema", "give exactly one of them");
        }
        if ((probe.has("http-status") || probe.has("http-field")) && !probe.has("path")) {
            problems.add(pointer + "/path", "'path' is missing", "add 'path': the URL");
        }
        if (probe.has("http-field") != probe.has("equals")) {
            problems.add(pointer + "/equals", "http-field and equals go together", "give both or neither");
        }
        if (probe.has("schema") && probe.has("releases")) {
            problems.add(pointer + "/releases", "every release has a schema of its own", "remove 'releases'");
        }
        problems.range(pointer + "/releases", probe.path("releases"));
        checkPlaceholders(pointer + "/path", probe.path("path"), true);
        checkPlaceholders(pointer + "/equals", probe.path("equals"), true);
    }

    private void checkMetric(String pointer, JsonNode metric) {
        checkPlaceholders(pointer + "/url", metric.path("url"), false);
        if (!metric.has("ceiling") && !metric.has("worsening")) {
            problems.add(pointer, "the metric bounds nothing", "add 'ceiling' or 'worsening'");
        }
    }

    private void checkPlaceholders(String pointer, JsonNode text, boolean versionAllowed) {
        for (String name : Placeholders.names(text.asText(""))) {
            boolean known = name.equals("version")
                    ? versionAllowed
                    : name.contains(".") && components.has(name.substring(0, name.indexOf('.')));
            if (!known) {
                problems.add(
                        pointer,
                        "{" + name + "} stands for nothing",
                        "write {component.setting}" + (versionAllowed ? " or {version}" : ""));
            }
        }
    }

    // ---- the probes and metrics, once the tree is known to be sound

    static Product.ProbeTemplate probe(JsonNode node) {
        String name = node.get("name").asText();
        Optional<Range> releases =
                Optional.ofNullable(node.get("releases")).map(JsonNode::asText).map(Range::of);
        if (node.has("http-status")) {
            return new Product.ProbeTemplate.HttpStatus(
                    name,
                    releases,
                    node.get("path").asText(),
                    node.get("http-status").asInt());
        }
        return node.has("http-field")
                ? new Product.ProbeTemplate.HttpField(
                        name,
                        releases,
                        node.get("path").asText(),
                        node.get("http-field").asText(),
                        node.get("equals").asText())
                : new Product.ProbeTemplate.Schema(
                        name, new ComponentName(node.get("component").asText()));
    }

    static Product.MetricTemplate metric(JsonNode node) {
        return new Product.MetricTemplate(
                node.get("name").asText(),
                node.get("url").asText(),
                selection(node.get("of")),
                selection(node.get("per")),
                node.get("at-least").asDouble(),
                bound(node, "ceiling"),
                bound(node, "worsening"),
                node.path("slack").asDouble(0));
    }

    private static Optional<Double> bound(JsonNode node, String key) {
        return node.has(key) ? Optional.of(node.get(key).asDouble()) : Optional.empty();
    }

    private static Watch.Selection selection(JsonNode node) {
        return new Watch.Selection(node.get("metric").asText(), Nodes.texts(node.path("where")));
    }
}
