package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Versions of products. */
@Command(
        name = "release",
        description = "Versions of products.",
        mixinStandardHelpOptions = true,
        subcommands = {Releases.Publish.class, Releases.Listing.class})
final class Releases {

    @Command(
            name = "publish",
            description = "Makes a release known; it can't be changed afterwards.",
            mixinStandardHelpOptions = true)
    static final class Publish extends Verb {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The release's manifest, YAML or JSON.")
        @Nullable
        Path file;

        @Override
        ExitCode run() {
            Documents.Document document = Documents.read(Required.of(file));
            JsonNode answer = connection
                    .planner()
                    .put(
                            "/v1/products/" + document.name("product") + "/releases/" + document.name("version"),
                            document.text(),
                            document.contentType());
            print(
                    answer,
                    a -> out().println("release " + text(a, "product") + " " + text(a, "version") + " published"));
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists a product's releases.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Parameters(paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Override
        ExitCode run() {
            JsonNode answer = Pages.all(
                    connection.planner(), "/v1/products/" + Documents.segment(Required.of(product)) + "/releases");
            print(answer, a -> {
                Table table = new Table("VERSION", "ARTIFACTS", "MIGRATIONS");
                a.forEach(r -> table.row(
                        text(r, "version"),
                        Integer.toString(r.path("artifacts").size()),
                        Integer.toString(r.path("migrations").size())));
                table.print(out(), "no releases");
            });
            return ExitCode.OK;
        }
    }
}
