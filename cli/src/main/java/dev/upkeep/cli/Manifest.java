package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.planner.changelog.Changelog;
import dev.upkeep.planner.changelog.Edition;
import dev.upkeep.planner.document.Place;
import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.Refused;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A release's manifest, and the changelog that its notes are taken from.
 *
 * @param facts the manifest's file, if there is one
 * @param changelog the changelog's file, if there is one; where both are absent there is no release
 */
record Manifest(Optional<Source> facts, Optional<Path> changelog, JsonNode tree) {

    static Manifest of(Path file) throws Findings {
        Source facts = Source.read(file);
        return new Manifest(
                Optional.of(facts), Optional.empty(), facts.written().tree());
    }

    /** The release of the manifest's version, else of the changelog's newest. */
    static Manifest of(Optional<Path> file, Path changelog, String product) throws Findings {
        Optional<Source> facts = file.isPresent() ? Optional.of(Source.read(file.get())) : Optional.empty();
        String text = Source.text(changelog);
        ObjectNode tree = facts.map(f -> ((ObjectNode) f.written().tree()).deepCopy())
                .orElseGet(JsonNodeFactory.instance::objectNode);
        if (!tree.has("product")) {
            tree.put("product", product);
        }
        if (!tree.has("version")) {
            tree.put("version", newest(changelog, text));
        }
        tree.put("changelog", text);
        return new Manifest(facts, Optional.of(changelog), tree);
    }

    private static String newest(Path changelog, String text) {
        return Changelog.parse(text).editions().stream()
                .findFirst()
                .map(Edition::version)
                .orElseThrow(
                        () -> new Trouble(
                                ExitCode.REFUSED,
                                changelog
                                        + " has no version\n  → give each version a heading, such as '## [1.2.0] - 2026-01-31'"))
                .toString();
    }

    /** What is wrong with it; what is wrong with the notes of a changelog is wrong there. */
    List<Finding> findings(Refused refused) {
        return refused.problems().stream().map(this::finding).toList();
    }

    private Finding finding(Problem problem) {
        boolean ofChangelog = changelog.isPresent() && problem.pointer().startsWith("/changelog");
        if (facts.isEmpty() || ofChangelog) {
            return new Finding(changelog.orElseThrow(), new Place(1, 1), problem);
        }
        Source source = facts.get();
        return new Finding(source.file(), source.written().at(problem.pointer()), problem);
    }
}
