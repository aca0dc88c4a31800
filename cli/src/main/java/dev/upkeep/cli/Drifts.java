package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tenants that do not run what is recorded of them. */
@Command(
        name = "drift",
        description = "Tenants that do not run what is recorded of them.",
        mixinStandardHelpOptions = true,
        subcommands = {Drifts.Listing.class, Drifts.Report.class, Drifts.Adopt.class})
final class Drifts {
    private Drifts() {}

    @Command(
            name = "list",
            description = "Lists the tenants whose found version is not the recorded one.",
            mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Option(names = "--product", paramLabel = "PRODUCT", description = "Only tenants with it.")
        @Nullable
        String product;

        @Override
        ExitCode run() {
            String path = "/v1/drift" + (product == null ? "" : "?product=" + Documents.segment(product));
            print(Pages.all(connection.planner(), path), answer -> {
                Table table = new Table("TENANT", "PRODUCT", "RECORDED", "FOUND", "AT", "BY");
                answer.forEach(d -> table.row(
                        text(d, "tenant"),
                        text(d, "product"),
                        text(d, "recorded"),
                        text(d, "found"),
                        text(d, "at"),
                        text(d, "by")));
                table.print(out(), "every tenant runs what is recorded, as far as anybody looked");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "report",
            description = "Tells which version was found at a tenant; nothing changes until somebody adopts it.",
            mixinStandardHelpOptions = true)
    static final class Report extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Option(names = "--version", required = true, paramLabel = "VERSION", description = "What was found there.")
        @Nullable
        String version;

        @Override
        ExitCode run() {
            JsonNode answer = connection
                    .planner()
                    .post(
                            "/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/found",
                            new ObjectMapper().createObjectNode().put("version", version));
            print(
                    answer,
                    a -> out().println(text(a, "tenant") + " runs " + text(a, "found") + ", "
                            + (text(a, "found").equals(text(a, "recorded"))
                                    ? "as is recorded"
                                    : "and " + text(a, "recorded") + " is recorded: `upkeep drift adopt "
                                            + text(a, "tenant") + "` records what was found")));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "adopt",
            description = "Records the version that was found at a tenant as the one that it runs.",
            mixinStandardHelpOptions = true)
    static final class Adopt extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Override
        ExitCode run() {
            JsonNode answer = connection
                    .planner()
                    .post(
                            "/v1/tenants/" + Documents.segment(Required.of(tenant)) + "/adoption",
                            new ObjectMapper().createObjectNode());
            print(answer, a -> out().println(text(a, "tenant") + " is recorded with " + text(a, "recorded") + " now"));
            return ExitCode.OK;
        }
    }
}
