package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Upgrades that wait for a person. */
@Command(
        name = "hold",
        description = "Upgrades that wait for a person.",
        mixinStandardHelpOptions = true,
        subcommands = Holds.Resolve.class)
final class Holds {

    @Command(
            name = "resolve",
            description =
                    "Decides how a held upgrade goes on; `upkeep upgrade show` lists the ways out and what each does.",
            mixinStandardHelpOptions = true)
    static final class Resolve extends Verb {
        @Parameters(paramLabel = "UPGRADE|TENANT", description = "The upgrade's id, or a tenant for its latest one.")
        @Nullable
        String upgrade;

        @Option(
                names = "--way",
                required = true,
                paramLabel = "WAY",
                description = "retry, undo, done-by-hand or adopt-as-found.")
        @Nullable
        String way;

        @Option(names = "--note", defaultValue = "", paramLabel = "TEXT", description = "Why; it is kept on record.")
        String note = "";

        @Override
        ExitCode run() {
            ObjectNode resolution =
                    new ObjectMapper().createObjectNode().put("way", way).put("note", note);
            Api planner = connection.planner();
            String id = text(Upgrades.find(planner, Required.of(upgrade)), "id");
            JsonNode answer = planner.post("/v1/upgrades/" + Documents.segment(id) + "/resolution", resolution);
            print(answer, a -> out().println("upgrade " + id + ": " + way));
            return ExitCode.OK;
        }
    }
}
