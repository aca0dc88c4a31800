package dev.upkeep.planner.runbook;

import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Step;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Steps in words, as the resource has them. */
public final class Telling {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)}");

    private Telling() {}

    /** What a step does, as a sentence. */
    public static String does(Plan plan, Step step) {
        return filled(Commands.all().words(step.action()).does(), plan, step);
    }

    /** Why it is done. */
    public static String why(Plan plan, Step step) {
        return filled(Commands.all().words(step.action()).why(), plan, step);
    }

    /** What must be seen after it. */
    static String see(Plan plan, Step step) {
        return filled(Commands.all().words(step.action()).see(), plan, step);
    }

    /** What to do if it is not. */
    static String otherwise(Plan plan, Step step) {
        return filled(Commands.all().words(step.action()).otherwise(), plan, step);
    }

    private static String filled(String sentence, Plan plan, Step step) {
        Map<String, String> values = values(plan, step);
        return PLACEHOLDER
                .matcher(sentence)
                .replaceAll(found -> Matcher.quoteReplacement(values.getOrDefault(found.group(1), found.group())));
    }

    private static Map<String, String> values(Plan plan, Step step) {
        Map<String, String> values = new HashMap<>(Map.of(
                "component", step.component().value(),
                "from", plan.from().toString(),
                "to", plan.to().toString(),
                "version", plan.to().toString(),
                "deadline", Page.span(step.deadline())));
        switch (step.action()) {
            case Action.CheckCapacity a ->
                values.put("share", String.format(Locale.ROOT, "%.0f %%", a.freeShare() * 100));
            case Action.CheckSettings a -> {
                values.put("required", listed(a.required()));
                values.put("gone", listed(a.gone()));
            }
            case Action.CheckCompatibility a -> {
                values.put("of", a.of());
                values.put("ranges", a.ranges().isEmpty() ? "any" : String.join(" and ", a.ranges()));
            }
            case Action.Baseline a -> values.put("span", Page.span(a.span()));
            case Action.FetchArtifact a -> values.put("version", a.version().toString());
            case Action.DryRun a -> values.put("version", a.version().toString());
            case Action.Migrate a -> values.put("version", a.version().toString());
            case Action.Start a -> values.put("version", a.version().toString());
            case Action.Redeploy a -> values.put("version", a.version().toString());
            case Action.RunTask a -> values.put("task", a.task());
            case Action.VerifyShut a -> values.put("version", a.version().toString());
            case Action.VerifyOpen a -> {
                values.put("version", a.version().toString());
                values.put("span", Page.span(a.span()));
            }
            case Action.Ask a -> values.put("what", a.what());
            case Action.Prepare a -> {}
            case Action.Protect a -> {}
            case Action.Quiesce a -> {}
            case Action.Change a -> {}
            case Action.Reopen a -> {}
            case Action.Recover a -> {}
        }
        return values;
    }

    private static String listed(List<String> names) {
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
