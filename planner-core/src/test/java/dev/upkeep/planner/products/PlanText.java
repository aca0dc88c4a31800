package dev.upkeep.planner.products;

import dev.upkeep.contract.Bump;
import dev.upkeep.planner.core.Outline;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Route;
import dev.upkeep.planner.core.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A plan as a page that a person can compare with the product's own text. */
final class PlanText {
    private static final List<Route> ROUTES =
            List.of(Route.NOTHING, Route.READING, Route.UNCHANGED, Route.REVERSIBLE, Route.IRREVERSIBLE);

    private PlanText() {}

    static String of(Case planned) {
        List<String> lines = new ArrayList<>();
        lines.add(planned.shelf().name() + " " + planned.tenant().id() + " ("
                + word(planned.tenant().model()) + "): " + planned.tenant().version() + " → " + planned.to() + ", a "
                + word(Bump.between(planned.tenant().version(), planned.to())));
        switch (planned.planned()) {
            case Planning.Planned.NoWay none -> {
                lines.add("");
                lines.add("no way");
                none.reasons().forEach(reason -> lines.add("  " + reason));
            }
            case Planning.Planned.Way way -> lines.addAll(lines(way.plan()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static List<String> lines(Plan plan) {
        Outline outline = plan.outline();
        List<String> lines = new ArrayList<>();
        lines.add(word(outline.style()) + ", downtime "
                + (outline.downtime().isZero() ? "none" : outline.downtime().toString())
                + (outline.customerTriggers() ? ", when the customer asks" : ""));
        addSteps(lines, "forward", plan.forward());
        for (Route route : ROUTES) {
            if (plan.undo().containsKey(route)) {
                addSteps(lines, "back, " + word(route), plan.undo().get(route));
            }
        }
        add(
                lines,
                "checked",
                outline.checklist().stream()
                        .map(c -> c.item() + ": "
                                + (c.steps().isEmpty()
                                        ? c.evidence()
                                        : c.steps().toString()))
                        .toList());
        add(
                lines,
                "pinned",
                outline.pins().stream()
                        .map(p -> p.component() + " " + p.tag() + " "
                                + p.artifact().digest().value().substring(0, 19))
                        .toList());
        add(
                lines,
                "follows",
                outline.following().stream()
                        .map(f -> f.component() + ", now " + f.runs() + ", " + f.bound())
                        .toList());
        return lines;
    }

    private static void addSteps(List<String> lines, String title, List<Step> steps) {
        add(
                lines,
                title,
                steps.stream()
                        .map(s -> String.format(Locale.ROOT, "%-60s %s", s.title(), schema(s) + s.deadline())
                                .strip())
                        .toList());
    }

    /** On which schema something starts or is judged: old binaries on old, new ones on new. */
    private static String schema(Step step) {
        return switch (step.action()) {
            case dev.upkeep.contract.step.Action.Start a -> "schema " + word(a.schema()) + ", ";
            case dev.upkeep.contract.step.Action.Redeploy a -> "schema " + word(a.schema()) + ", ";
            case dev.upkeep.contract.step.Action.VerifyShut a -> "schema " + word(a.schema()) + ", ";
            default -> "";
        };
    }

    private static void add(List<String> lines, String title, List<String> items) {
        if (!items.isEmpty()) {
            lines.add("");
            lines.add(title);
            items.forEach(item -> lines.add("  " + item));
        }
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
