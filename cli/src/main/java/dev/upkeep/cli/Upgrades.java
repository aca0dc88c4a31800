package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Tenants going from one version to another. */
@Command(
        name = "upgrade",
        description = "Tenants going from one version to another.",
        mixinStandardHelpOptions = true,
        subcommands = {Upgrades.Show.class, Upgrades.Why.class})
final class Upgrades {

    @Command(name = "show", description = "Shows an upgrade: its plan, where it is, what its steps found.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @Parameters(paramLabel = "UPGRADE|TENANT", description = "The upgrade's id, or a tenant for its latest one.")
        @Nullable
        String which;

        @Override
        ExitCode run() {
            print(find(), this::table);
            return ExitCode.OK;
        }

        private JsonNode find() {
            String id = Documents.segment(Required.of(which));
            try {
                return connection.planner().get("/v1/upgrades/" + id);
            } catch (Trouble notAnUpgrade) {
                if (notAnUpgrade.exit() != ExitCode.NOT_FOUND) {
                    throw notAnUpgrade;
                }
                return connection.planner().get("/v1/tenants/" + id + "/upgrade");
            }
        }

        private void table(JsonNode upgrade) {
            out().println(text(upgrade, "tenant") + ": " + text(upgrade, "from") + " → " + text(upgrade, "to") + ", "
                    + text(upgrade, "state")
                    + (text(upgrade, "reason").isEmpty() ? "" : ", because " + text(upgrade, "reason")));
            for (JsonNode way : upgrade.path("waysOut")) {
                out().println("  way out: " + way.asText());
            }
            Table steps = new Table("STEP", "COMPONENT", "OUTCOME", "WHAT CAME OF IT");
            upgrade.path("runs")
                    .forEach(r -> steps.row(
                            text(r, "action"), text(r, "component"), text(r, "outcome"), text(r, "summary")));
            steps.print(out(), "no step has run");
        }
    }

    @Command(name = "why", description = "Lists everything that keeps a tenant's upgrade from starting now.", mixinStandardHelpOptions = true)
    static final class Why extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Override
        ExitCode run() {
            JsonNode answer = connection.planner().get("/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/why");
            print(answer, a -> {
                out().println(text(a, "tenant") + ": " + text(a, "state"));
                Table table = new Table("RULE", "UNTIL", "FACT");
                a.path("blockers").forEach(b -> table.row(text(b, "rule"), text(b, "until"), text(b, "fact")));
                table.print(out(), "nothing stands in the way");
            });
            return ExitCode.OK;
        }
    }
}
