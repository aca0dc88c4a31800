package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tenants going from one version to another. */
@Command(
        name = "upgrade",
        description = "Tenants going from one version to another.",
        mixinStandardHelpOptions = true,
        subcommands = {Upgrades.Show.class, Upgrades.Why.class, Upgrades.Abort.class})
final class Upgrades {

    /** The upgrade of that id, or else the latest one of the tenant of that name. */
    static JsonNode find(Api planner, String which) {
        String id = Documents.segment(which);
        try {
            return planner.get("/v1/upgrades/" + id);
        } catch (Trouble notAnUpgrade) {
            if (notAnUpgrade.exit() != ExitCode.NOT_FOUND) {
                throw notAnUpgrade;
            }
            return planner.get("/v1/tenants/" + id + "/upgrade");
        }
    }

    @Command(
            name = "show",
            description = "Shows an upgrade: its plan, where it is, what its steps found.",
            mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @Parameters(paramLabel = "UPGRADE|TENANT", description = "The upgrade's id, or a tenant for its latest one.")
        @Nullable
        String which;

        @Override
        ExitCode run() {
            print(find(connection.planner(), Required.of(which)), this::table);
            return ExitCode.OK;
        }

        private void table(JsonNode upgrade) {
            out().println(text(upgrade, "tenant") + ": " + text(upgrade, "from") + " → " + text(upgrade, "to") + ", "
                    + text(upgrade, "state")
                    + (text(upgrade, "reason").isEmpty() ? "" : ", because " + text(upgrade, "reason")));
            out().println("upgrade " + text(upgrade, "id") + " of rollout " + text(upgrade, "rollout"));
            for (JsonNode finding : upgrade.path("because")) {
                out().println("  " + text(finding, "name") + ": " + text(finding, "found") + " (expected: "
                        + text(finding, "expected") + ")");
            }
            if (!upgrade.path("ahead").isEmpty()) {
                List<String> ahead = new ArrayList<>();
                upgrade.path("ahead").forEach(version -> ahead.add(version.asText()));
                out().println("  hop " + text(upgrade, "hop") + "; " + text(upgrade, "installed")
                        + " is installed, ahead: " + String.join(", ", ahead));
            }
            if (!text(upgrade, "abort").isEmpty()) {
                out().println("  to be ended: " + text(upgrade, "abort"));
            }
            for (JsonNode way : upgrade.path("waysOut")) {
                out().println("  way out: " + way.asText());
            }
            String report = text(upgrade.path("facts"), "gap.report");
            if (!report.isEmpty()) {
                out().println("  gap report: " + report);
            }
            if (!upgrade.has("runs")) {
                // A customer is not shown how it is done.
                return;
            }
            out().println();
            Table steps = new Table("STEP", "COMPONENT", "ATTEMPT", "OUTCOME", "WHAT CAME OF IT");
            upgrade.path("runs")
                    .forEach(r -> steps.row(
                            text(r, "action"),
                            text(r, "component"),
                            text(r, "attempt"),
                            text(r, "outcome"),
                            text(r, "summary")));
            steps.print(out(), "no step has run");
        }
    }

    @Command(
            name = "why",
            description = "Lists everything that keeps a tenant's upgrade from starting now.",
            mixinStandardHelpOptions = true)
    static final class Why extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Override
        ExitCode run() {
            JsonNode answer =
                    connection.planner().get("/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/why");
            print(answer, a -> {
                out().println(text(a, "tenant") + ": " + text(a, "state"));
                Table table = new Table("RULE", "UNTIL", "FACT");
                a.path("blockers").forEach(b -> table.row(text(b, "rule"), text(b, "until"), text(b, "fact")));
                table.print(out(), "nothing stands in the way");
                a.path("warnings").forEach(w -> out().println("mind: " + w.asText()));
                if (a.has("estimate")) {
                    out().println("it takes about " + text(a.path("estimate"), "forward") + ", and "
                            + text(a.path("estimate"), "undo") + " to go back");
                }
                if (a.has("announced")) {
                    out().println("announced for " + text(a.path("announced"), "notBefore") + " at the earliest");
                }
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "abort",
            description = "Ends an upgrade, wherever it is, and says what happens next.",
            mixinStandardHelpOptions = true)
    static final class Abort extends Verb {
        @Parameters(paramLabel = "UPGRADE|TENANT", description = "The upgrade's id, or a tenant for its latest one.")
        @Nullable
        String which;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it is kept on record.")
        @Nullable
        String reason;

        @Override
        ExitCode run() {
            Api planner = connection.planner();
            JsonNode upgrade = find(planner, Required.of(which));
            JsonNode answer = planner.post(
                    "/v1/upgrades/" + Documents.segment(text(upgrade, "id")) + "/abort",
                    new ObjectMapper().createObjectNode().put("reason", reason));
            print(
                    answer,
                    a -> out().println(text(a, "tenant") + ", upgrade " + text(a, "id") + ": " + text(a, "next")));
            return ExitCode.OK;
        }
    }
}
