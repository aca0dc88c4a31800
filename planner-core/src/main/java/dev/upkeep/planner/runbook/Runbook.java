package dev.upkeep.planner.runbook;

import dev.upkeep.contract.step.Action;
import dev.upkeep.planner.core.Outline;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Preview;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Route;
import dev.upkeep.planner.core.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An upgrade as a Markdown page for a person who carries it out by hand: each step with why it is done, the commands to
 * copy, what must be seen, and what to do if it is not; each way back as a section of its own.
 */
public final class Runbook {
    private static final Map<Route, String> WHEN = Map.of(
            Route.NOTHING, "Take it as long as nothing was changed: only what was parked or paused is let go.",
            Route.READING, "Do this first, once anything was changed: it tells which of the ways below is yours.",
            Route.UNCHANGED, "Take it if the schema is as it was.",
            Route.REVERSIBLE,
                    "Take it if migrations ran, they are the first of those listed, in that order, and none of them"
                            + " failed half-way outside a transaction.",
            Route.IRREVERSIBLE, "Take it in every other case: it is the only way that is safe whatever happened.",
            Route.CLOSING, "Take it if somebody decides to leave things as they are.");

    private final Preview preview;
    private final Needs needs = new Needs();

    private Runbook(Preview preview) {
        this.preview = preview;
    }

    /** The page. */
    public static String markdown(Preview preview) {
        return new Runbook(preview).page().toString();
    }

    /** The words of the actions that a driver has commands for. */
    public static Set<String> commanded(String driver) {
        return Commands.all().actions(driver).stream()
                .map(key -> key.replaceFirst("/.*", ""))
                .collect(Collectors.toSet());
    }

    private Page page() {
        Page hops = new Page();
        for (int i = 0; i < preview.hops().size(); i++) {
            hop(hops, preview.hops().get(i), i + 1);
        }
        Page page = new Page();
        page.heading(
                1,
                "Runbook: " + Page.escaped(preview.tenant().value()) + ", " + preview.from() + " → " + preview.to(),
                "top");
        page.paragraph("For a person who upgrades this tenant by hand. It is the plan that Upkeep would follow, for the"
                + " tenant as it is registered now; ask for it anew if anything changes. Do not follow it while Upkeep"
                + " itself is at work on the tenant.");
        before(page);
        page.page(hops);
        after(page);
        return page;
    }

    private void before(Page page) {
        page.heading(2, "Before you begin", "before");
        if (preview.hops().isEmpty()) {
            page.paragraph("**There is no way:** " + Page.escaped(String.join("; ", preview.noWay())) + ".");
            return;
        }
        Duration forward = sum(preview.hops().stream().map(Preview.Hop::forward).toList());
        Duration back = preview.hops().stream()
                .map(Preview.Hop::back)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        page.list(List.of(
                "It takes about **" + Page.span(forward) + "**, and going back takes up to **" + Page.span(back)
                        + "**: have both left before people come to work.",
                downtime()));
        if (!preview.blockers().isEmpty()) {
            page.paragraph("**In the way now.** Upkeep would not start, because:");
            page.list(preview.blockers().stream()
                    .map(b -> "`" + b.rule() + "`: " + Page.escaped(b.fact())
                            + b.until().map(until -> ", until " + until).orElse(""))
                    .toList());
        }
        notes(page);
        checklist(page);
        page.paragraph("In the terminal that you will use for all of it, in Bash:");
        StringBuilder setting = new StringBuilder("export RUN=\"$HOME\"/upkeep/")
                .append(Shell.word(preview.tenant() + "-" + preview.from() + "-" + preview.to()))
                .append("\nmkdir -p \"$RUN\" && chmod 700 \"$RUN\"");
        needs.variables()
                .forEach((variable, what) -> setting.append("\nexport ")
                        .append(variable)
                        .append("=  # ")
                        .append(what.replaceAll("\\s+", " ")));
        page.commands(setting.toString());
        if (!needs.variables().isEmpty()) {
            page.paragraph("Upkeep does not know the values that are left open there: fill them in first.");
        }
    }

    private String downtime() {
        List<Outline> outlines =
                preview.hops().stream().map(hop -> hop.plan().outline()).toList();
        if (outlines.stream().allMatch(o -> o.style() == Product.Style.ROLLING)) {
            return "The tenant is served all the time: old and new run side by side.";
        }
        Duration downtime = sum(outlines.stream().map(Outline::downtime).toList());
        return downtime.isZero()
                ? "The tenant is not served from where it is parked or stopped until it is opened; its product does not say"
                        + " for how long."
                : "The tenant is not served for up to **" + Page.span(downtime) + "**, as its product says.";
    }

    private void notes(Page page) {
        for (Preview.Note note : preview.notes()) {
            if (note.lines().isEmpty() && note.link().isEmpty()) {
                continue;
            }
            page.paragraph("**Read what " + note.version() + " says**"
                    + (note.triggers().isEmpty()
                            ? ""
                            : ", in particular where it says "
                                    + Page.escaped(String.join(", ", new TreeSet<>(note.triggers()))))
                    + (note.link().isEmpty() ? ":" : " (" + Page.escaped(note.link()) + "):"));
            page.list(note.lines().stream().map(Page::escaped).toList());
        }
    }

    private void checklist(Page page) {
        List<String> items = new ArrayList<>();
        for (Preview.Hop hop : preview.hops()) {
            for (Outline.Checked checked : hop.plan().outline().checklist()) {
                items.add("[ ] " + Page.escaped(checked.item()) + " — shown by "
                        + (checked.steps().isEmpty()
                                ? "`" + checked.evidence() + "`"
                                : String.join(
                                        ", ",
                                        checked.steps().stream()
                                                .map(id -> "step `" + id + "`")
                                                .toList())));
            }
        }
        if (!items.isEmpty()) {
            page.paragraph("**Checklist:**");
            page.list(items);
        }
    }

    private static Duration sum(List<Duration> spans) {
        return spans.stream().reduce(Duration.ZERO, Duration::plus);
    }

    // ---- a hop

    private void hop(Page page, Preview.Hop hop, int number) {
        Plan plan = hop.plan();
        String title = preview.hops().size() == 1
                ? "The way"
                : "Hop " + number + " of " + preview.hops().size();
        page.heading(2, title + ": " + plan.from() + " → " + plan.to(), "hop-" + number);
        page.paragraph("**The order is the point.** " + order(plan));
        Sections sections = new Sections(preview.tenant().value(), plan, needs);
        for (int i = 0; i < plan.forward().size(); i++) {
            Step step = plan.forward().get(i);
            String back = plan.disturbedAfter(i + 1) && !plan.isProvenAt(i)
                    ? " [The way back](#back-" + number + ")."
                    : plan.isProvenAt(i)
                            ? " The new version is proven: do not go back for this."
                            : " [Let go what was parked](#back-" + number + "-nothing).";
            sections.add(page, step, (i + 1) + ". " + step.title(), "step-" + number + "-" + (i + 1), back);
        }
        wayBack(page, plan, sections, number);
    }

    /** Why the steps stand in this order and in no other. */
    private static String order(Plan plan) {
        if (plan.migrator().isEmpty()) {
            return "This hop changes no schema, so either version may meet the database. Still: one step after the other,"
                    + " and none before the one above it was seen to be done.";
        }
        Step migrator = plan.migrator().get();
        int at = plan.forward().indexOf(migrator) + 1;
        boolean byItself = !(migrator.action() instanceof Action.Migrate);
        String changes = byItself
                ? "Step " + at + " starts what changes the schema when it comes up, `" + migrator.component() + "`. "
                : "Step " + at + " changes the schema. ";
        boolean beside = plan.outline().style() == Product.Style.ROLLING;
        String old = beside
                ? "All that it does is to add, so " + plan.from() + " goes on serving on what comes out of it until "
                        + plan.to() + " has taken its place. "
                : plan.from() + " must never meet what comes out of it: what of it runs on that database is stopped "
                        + (migrator.action() instanceof Action.Redeploy ? "by step " : "before step ") + at
                        + " at the latest. ";
        String earlier = started(plan.forward().subList(0, at - 1));
        String later = started(plan.forward().subList(at, plan.forward().size()));
        String whatComes = (later.isEmpty()
                        ? ""
                        : "Of " + plan.to() + ", " + later + " comes up only once it is done. ")
                + (earlier.isEmpty() ? "" : "What comes up before, " + earlier + ", does not run on that database. ");
        return changes
                + old
                + whatComes
                + "Nothing is changed before the backup is proven. On the way back, too, what of " + plan.to()
                + " runs on that database is stopped before the schema goes back, and " + plan.from()
                + " is started only after.";
    }

    /** The components that steps start. */
    private static String started(List<Step> steps) {
        return steps.stream()
                .filter(s -> s.action() instanceof Action.Start || s.action() instanceof Action.Redeploy)
                .map(s -> "`" + s.component() + "`")
                .distinct()
                .collect(Collectors.joining(", "));
    }

    // ---- the way back

    private static void wayBack(Page page, Plan plan, Sections sections, int number) {
        page.heading(2, "The way back to " + plan.from(), "back-" + number);
        page.paragraph(
                plan.undo().containsKey(Route.READING)
                        ? "As long as no step was done that changes something, take the first of these. After that, read"
                                + " the schema, and then take the one that fits what you find, whatever was meant to happen."
                        : "As long as no step was done that changes something, take the first of these; after that, the"
                                + " second.");
        if (!plan.migrations().isEmpty()) {
            page.paragraph("Migrations of this hop, in their order: "
                    + Page.escaped(String.join(
                            "; ",
                            plan.migrations().stream()
                                    .map(m -> m.id()
                                            + (m.reversible() ? " can be taken back" : " can't be taken back")
                                            + (m.transactional() ? "" : ", is not transactional"))
                                    .toList()))
                    + ".");
        }
        for (Route route : Route.values()) {
            List<Step> steps = plan.undo().get(route);
            if (steps == null || steps.isEmpty()) {
                continue;
            }
            String word = route.name().toLowerCase(Locale.ROOT);
            page.heading(3, "Way back: " + word, "back-" + number + "-" + word);
            page.paragraph(Page.escaped(WHEN.getOrDefault(route, "")));
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                sections.add(
                        page,
                        step,
                        word + " " + (i + 1) + ". " + step.title(),
                        "back-" + number + "-" + word + "-" + (i + 1),
                        "");
            }
        }
    }

    private void after(Page page) {
        page.heading(2, "When it is done", "done");
        page.paragraph("Tell Upkeep what is there now; until then it takes the tenant for what it was.");
        String tenant = Shell.word(preview.tenant().value());
        page.commands(
                "./upkeep drift report " + tenant + " --version " + preview.to() + "\n./upkeep drift adopt " + tenant);
        page.paragraph(
                "After a way back there is nothing to tell. Keep `$RUN` until the backups in it are no longer needed.");
    }
}
