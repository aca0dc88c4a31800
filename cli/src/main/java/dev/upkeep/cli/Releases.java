package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
        subcommands = {Releases.Publish.class, Releases.Listing.class, Releases.Recall.class})
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
                Table table = new Table("VERSION", "ARTIFACTS", "MIGRATIONS", "RECALLED");
                a.forEach(r -> table.row(
                        text(r, "version"),
                        Integer.toString(r.path("artifacts").size()),
                        Integer.toString(r.path("migrations").size()),
                        r.has("recalled")
                                ? "by " + text(r.path("recalled"), "by") + ": " + text(r.path("recalled"), "reason")
                                : ""));
                table.print(out(), "no releases");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "recall",
            description = "Takes a release back: nobody goes to it any more, and who is on the way is turned back.",
            mixinStandardHelpOptions = true)
    static final class Recall extends Verb {
        @Parameters(index = "0", paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Parameters(index = "1", paramLabel = "VERSION", description = "The release, such as 1.4.2.")
        @Nullable
        String version;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; it is kept on record.")
        @Nullable
        String reason;

        @Option(names = "--go-back", description = "Takes it back from the tenants that run it, too, ring after ring.")
        boolean goBack;

        @Override
        ExitCode run() {
            JsonNode answer = connection
                    .planner()
                    .post(
                            "/v1/products/" + Documents.segment(Required.of(product)) + "/releases/"
                                    + Documents.segment(Required.of(version)) + "/recall",
                            new ObjectMapper()
                                    .createObjectNode()
                                    .put("reason", reason)
                                    .put("goBack", goBack));
            print(answer, this::table);
            return answer.path("held").isEmpty() ? ExitCode.OK : ExitCode.ENDED_BADLY;
        }

        private void table(JsonNode answer) {
            out().println("release " + text(answer, "product") + " " + text(answer, "version") + " was recalled by "
                    + text(answer, "by") + ": " + text(answer, "reason"));
            answer.path("stopped").forEach(rollout -> out().println("rollout " + rollout.asText() + " was stopped"));
            JsonNode back = answer.path("rollout");
            if (back.has("id")) {
                out().println("those who run it go back by rollout " + text(back, "id") + "; `upkeep rollout watch "
                        + text(back, "id") + "` shows what happens");
            }
            Table held = new Table("HELD", "BECAUSE");
            answer.path("held")
                    .properties()
                    .forEach(tenant -> tenant.getValue().forEach(reason -> held.row(tenant.getKey(), reason.asText())));
            if (!answer.path("held").isEmpty()) {
                held.print(out(), "");
            }
        }
    }
}
