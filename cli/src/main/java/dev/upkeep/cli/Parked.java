package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Keys whose records wait behind one that could not be processed, in each of the services. */
@Command(
        name = "parked",
        description = "Records that wait behind one that could not be processed.",
        mixinStandardHelpOptions = true,
        subcommands = {Parked.Listing.class, Parked.Release.class, Parked.Skip.class})
final class Parked {
    private static final List<String> SERVICES = List.of("planner", "executor", "verifier", "notifier");

    /** Something that is asked of more services than the planner and the notifier. */
    abstract static class OfServices extends Verb {
        @Option(
                names = "--executor",
                paramLabel = "URL",
                description = "The executor. Default: $UPKEEP_EXECUTOR_URL, else what `./upkeep up` wrote down.")
        @Nullable
        String executor;

        @Option(
                names = "--verifier",
                paramLabel = "URL",
                description = "The verifier. Default: $UPKEEP_VERIFIER_URL, else what `./upkeep up` wrote down.")
        @Nullable
        String verifier;

        Api service(String name) {
            return switch (name) {
                case "planner" -> connection.planner();
                case "notifier" -> connection.notifier();
                case "executor" -> connection.service(name, executor);
                case "verifier" -> connection.service(name, verifier);
                default -> throw new IllegalArgumentException(name);
            };
        }
    }

    @Command(
            name = "list",
            description = "Lists the keys whose records wait, with the record that could not be processed and why.",
            mixinStandardHelpOptions = true)
    static final class Listing extends OfServices {
        @Override
        ExitCode run() {
            ArrayNode all = new ObjectMapper().createArrayNode();
            List<Trouble> troubles = new ArrayList<>();
            for (String name : SERVICES) {
                try {
                    Pages.all(service(name), "/v1/parked-keys").forEach(all::add);
                } catch (Trouble trouble) {
                    // What the others have must be seen all the same.
                    troubles.add(trouble);
                }
            }
            print(all, keys -> {
                Table table = new Table("CONSUMER", "KEY", "WAITING", "SINCE", "RECORD", "WHY");
                keys.forEach(key -> table.row(
                        text(key, "consumer"),
                        text(key, "key"),
                        text(key, "waiting"),
                        text(key, "since").replaceFirst("\\.\\d+", ""),
                        text(key, "record"),
                        text(key, "reason")));
                table.print(
                        out(), troubles.isEmpty() ? "nothing is parked" : "nothing is parked where somebody answered");
            });
            if (!troubles.isEmpty()) {
                throw new Trouble(
                        troubles.getFirst().exit(),
                        String.join(
                                "\n",
                                troubles.stream().map(Trouble::text).distinct().toList()));
            }
            return ExitCode.OK;
        }
    }

    /** Lets go of one consumer's key. */
    abstract static class LetGo extends OfServices {
        @Parameters(
                index = "0",
                paramLabel = "CONSUMER",
                description = "Who could not process the record, as `parked list` names it.")
        @Nullable
        String consumer;

        @Parameters(index = "1", paramLabel = "KEY", description = "The key, often a tenant's name.")
        @Nullable
        String key;

        private final String failed;

        LetGo(String failed) {
            this.failed = failed;
        }

        @Override
        ExitCode run() {
            String of = Required.of(consumer);
            String name = of.contains("-") ? of.substring(0, of.indexOf('-')) : of;
            if (!SERVICES.contains(name.toLowerCase(Locale.ROOT))) {
                throw new Trouble(
                        ExitCode.USAGE,
                        "'" + of
                                + "' is no consumer of a service\n  → take one that `upkeep parked list` shows, such as"
                                + " executor-steps");
            }
            ObjectNode nothing = new ObjectMapper().createObjectNode();
            JsonNode answer = service(name.toLowerCase(Locale.ROOT))
                    .post(
                            "/v1/parked-keys/" + Documents.segment(Required.of(key)) + "/release?consumer="
                                    + Documents.segment(of) + "&failed=" + failed,
                            nothing);
            print(answer, a -> {
                out().println(key + " at " + of + ": " + text(a, "handled") + " waiting records handled"
                        + (failed.equals("skip")
                                ? "; the one that could not be processed stays on upkeep.dead-letters"
                                : ""));
                out().println("If an upgrade was held for it, it still is: `upkeep upgrade show " + key
                        + "` lists its ways out.");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "release",
            description = "Handles what waits, first of all the record that could not be processed: its cause is gone.",
            mixinStandardHelpOptions = true)
    static final class Release extends LetGo {
        Release() {
            super("retry");
        }
    }

    @Command(
            name = "skip",
            description = "Handles what waits without the record that could not be processed.",
            mixinStandardHelpOptions = true)
    static final class Skip extends LetGo {
        Skip() {
            super("skip");
        }
    }
}
