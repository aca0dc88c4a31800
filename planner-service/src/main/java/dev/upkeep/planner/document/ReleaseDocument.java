package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Digest;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a release. */
public final class ReleaseDocument {
    private ReleaseDocument() {}

    /** The release, or all that is wrong with it. */
    public static Release read(JsonNode document, Product product) throws Refused {
        Problems problems = new Problems(Kind.RELEASE.problems(document));
        Set<String> components = new HashSet<>();
        Nodes.each(document.path("artifacts"), "/artifacts", (pointer, artifact) -> {
            String name = artifact.path("component").asText();
            if (!components.add(name)) {
                problems.add(pointer + "/component", "'" + name + "' is there twice", "give one artifact a component");
            } else if (artifact.has("component")
                    && product.components().stream()
                            .noneMatch(c -> c.name().value().equals(name))) {
                problems.add(
                        pointer + "/component",
                        "unknown component '" + name + "' of " + product.name(),
                        "use one of "
                                + String.join(
                                        ", ",
                                        product.components().stream()
                                                .map(c -> c.name().value())
                                                .toList()));
            }
        });
        Set<String> ids = new HashSet<>();
        Nodes.each(document.path("migrations"), "/migrations", (pointer, migration) -> {
            if (!ids.add(migration.path("id").asText())) {
                problems.add(pointer + "/id", "the id is there twice", "give each migration its own id");
            }
        });
        problems.refuseAny();
        return problems.built("", () -> release(document));
    }

    /** A document that was taken before. */
    public static Release stored(JsonNode document) {
        return release(document);
    }

    private static Release release(JsonNode document) {
        Map<ComponentName, Artifact> artifacts = new LinkedHashMap<>();
        document.path("artifacts")
                .forEach(a -> artifacts.put(
                        new ComponentName(a.get("component").asText()),
                        new Artifact(
                                a.get("location").asText(),
                                new Digest(a.get("digest").asText()))));
        JsonNode notes = document.path("notes");
        return Release.plain(
                new ProductName(document.get("product").asText()),
                Version.of(document.get("version").asText()),
                artifacts,
                Nodes.list(
                        document.path("migrations"),
                        m -> new Migration(
                                m.get("id").asText(),
                                m.get("reversible").asBoolean(),
                                m.path("transactional").asBoolean(true))),
                new Release.Notes(
                        Map.of(
                                Release.Section.ADDED, lines(notes, "added"),
                                Release.Section.CHANGED, lines(notes, "changed"),
                                Release.Section.REMOVED, lines(notes, "removed"),
                                Release.Section.BREAKING, lines(notes, "breaking")),
                        Set.of()));
    }

    private static List<String> lines(JsonNode notes, String section) {
        return Nodes.list(notes.path(section), JsonNode::asText);
    }
}
