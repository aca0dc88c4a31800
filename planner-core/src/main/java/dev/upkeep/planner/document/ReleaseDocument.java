package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Contradiction;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Range;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.ReleaseRules;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a release. */
public final class ReleaseDocument {
    private final JsonNode document;
    private final Product product;
    private final Problems problems;

    private ReleaseDocument(JsonNode document, Product product) {
        this.document = document;
        this.product = product;
        this.problems = new Problems(Kind.RELEASE.problems(document));
    }

    /** The release, or all that is wrong with it. */
    public static Release read(JsonNode document, Product product) throws Refused {
        ReleaseDocument reading = new ReleaseDocument(document, product);
        reading.checkComponents();
        reading.checkOnce();
        reading.checkMigrations();
        reading.checkSettings();
        reading.checkTimesAndRanges();
        NotesDocument.check(document, product, reading.problems);
        reading.problems.refuseAny();
        return reading.problems.built("", () -> release(document, product));
    }

    /** A document that was taken before, with the notes' triggers that the product asks for now. */
    public static Release stored(JsonNode document, Product product) {
        return release(document, product);
    }

    /** What of a document is kept: of a changelog, only what it says of this release, so that the rest may change. */
    public static JsonNode kept(JsonNode document) {
        return NotesDocument.kept(document);
    }

    /**
     * Refuses a release that contradicts its number, its product's policies or what was promised before.
     *
     * @param published the product's releases that are out, in any order
     */
    public static void check(JsonNode document, Product product, Release release, List<Release> published)
            throws Refused {
        refuse(document, ReleaseRules.contradictions(product, release, published));
    }

    /** Refuses a release that contradicts its number or its product's policies, as far as that shows without knowing what is out. */
    public static void check(JsonNode document, Product product, Release release) throws Refused {
        refuse(document, ReleaseRules.contradictions(product, release));
    }

    private static void refuse(JsonNode document, List<Contradiction> contradictions) throws Refused {
        Problems problems = new Problems(List.of());
        problems.contradictions(contradictions.stream()
                .map(c -> new Contradiction(located(document, c.pointer()), c.rule(), c.what(), c.fix()))
                .toList());
        problems.refuseAny();
    }

    /** An artifact's pointer with its index in place of its component. */
    private static String located(JsonNode document, String pointer) {
        String[] parts = pointer.split("/", -1);
        if (parts.length == 4 && parts[1].equals("artifacts")) {
            JsonNode artifacts = document.path("artifacts");
            for (int i = 0; i < artifacts.size(); i++) {
                if (artifacts.get(i).path("component").asText().equals(parts[2])) {
                    return "/artifacts/" + i + "/" + parts[3];
                }
            }
        }
        return pointer;
    }

    // ---- checks, on a tree that may be malformed in other places

    private void checkComponents() {
        for (String array : List.of("artifacts", "settings", "tasks")) {
            Nodes.each(document.path(array), "/" + array, (pointer, item) -> {
                if (item.has("component")) {
                    checkComponent(pointer + "/component", item.get("component"));
                }
            });
        }
        Nodes.each(document.path("definitions"), "/definitions", this::checkComponent);
        Nodes.each(document.path("tasks"), "/tasks", this::checkTask);
    }

    private void checkTask(String pointer, JsonNode task) {
        String component = task.path("component").asText();
        boolean runs = product.procedures().stream()
                .flatMap(p -> p.steps().stream())
                .anyMatch(s ->
                        s.word().equals("run-tasks") && s.component().value().equals(component));
        if (task.has("component") && !runs) {
            problems.add(
                    pointer + "/component",
                    "no procedure of " + product.name() + " runs the tasks of '" + component + "'",
                    "name a component that a 'run-tasks' step is for, or add 'run-tasks: " + component
                            + "' to the procedures");
        }
    }

    private void checkComponent(String pointer, JsonNode name) {
        if (product.components().stream().noneMatch(c -> c.name().value().equals(name.asText()))) {
            problems.add(
                    pointer,
                    "unknown component '" + name.asText() + "' of " + product.name(),
                    "use one of "
                            + product.components().stream()
                                    .map(c -> c.name().value())
                                    .collect(Collectors.joining(", ")));
        }
    }

    private void checkOnce() {
        problems.unique(document, "/artifacts", "component");
        problems.unique(document, "/migrations", "id");
        problems.unique(document, "/deprecations", "id");
        problems.unique(document, "/removals", "id");
        problems.unique(document, "/tasks", "name");
        problems.unique(document, "/advisories", "id");
    }

    private void checkMigrations() {
        Nodes.each(document.path("migrations"), "/migrations", (pointer, migration) -> {
            JsonNode costs = migration.path("costs");
            if (costs.has("per-million-rows") && !costs.has("rewrites")) {
                problems.add(
                        pointer + "/costs/rewrites",
                        "'rewrites' is missing",
                        "name the table whose rows count, or remove 'per-million-rows'");
            }
        });
    }

    private void checkSettings() {
        Nodes.each(document.path("settings"), "/settings", (pointer, setting) -> {
            String fate = setting.path("fate").asText();
            boolean renamed = fate.equals("renamed");
            if (renamed != setting.has("to") && setting.has("fate")) {
                problems.add(
                        pointer + "/to",
                        renamed ? "'to' is missing" : "'to' goes only with the fate renamed",
                        renamed ? "add 'to': the new name" : "remove it");
            }
            if (fate.equals("default-changed") && !setting.has("value")) {
                problems.add(pointer + "/value", "'value' is missing", "add 'value': the new default");
            }
        });
    }

    private void checkTimesAndRanges() {
        Nodes.each(
                document.path("advisories"),
                "/advisories",
                (pointer, advisory) -> problems.instant(pointer + "/disclosed-at", advisory.path("disclosed-at")));
        Nodes.eachValue(document.path("third-party"), "/third-party", problems::range);
    }

    // ---- the release, once the tree is known to be sound

    private static Release release(JsonNode document, Product product) {
        Map<ComponentName, Artifact> artifacts = new LinkedHashMap<>();
        Map<ComponentName, String> stamps = new LinkedHashMap<>();
        document.path("artifacts").forEach(a -> {
            ComponentName component = new ComponentName(a.get("component").asText());
            artifacts.put(
                    component,
                    new Artifact(
                            a.get("location").asText(),
                            new Digest(a.get("digest").asText())));
            if (a.has("stamp")) {
                stamps.put(component, a.get("stamp").asText());
            }
        });
        Map<String, Release.Cost> costs = new LinkedHashMap<>();
        document.path("migrations").forEach(m -> {
            if (m.has("costs") || m.has("needs-window")) {
                costs.put(m.get("id").asText(), cost(m));
            }
        });
        return new Release(
                new ProductName(document.get("product").asText()),
                Version.of(document.get("version").asText()),
                artifacts,
                stamps,
                Nodes.list(document.path("migrations"), ReleaseDocument::migration),
                costs,
                Nodes.list(document.path("settings"), ReleaseDocument::setting),
                Nodes.list(
                        document.path("changes"),
                        c -> new Release.Change(
                                Nodes.constant(Release.Kind.class, c.get("kind").asText()),
                                c.get("what").asText(),
                                c.path("breaking").asBoolean(false))),
                Nodes.list(
                        document.path("deprecations"),
                        d -> new Release.Deprecated(
                                d.get("id").asText(),
                                d.get("what").asText(),
                                Nodes.text(d, "replacement", ""),
                                Nodes.optional(d, "until", Version::of))),
                Nodes.list(
                        document.path("removals"),
                        r -> new Release.Removed(
                                r.get("id").asText(), r.get("what").asText(), Nodes.text(r, "replacement", ""))),
                Nodes.list(
                        document.path("tasks"),
                        t -> new Release.Task(
                                t.get("name").asText(),
                                new ComponentName(t.get("component").asText()),
                                Nodes.text(t, "why", ""))),
                Nodes.list(
                        document.path("advisories"),
                        a -> new Release.Advisory(
                                a.get("id").asText(),
                                a.get("severity").asText(),
                                Nodes.optional(a, "disclosed-at", Instant::parse))),
                Nodes.map(document.path("third-party"), name -> name, range -> Range.of(range.asText())),
                Nodes.set(document.path("definitions"), ComponentName::new),
                document.path("needs-window").asBoolean(false),
                Nodes.optional(document, "guide", guide -> guide),
                NotesDocument.notes(document, product));
    }

    private static Migration migration(JsonNode node) {
        Set<Migration.Trait> traits = EnumSet.noneOf(Migration.Trait.class);
        for (Migration.Trait trait : Migration.Trait.values()) {
            if (node.path(Nodes.word(trait)).asBoolean(false)) {
                traits.add(trait);
            }
        }
        return new Migration(
                node.get("id").asText(),
                node.get("reversible").asBoolean(),
                node.path("transactional").asBoolean(true),
                traits);
    }

    private static Release.Cost cost(JsonNode migration) {
        JsonNode costs = migration.path("costs");
        return new Release.Cost(
                Nodes.span(costs, "least", Duration.ZERO),
                Nodes.optional(costs, "rewrites", table -> table),
                Nodes.span(costs, "per-million-rows", Duration.ZERO),
                migration.path("needs-window").asBoolean(false));
    }

    private static Release.SettingChange setting(JsonNode node) {
        return new Release.SettingChange(
                node.get("name").asText(),
                new ComponentName(node.get("component").asText()),
                Nodes.constant(
                        Release.SettingChange.Fate.class, node.get("fate").asText()),
                Nodes.text(node, "to", ""),
                Nodes.text(node, "value", ""));
    }
}
