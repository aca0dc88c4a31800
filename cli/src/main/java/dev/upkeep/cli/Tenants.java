package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Installations. */
@Command(
        name = "tenant",
        description = "Installations of products.",
        mixinStandardHelpOptions = true,
        subcommands = {Tenants.Apply.class, Tenants.Show.class, Tenants.Listing.class})
final class Tenants {

    @Command(
            name = "apply",
            description = "Registers a tenant, or changes what is known of it.",
            mixinStandardHelpOptions = true)
    static final class Apply extends Verb {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The tenant, YAML or JSON.")
        @Nullable
        Path file;

        @Override
        ExitCode run() {
            Documents.Document document = Documents.read(Required.of(file));
            JsonNode answer = connection
                    .planner()
                    .put("/v1/tenants/" + document.name("tenant"), document.text(), document.contentType());
            print(answer, a -> out().println("tenant " + text(a, "tenant") + " applied"));
            return ExitCode.OK;
        }
    }

    @Command(name = "show", description = "Shows a tenant.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Override
        ExitCode run() {
            JsonNode answer = connection.planner().get("/v1/tenants/" + Documents.segment(Required.of(tenant)));
            output.format = output.format == Output.Format.table ? Output.Format.yaml : output.format;
            print(answer, a -> {});
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists the tenants.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Override
        ExitCode run() {
            JsonNode answer = Pages.all(connection.planner(), "/v1/tenants");
            print(answer, a -> {
                Table table = new Table("TENANT", "ACCOUNT", "PRODUCT", "VERSION", "MODEL", "RING");
                a.forEach(t -> table.row(
                        text(t, "tenant"),
                        text(t, "account"),
                        text(t, "product"),
                        text(t, "version"),
                        text(t, "model"),
                        text(t, "ring")));
                table.print(out(), "no tenants");
            });
            return ExitCode.OK;
        }
    }
}
