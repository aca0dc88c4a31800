package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What ships releases. */
@Command(
        name = "product",
        description = "What ships releases.",
        mixinStandardHelpOptions = true,
        subcommands = {Products.Apply.class, Products.Lint.class, Products.Show.class, Products.Listing.class})
final class Products {

    @Command(
            name = "apply",
            description = "Registers a product's descriptor, or changes it.",
            mixinStandardHelpOptions = true)
    static final class Apply extends Verb {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The descriptor, YAML or JSON.")
        @Nullable
        Path file;

        @Override
        ExitCode run() {
            Documents.Document document = Documents.read(Required.of(file));
            JsonNode answer = connection
                    .planner()
                    .put("/v1/products/" + document.name("product"), document.text(), document.contentType());
            print(answer, a -> out().println("product " + text(a, "product") + " applied"));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "lint",
            description = "Says what is wrong with a descriptor, by line and column, without asking a service.",
            mixinStandardHelpOptions = true)
    static final class Lint extends dev.upkeep.cli.Lint {
        @picocli.CommandLine.Parameters(paramLabel = "FILE", description = "The descriptor, YAML or JSON.")
        @Nullable
        Path file;

        @Override
        List<Finding> findings() throws Findings {
            product(Required.of(file));
            return List.of();
        }
    }

    @Command(name = "show", description = "Shows a product's descriptor.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @picocli.CommandLine.Parameters(paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Override
        ExitCode run() {
            JsonNode answer = connection.planner().get("/v1/products/" + Documents.segment(Required.of(product)));
            output.format = output.format == Output.Format.table ? Output.Format.yaml : output.format;
            print(answer, a -> {});
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists the products.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Override
        ExitCode run() {
            JsonNode answer = Pages.all(connection.planner(), "/v1/products");
            print(answer, a -> {
                Table table = new Table("PRODUCT", "COMPONENTS", "RINGS");
                a.forEach(p -> table.row(text(p, "product"), names(p.path("components")), names(p.path("rings"))));
                table.print(out(), "no products");
            });
            return ExitCode.OK;
        }

        private static String names(JsonNode list) {
            StringBuilder names = new StringBuilder();
            list.forEach(n -> names.append(names.isEmpty() ? "" : ", ").append(text(n, "name")));
            return names.toString();
        }
    }
}
