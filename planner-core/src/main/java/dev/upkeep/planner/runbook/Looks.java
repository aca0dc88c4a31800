package dev.upkeep.planner.runbook;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.Product.ProbeTemplate;
import dev.upkeep.planner.core.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The probes and metrics of a plan as commands for a person's own eyes. */
final class Looks {
    private final Plan plan;
    private final String tenant;
    private final Needs needs;

    Looks(Plan plan, String tenant, Needs needs) {
        this.plan = plan;
        this.tenant = tenant;
        this.needs = needs;
    }

    /** What to look at in a step that is judged, with what must be seen; empty for every other step. */
    Optional<String> of(Step step) {
        return switch (step.action()) {
            case Action.Baseline a -> Optional.of(probes(plan.from(), Moment.BEFORE) + "\n" + watches(a.span()));
            case Action.VerifyShut a -> Optional.of(probes(a.version(), a.schema()));
            case Action.VerifyOpen a ->
                Optional.of(probes(a.version(), plan.migrations().isEmpty() ? Moment.BEFORE : Moment.AFTER) + "\n"
                        + watches(a.span()));
            case Action.Prepare a -> Optional.empty();
            case Action.Protect a -> Optional.empty();
            case Action.Quiesce a -> Optional.empty();
            case Action.Change a -> Optional.empty();
            case Action.Reopen a -> Optional.empty();
            case Action.Recover a -> Optional.empty();
            case Action.Person a -> Optional.empty();
        };
    }

    private String probes(Version version, Moment schema) {
        List<String> lines = new ArrayList<>();
        for (ProbeTemplate probe : plan.probes(version)) {
            switch (probe) {
                case ProbeTemplate.HttpStatus p -> {
                    lines.add("# " + oneLine(p.name()) + ": " + p.status());
                    lines.add("curl -sS --output /dev/null --write-out '%{http_code}\\n' " + url(p.url(), version));
                }
                case ProbeTemplate.HttpField p -> {
                    lines.add("# " + oneLine(p.name()) + ": " + oneLine(filled(p.value(), version)));
                    lines.add("curl -fsS " + url(p.url(), version) + " | jq -r " + Shell.word(path(p.pointer())));
                }
                case ProbeTemplate.Schema p -> lines.addAll(schema(p, schema));
            }
        }
        return String.join("\n", lines);
    }

    private List<String> schema(ProbeTemplate.Schema probe, Moment schema) {
        Step reading = new Step(
                plan.forward().getFirst().id(),
                new Action.CheckSchema(Moment.BEFORE),
                probe.component(),
                Map.of(),
                Duration.ofMinutes(1));
        Values values = new Values(tenant, plan, reading);
        String file = schema == Moment.AFTER ? "schema.after" : "schema.before";
        String connect = new Filling(values, needs)
                .fill("export PGHOST={pg.host} PGPORT={pg.port} PGUSER={pg.user} PGPASSWORD={pg.password}"
                        + " PGDATABASE={pg.database}");
        return List.of(
                "# " + oneLine(probe.name()) + ": as expected",
                connect,
                "pg_dump --schema-only --no-owner --exclude-schema=upkeep | grep -v -e '^--' -e '^\\\\' | sha256sum | cmp - \"$RUN\"/"
                        + file + " && echo 'as expected'");
    }

    private String watches(Duration span) {
        List<String> lines = new ArrayList<>();
        if (!plan.watches().isEmpty()) {
            lines.add("for look in before after; do");
            for (Watch watch : plan.watches()) {
                lines.add("  curl -fsS " + Shell.word(watch.url()) + " | grep -E -- "
                        + Shell.word(
                                "^(" + watch.of().metric() + "|" + watch.per().metric() + ")[{ ]"));
            }
            lines.add("  [ \"$look\" = after ] || sleep " + Math.max(1, span.toSeconds()));
            lines.add("done");
        }
        return String.join("\n", lines);
    }

    /** What the figures must be, for a person. */
    List<String> bounds() {
        List<String> bounds = new ArrayList<>();
        for (Watch watch : plan.watches()) {
            List<String> parts = new ArrayList<>();
            watch.ceiling().ifPresent(c -> parts.add("at most " + c));
            watch.worsening().ifPresent(w -> parts.add("at most " + w + " times what it was before"));
            bounds.add(watch.name() + ": the growth of " + selection(watch.of()) + " by that of "
                    + selection(watch.per()) + ", " + String.join(" and ", parts));
        }
        return bounds;
    }

    private static String selection(Watch.Selection selection) {
        return selection.metric()
                + (selection.where().isEmpty() ? "" : selection.where().toString());
    }

    private String url(String url, Version version) {
        return Shell.word(filled(url, version));
    }

    private static String filled(String text, Version version) {
        return text.replace("{version}", version.toString());
    }

    /** A comment ends with its line: nothing that stands in it may begin another one. */
    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    /** A JSON pointer as jq reads it. */
    private static String path(String pointer) {
        List<String> parts = new ArrayList<>();
        for (String part :
                pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
            String name = part.replace("~1", "/").replace("~0", "~");
            parts.add(
                    name.matches("\\d{1,9}")
                            ? name
                            : "\"" + name.replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
        }
        return parts.isEmpty() ? "." : "getpath([" + String.join(",", parts) + "])";
    }
}
