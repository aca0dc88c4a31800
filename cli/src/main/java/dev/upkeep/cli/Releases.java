package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Versions of products. */
@Command(
        name = "release",
        description = "Versions of products.",
        mixinStandardHelpOptions = true,
        subcommands = {Releases.Publish.class, Releases.Lint.class, Releases.Listing.class, Releases.Recall.class})
final class Releases {

    @Command(
            name = "publish",
            description = "Makes a release known; it can't be changed afterwards.",
            mixinStandardHelpOptions = true)
    static final class Publish extends Verb {
        @Parameters(paramLabel = "PRODUCT", arity = "0..1", description = "The product's name, with --changelog.")
        @Nullable
        String product;

        @Option(
                names = {"-f", "--file"},
                paramLabel = "FILE",
                description = "The release's manifest, YAML or JSON. This, or --changelog.")
        @Nullable
        Path file;

        @Option(
                names = "--changelog",
                paramLabel = "FILE",
                description = "A CHANGELOG.md that the notes are taken from.")
        @Nullable
        Path changelog;

        @Option(
                names = "--manifest",
                paramLabel = "FILE",
                description =
                        "What else the release brings, with --changelog. Without a version in it: the changelog's newest.")
        @Nullable
        Path manifest;

        @Override
        ExitCode run() {
            JsonNode answer = changelog == null ? fromFile() : fromChangelog(changelog);
            print(
                    answer,
                    a -> out().println("release " + text(a, "product") + " " + text(a, "version") + " published"));
            return ExitCode.OK;
        }

        private JsonNode fromFile() {
            if (file == null || product != null || manifest != null) {
                throw usage();
            }
            Documents.Document document = Documents.read(file);
            return put(document.name("product"), document.name("version"), document.text(), document.contentType());
        }

        private JsonNode fromChangelog(Path notes) {
            if (file != null || product == null) {
                throw usage();
            }
            try {
                JsonNode tree = Manifest.of(Optional.ofNullable(manifest), notes, product)
                        .tree();
                return put(
                        Documents.segment(product),
                        Documents.segment(text(tree, "version")),
                        tree.toString(),
                        "application/json");
            } catch (Findings unreadable) {
                throw new Trouble(
                        ExitCode.REFUSED,
                        unreadable.found().stream().map(Finding::line).collect(Collectors.joining("\n")));
            }
        }

        private JsonNode put(String name, String version, String document, String contentType) {
            return connection.planner().put("/v1/products/" + name + "/releases/" + version, document, contentType);
        }

        private static Trouble usage() {
            return new Trouble(
                    ExitCode.USAGE,
                    "say either what the release is, or where its notes are\n  → upkeep release publish -f FILE, or"
                            + " upkeep release publish PRODUCT --changelog FILE [--manifest FILE]");
        }
    }

    @Command(
            name = "lint",
            description = "Says what is wrong with releases, by line and column, without asking a service.",
            mixinStandardHelpOptions = true)
    static final class Lint extends dev.upkeep.cli.Lint {
        @Parameters(
                paramLabel = "FILE",
                arity = "0..*",
                description =
                        "The manifests, YAML or JSON, in the order in which they are published: each is held against those before.")
        List<Path> files = List.of();

        @Option(names = "--product", required = true, paramLabel = "FILE", description = "Their product's descriptor.")
        @Nullable
        Path descriptor;

        @Option(
                names = "--changelog",
                paramLabel = "FILE",
                description =
                        "A CHANGELOG.md that the notes of one manifest, or of the newest version, are taken from.")
        @Nullable
        Path changelog;

        @Override
        List<Finding> findings() throws Findings {
            if (changelog == null ? files.isEmpty() : files.size() > 1) {
                throw new Trouble(
                        ExitCode.USAGE,
                        "say which releases\n  → give their files, or a changelog with one of them or none");
            }
            Product product = product(Required.of(descriptor));
            List<Finding> found = new ArrayList<>();
            List<Release> published = new ArrayList<>();
            if (changelog != null) {
                check(
                        Manifest.of(
                                files.stream().findFirst(),
                                changelog,
                                product.name().value()),
                        product,
                        published,
                        found);
            }
            for (Path file : changelog == null ? files : List.<Path>of()) {
                try {
                    check(Manifest.of(file), product, published, found);
                } catch (Findings unreadable) {
                    found.addAll(unreadable.found());
                }
            }
            return found;
        }

        /** Holds a release against those before it; of the first one it is not known what was before. */
        private static void check(Manifest manifest, Product product, List<Release> published, List<Finding> found) {
            try {
                Release release = ReleaseDocument.read(manifest.tree(), product);
                List<Release> before = List.copyOf(published);
                published.add(release);
                if (before.isEmpty()) {
                    ReleaseDocument.check(manifest.tree(), product, release);
                } else {
                    ReleaseDocument.check(manifest.tree(), product, release, before);
                }
            } catch (Refused refused) {
                found.addAll(manifest.findings(refused));
            }
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
