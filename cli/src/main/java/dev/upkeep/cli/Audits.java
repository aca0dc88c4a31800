package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The audit log, and whether it is as it was written. */
@Command(
        name = "audit",
        description = "The audit log, and whether it is as it was written.",
        mixinStandardHelpOptions = true,
        subcommands = {Audits.Verify.class, Audits.Show.class, Audits.Heads.class})
final class Audits {

    /** Whose log. */
    static final class Whose {
        @Option(names = "--tenant", paramLabel = "TENANT", description = "A tenant's.")
        @Nullable
        String tenant;

        @Option(names = "--product", paramLabel = "PRODUCT", description = "A product's.")
        @Nullable
        String product;

        @Option(names = "--rollout", paramLabel = "ROLLOUT", description = "A rollout's.")
        @Nullable
        String rollout;

        Optional<String> chain() {
            return Optional.ofNullable(tenant)
                    .map("tenant:"::concat)
                    .or(() -> Optional.ofNullable(product).map("product:"::concat))
                    .or(() -> Optional.ofNullable(rollout).map("rollout:"::concat));
        }
    }

    /** Whose log, or everybody's. */
    static final class WhoseOrAll {
        @ArgGroup(exclusive = true, multiplicity = "1")
        @Nullable
        Whose whose;

        @Option(names = "--all", description = "All there are: only so is it seen that a whole one is gone.")
        boolean all;
    }

    @Command(
            name = "verify",
            description =
                    "Recomputes the log's hashes and compares them with published heads; exits 1 at the first thing that is"
                            + " wrong.",
            mixinStandardHelpOptions = true)
    static final class Verify extends Verb {
        @ArgGroup(exclusive = true, multiplicity = "1")
        @Nullable
        WhoseOrAll whose;

        @Option(
                names = "--heads",
                paramLabel = "PATH",
                description =
                        "Published heads: a file or a directory of them. Default: what the planner says it published.")
        @Nullable
        Path heads;

        @Option(
                names = "--key",
                paramLabel = "FILE",
                description = "The public key of the heads, as PEM. Default: the one that the planner gives.")
        @Nullable
        Path key;

        @Override
        ExitCode run() {
            Verification verification = Verification.of(connection.planner(), heads, key);
            Whose one = Required.of(whose).whose;
            Verification.Result result = one == null
                    ? verification.all()
                    : verification.one(one.chain().orElseThrow());
            ObjectNode answer = new ObjectMapper()
                    .createObjectNode()
                    .put("intact", result.trouble().isEmpty())
                    .put("chains", result.chains())
                    .put("links", result.links())
                    .put("heads", verification.heads());
            result.trouble()
                    .ifPresent(trouble -> answer.putObject("trouble")
                            .put("chain", trouble.chain())
                            .put("place", trouble.place())
                            .put("what", trouble.what()));
            print(answer, this::table);
            return result.trouble().isEmpty() ? ExitCode.OK : ExitCode.ENDED_BADLY;
        }

        private void table(JsonNode answer) {
            JsonNode trouble = answer.path("trouble");
            if (trouble.isMissingNode()) {
                out().println("intact: " + text(answer, "chains") + " chains of " + text(answer, "links") + " links, "
                        + text(answer, "heads") + " heads");
                if (answer.path("heads").asLong() == 0) {
                    out().println("no head has been published: that an end was cut off would not show");
                }
            } else {
                out().println("✗ " + text(trouble, "chain") + ", place " + text(trouble, "place") + ": "
                        + text(trouble, "what"));
            }
        }
    }

    @Command(name = "show", description = "Shows a log, line by line.", mixinStandardHelpOptions = true)
    static final class Show extends Verb {
        @ArgGroup(exclusive = true, multiplicity = "1")
        @Nullable
        Whose whose;

        @Override
        ExitCode run() {
            String chain = Required.of(whose).chain().orElseThrow();
            Api planner = connection.planner();
            planner.get("/v1/audit/chains/" + Documents.segment(chain));
            print(Pages.all(planner, "/v1/audit/links?chain=" + Documents.segment(chain)), a -> {
                Table table = new Table("PLACE", "AT", "KIND", "WHAT");
                a.forEach(l -> table.row(text(l, "place"), text(l, "at"), text(l, "kind"), text(l, "text")));
                table.print(out(), "nothing is written there");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "heads",
            description =
                    "Prints the heads that the planner has published, a JSON line each: keep them where it can't write.",
            mixinStandardHelpOptions = true)
    static final class Heads extends Verb {
        @Option(names = "--after", paramLabel = "NUMBER", defaultValue = "0", description = "Only later ones.")
        long after;

        @Option(names = "--publish", description = "Publish what was written since the last time first.")
        boolean publish;

        @Override
        ExitCode run() {
            Api planner = connection.planner();
            if (publish) {
                planner.post("/v1/audit/heads", new ObjectMapper().createObjectNode());
            }
            long next = after;
            while (true) {
                JsonNode page = planner.get("/v1/audit/heads?cursor=" + next);
                page.path("items").forEach(head -> out().println(head));
                if (!page.has("next")) {
                    return ExitCode.OK;
                }
                next = page.get("next").asLong();
            }
        }
    }
}
