package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.changelog.Changelog;
import dev.upkeep.planner.changelog.Edition;
import dev.upkeep.planner.changelog.Triggers;
import dev.upkeep.planner.core.Contradiction;
import dev.upkeep.planner.core.Policies;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads a release's notes: given section by section, or as a changelog. */
final class NotesDocument {
    private final JsonNode document;
    private final Product product;
    private final Problems problems;

    private NotesDocument(JsonNode document, Product product, Problems problems) {
        this.document = document;
        this.product = product;
        this.problems = problems;
    }

    // ---- checks, on a tree that may be malformed in other places

    static void check(JsonNode document, Product product, Problems problems) {
        new NotesDocument(document, product, problems).checkNotes();
    }

    private void checkNotes() {
        JsonNode changelog = document.path("changelog");
        if (changelog.isMissingNode()) {
            List<String> order = new ArrayList<>();
            document.path("notes").fieldNames().forEachRemaining(order::add);
            checkOrder("/notes", order);
            return;
        }
        if (document.has("notes")) {
            problems.add("/changelog", "both notes and changelog say what changed", "give one of them");
        }
        if (changelog.isTextual() && document.path("version").isTextual()) {
            checkChangelog();
        }
    }

    private void checkChangelog() {
        String version = document.get("version").asText();
        List<Edition> all = Changelog.parse(document.get("changelog").asText()).editions();
        List<Edition> own =
                all.stream().filter(e -> e.version().toString().equals(version)).toList();
        if (own.isEmpty()) {
            problems.add(
                    "/changelog",
                    "the changelog says nothing of " + version,
                    all.isEmpty()
                            ? "give each version a heading, such as '## [" + version + "] - 2026-01-31'"
                            : "add a heading '## [" + version + "]'; it has "
                                    + all.stream()
                                            .limit(5)
                                            .map(e -> e.version().toString())
                                            .collect(Collectors.joining(", ")));
        } else if (own.size() > 1) {
            problems.add("/changelog", "the changelog has " + version + " twice", "make one of the two");
        } else if (own.getFirst().isYanked()) {
            problems.add("/changelog", version + " is marked as yanked", "publish another version, or remove the mark");
        } else {
            checkOrder(
                    "/changelog",
                    own.getFirst().order().stream().map(Release.Section::word).toList());
        }
    }

    /** Where the product promises so, what breaks and what is gone stands above everything else. */
    private void checkOrder(String pointer, List<String> sections) {
        if (!product.policies().notes().removalsFirst()) {
            return;
        }
        List<String> worst = List.of(Release.Section.BREAKING.word(), Release.Section.REMOVED.word());
        String above = "";
        for (String section : sections) {
            if (!worst.contains(section)) {
                above = above.isEmpty() ? section : above;
            } else if (!above.isEmpty()) {
                problems.contradictions(List.of(new Contradiction(
                        pointer.equals("/notes") ? pointer + "/" + section : pointer,
                        "removalsStandFirst",
                        "'" + section + "' stands below '" + above + "'",
                        "put it first: what is gone or breaks must not be overlooked")));
            }
        }
    }

    // ---- the notes, once the tree is known to be sound

    static JsonNode kept(JsonNode document) {
        if (!document.has("changelog")) {
            return document;
        }
        ObjectNode kept = ((ObjectNode) document).deepCopy();
        edition(document).ifPresent(edition -> kept.put("changelog", edition.source()));
        return kept;
    }

    static Release.Notes notes(JsonNode document, Product product) {
        Policies.NotesPolicy policy = product.policies().notes();
        if (document.has("changelog")) {
            return edition(document).map(edition -> edition.notes(policy)).orElse(Release.Notes.NONE);
        }
        JsonNode notes = document.path("notes");
        Map<Release.Section, List<String>> sections = new EnumMap<>(Release.Section.class);
        for (Release.Section section : Release.Section.values()) {
            if (notes.has(section.word())) {
                sections.put(section, Nodes.list(notes.get(section.word()), JsonNode::asText));
            }
        }
        return Triggers.notes(sections, policy);
    }

    private static Optional<Edition> edition(JsonNode document) {
        return Changelog.parse(document.get("changelog").asText())
                .editions(Version.of(document.get("version").asText()))
                .stream()
                .findFirst();
    }
}
