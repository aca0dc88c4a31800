package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.TenantDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Installations. */
@Command(
        name = "tenant",
        description = "Installations of products.",
        mixinStandardHelpOptions = true,
        subcommands = {Tenants.Apply.class, Tenants.Lint.class, Tenants.Show.class, Tenants.Listing.class})
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

    @Command(
            name = "lint",
            description = "Says what is wrong with a tenant's document, by line and column, without asking a service.",
            mixinStandardHelpOptions = true)
    static final class Lint extends dev.upkeep.cli.Lint {
        @Parameters(paramLabel = "FILE", arity = "1..*", description = "The tenants, YAML or JSON.")
        List<Path> files = List.of();

        @Option(names = "--product", required = true, paramLabel = "FILE", description = "Their product's descriptor.")
        @Nullable
        Path descriptor;

        @Override
        List<Finding> findings() throws Findings {
            Product product = product(Required.of(descriptor));
            List<Finding> found = new ArrayList<>();
            for (Path file : files) {
                try {
                    Source source = Source.read(file);
                    check(source, product, found);
                } catch (Findings unreadable) {
                    found.addAll(unreadable.found());
                }
            }
            return found;
        }

        private static void check(Source source, Product product, List<Finding> found) {
            try {
                TenantDocument.lint(source.written().tree(), product);
            } catch (Refused refused) {
                found.addAll(source.findings(refused));
            }
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
