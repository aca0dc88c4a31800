package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Policies;
import dev.upkeep.planner.core.Policies.AcrossMajors;
import dev.upkeep.planner.core.Policies.Deprecation;
import dev.upkeep.planner.core.Policies.Environment;
import dev.upkeep.planner.core.Policies.Expedited;
import dev.upkeep.planner.core.Policies.NotesPolicy;
import dev.upkeep.planner.core.Policies.Term;
import dev.upkeep.planner.core.Policies.Versioning;
import dev.upkeep.planner.core.Range;
import dev.upkeep.planner.core.Release;
import java.time.Duration;
import java.time.Period;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads what a descriptor says of its product's versions besides components and procedures. */
final class PoliciesDocument {
    private static final String EVERY_RELEASE = "*";

    private PoliciesDocument() {}

    // ---- checks, on a tree that may be malformed in other places

    static void check(JsonNode document, Components components, Problems problems) {
        Nodes.each(
                document.path("skew"),
                "/skew",
                (pointer, skew) -> components.checkEach(problems, pointer + "/between", skew.path("between")));
        JsonNode across = document.path("across-majors");
        components.checkEach(problems, "/across-majors/first", across.path("first"));
        components.checkEach(problems, "/across-majors/trailing", across.path("trailing"));
        Nodes.each(document.path("matrix"), "/matrix", (pointer, row) -> {
            problems.range(pointer + "/releases", row.path("releases"));
            Nodes.eachValue(row.path("needs"), pointer + "/needs", problems::range);
        });
        Nodes.each(
                document.path("stage-first"),
                "/stage-first",
                (pointer, stage) -> problems.range(pointer + "/releases", stage.path("releases")));
        checkPattern(document.path("deprecation").path("pattern"), problems);
    }

    private static void checkPattern(JsonNode pattern, Problems problems) {
        try {
            Pattern.compile(pattern.asText(""));
        } catch (PatternSyntaxException e) {
            problems.add(
                    "/deprecation/pattern",
                    "no regular expression: " + e.getDescription(),
                    "correct it; a special character that stands for itself takes a backslash");
        }
    }

    // ---- the policies, once the tree is known to be sound

    static Policies policies(JsonNode document) {
        return new Policies(
                versioning(document.path("versioning")),
                Nodes.set(document.path("breaking"), word -> Nodes.constant(Release.Kind.class, word)),
                notes(document.path("notes")),
                deprecation(document.path("deprecation")),
                new Policies.Support(
                        Nodes.optional(document.path("support"), "previous-major", PoliciesDocument::term),
                        Nodes.optional(document.path("support"), "previous-minor", PoliciesDocument::term)),
                Nodes.map(
                        document.path("cadence"),
                        word -> Nodes.constant(Bump.class, word),
                        period -> Period.parse(period.asText())),
                Nodes.list(document.path("skew"), PoliciesDocument::skew),
                document.has("across-majors")
                        ? Optional.of(acrossMajors(document.get("across-majors")))
                        : Optional.empty(),
                Nodes.list(document.path("matrix"), PoliciesDocument::row),
                Nodes.list(document.path("stage-first"), PoliciesDocument::stageFirst),
                document.has("expedited") ? expedited(document.get("expedited")) : Policies.NONE.expedited());
    }

    private static Versioning versioning(JsonNode node) {
        return new Versioning(
                node.path("one-stamp").asBoolean(false),
                Nodes.optional(node, "floor", Version::of),
                Nodes.constant(node, "stops", Policies.Stops.NONE),
                Nodes.list(node.path("required"), version -> Version.of(version.asText())),
                Nodes.constant(node, "pin", Policies.Pin.TAG),
                Nodes.map(
                        node.path("floating-tags"),
                        shape -> Nodes.constant(Policies.Tag.class, shape),
                        places -> Nodes.set(places, word -> Nodes.constant(Environment.class, word))));
    }

    private static NotesPolicy notes(JsonNode node) {
        return new NotesPolicy(
                Nodes.set(node.path("triggers"), word -> word),
                Nodes.set(node.path("labels"), label -> label),
                node.path("removals-first").asBoolean(false),
                node.path("replacements").asBoolean(false),
                Nodes.text(node, "link", ""));
    }

    private static Deprecation deprecation(JsonNode node) {
        return new Deprecation(
                Nodes.constant(node, "keep", Deprecation.Keep.NOT_AT_ALL),
                node.path("extendable").asBoolean(false),
                Nodes.text(node, "pattern", ""));
    }

    private static Term term(String text) {
        return new Term(text.equals("until-next") ? Optional.empty() : Optional.of(Period.parse(text)));
    }

    private static Policies.Skew skew(JsonNode node) {
        return new Policies.Skew(
                new ComponentName(node.get("between").get(0).asText()),
                new ComponentName(node.get("between").get(1).asText()),
                Nodes.optional(node, "minors", Integer::valueOf));
    }

    private static AcrossMajors acrossMajors(JsonNode node) {
        return new AcrossMajors(
                Nodes.names(node.path("first")),
                Nodes.names(node.path("trailing")),
                node.path("same-window").asBoolean(false));
    }

    private static Policies.Row row(JsonNode node) {
        return new Policies.Row(
                Range.of(node.get("releases").asText()),
                Nodes.map(node.path("needs"), name -> name, range -> Range.of(range.asText())));
    }

    private static Policies.StageFirst stageFirst(JsonNode node) {
        return new Policies.StageFirst(
                Nodes.set(node.path("in"), word -> Nodes.constant(Environment.class, word)),
                Duration.parse(node.get("run-for").asText()),
                node.path("always").asBoolean(false),
                Range.of(Nodes.text(node, "releases", EVERY_RELEASE)));
    }

    private static Expedited expedited(JsonNode node) {
        return new Expedited(
                Nodes.set(node.path("bumps"), word -> Nodes.constant(Bump.class, word)),
                Nodes.span(node, "soak", Duration.ZERO),
                Nodes.span(node, "notice", Duration.ZERO),
                node.path("approvals").asInt(2));
    }
}
