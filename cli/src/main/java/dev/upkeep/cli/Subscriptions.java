package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Who is told of what, and how. */
@Command(
        name = "subscription",
        description = "Who is told of what, and how.",
        mixinStandardHelpOptions = true,
        subcommands = {Subscriptions.Apply.class, Subscriptions.Listing.class, Subscriptions.Delete.class})
final class Subscriptions {

    @Command(name = "apply", description = "Makes or changes a subscription.", mixinStandardHelpOptions = true)
    static final class Apply extends Verb {
        @Option(
                names = {"-f", "--file"},
                required = true,
                paramLabel = "FILE",
                description = "The subscription, YAML or JSON.")
        @Nullable
        Path file;

        @Override
        ExitCode run() {
            Documents.Document document = Documents.read(Required.of(file));
            JsonNode answer = connection
                    .notifier()
                    .put(
                            "/v1/subscriptions/" + document.name("id"),
                            document.parsed().toString(),
                            "application/json");
            print(answer, a -> out().println("subscription " + text(a, "id") + " applied"));
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists the subscriptions.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Override
        ExitCode run() {
            print(Pages.all(connection.notifier(), "/v1/subscriptions"), a -> {
                Table table = new Table("SUBSCRIPTION", "CHANNEL", "TO");
                a.forEach(s -> table.row(text(s, "id"), text(s, "channel"), text(s, "to")));
                table.print(out(), "no subscriptions");
            });
            return ExitCode.OK;
        }
    }

    @Command(name = "delete", description = "Ends a subscription.", mixinStandardHelpOptions = true)
    static final class Delete extends Verb {
        @Parameters(paramLabel = "SUBSCRIPTION", description = "Its id.")
        @Nullable
        String id;

        @Override
        ExitCode run() {
            connection.notifier().delete("/v1/subscriptions/" + Documents.segment(Required.of(id)));
            out().println("subscription " + id + " deleted");
            return ExitCode.OK;
        }
    }
}
