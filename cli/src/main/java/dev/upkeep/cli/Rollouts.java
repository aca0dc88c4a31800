package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Releases going out to fleets. */
@Command(
        name = "rollout",
        description = "Releases going out to fleets.",
        mixinStandardHelpOptions = true,
        subcommands = {
            Rollouts.Start.class,
            Rollouts.Watch.class,
            Rollouts.Show.class,
            Rollouts.Listing.class,
            Rollouts.Pause.class,
            Rollouts.Resume.class,
            Rollouts.Abort.class
        })
final class Rollouts {
    private static final Set<String> OVER = Set.of("finished", "stopped", "aborted");
    private static final Set<String> MOVING = Set.of("running", "between-hops", "undoing", "closing");

    /** One rollout, to be looked at. */
    abstract static class OfOne extends Verb {
        @Parameters(arity = "0..1", paramLabel = "ROLLOUT", description = "The rollout's id. Default: the latest.")
        @Nullable
        String rollout;

        String path() {
            if (rollout == null) {
                rollout = latest();
            }
            return "/v1/rollouts/" + Documents.segment(rollout);
        }

        private String latest() {
            JsonNode latest = connection.planner().get("/v1/rollouts?limit=1").at("/items/0/id");
            if (!latest.isTextual()) {
                throw new Trouble(
                        ExitCode.NOT_FOUND, "there is no rollout yet\n  → start one with `upkeep rollout start`");
            }
            return latest.asText();
        }

        void table(JsonNode rollout) {
            out().println(text(rollout, "product") + " " + text(rollout, "version") + ": " + text(rollout, "state")
                    + (text(rollout, "reason").isEmpty() ? "" : ", because " + text(rollout, "reason")));
            Table table = new Table("RING", "TENANT", "UPGRADE", "STATE");
            rollout.path("upgrades")
                    .forEach(u -> table.row(text(u, "ring"), text(u, "tenant"), text(u, "id"), text(u, "state")));
            table.print(out(), "no tenants");
        }

        /** How a rollout has ended, as an exit code. */
        static ExitCode ended(JsonNode rollout) {
            for (JsonNode upgrade : rollout.path("upgrades")) {
                String state = text(upgrade, "state");
                if (state.equals("rolled-back") || state.equals("held") || state.equals("barred")) {
                    return ExitCode.ENDED_BADLY;
                }
            }
            return text(rollout, "state").equals("stopped") ? ExitCode.ENDED_BADLY : ExitCode.OK;
        }
    }

    @Command(name = "start", description = "Lets a release go out to every tenant that may have it.")
    static final class Start extends Verb {
        // Not the usual pair: --version is the release's.
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help message and exit.")
        boolean help;

        @Option(names = "--product", required = true, paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Option(
                names = "--version",
                required = true,
                paramLabel = "VERSION",
                description = "The release, such as 1.4.2.")
        @Nullable
        String version;

        @Override
        ExitCode run() {
            JsonNode answer = connection
                    .planner()
                    .post(
                            "/v1/rollouts",
                            new ObjectMapper()
                                    .createObjectNode()
                                    .put("product", product)
                                    .put("version", version));
            print(
                    answer,
                    a -> out().println("rollout " + text(a, "id") + " started; `upkeep rollout watch " + text(a, "id")
                            + "` shows what happens"));
            return ExitCode.OK;
        }
    }

    @Command(
            name = "watch",
            description = "Shows what happens until the rollout is over; exits 1 if any tenant went back or is held.",
            mixinStandardHelpOptions = true)
    static final class Watch extends OfOne {
        private static final Duration PAUSE = Duration.ofMillis(500);
        /** How many looks in a row may go unanswered: a planner that restarts is back within a minute. */
        private static final int UNANSWERED = 60;

        private String cursor = "";

        @Override
        ExitCode run() {
            Api planner = connection.planner();
            int unanswered = 0;
            while (true) {
                try {
                    Optional<ExitCode> over = look(planner);
                    if (over.isPresent()) {
                        return over.get();
                    }
                    unanswered = 0;
                } catch (Trouble trouble) {
                    // The rollout goes on without us; only the first look must be answered.
                    if (trouble.exit() != ExitCode.UNREACHABLE || cursor.isEmpty() || ++unanswered > UNANSWERED) {
                        throw trouble;
                    }
                }
                Api.pause(PAUSE);
            }
        }

        /** Prints what is new; how it ended, once it has. */
        private Optional<ExitCode> look(Api planner) {
            JsonNode page =
                    planner.get(path() + "/timeline" + (cursor.isEmpty() ? "" : "?after=" + Documents.segment(cursor)));
            page.path("entries").forEach(this::line);
            out().flush();
            cursor = page.path("next").asText(cursor);
            JsonNode rollout = planner.get(path());
            for (JsonNode upgrade : rollout.path("upgrades")) {
                if (MOVING.contains(text(upgrade, "state"))) {
                    return Optional.empty();
                }
            }
            if (!page.path("entries").isEmpty() || !OVER.contains(text(rollout, "state"))) {
                return Optional.empty();
            }
            if (output.format == Output.Format.table) {
                out().println();
                table(rollout);
            }
            return Optional.of(ended(rollout));
        }

        private void line(JsonNode entry) {
            switch (output.format) {
                case table ->
                    out().println("%s  %-12s %s"
                            .formatted(clock(text(entry, "at")), text(entry, "tenant"), text(entry, "text"))
                            .stripTrailing());
                case json -> out().println(entry);
                case yaml -> {
                    out().println("---");
                    print(entry, e -> {});
                }
            }
        }

        /** The time of day in UTC, to the tenth: what a person compares lines by. */
        private static String clock(String at) {
            return at.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*")
                    ? (at.substring(11, 19) + (at.charAt(19) == '.' ? at.substring(19, 21) : ".0"))
                    : at;
        }
    }

    @Command(name = "show", description = "Shows where every tenant of a rollout is.", mixinStandardHelpOptions = true)
    static final class Show extends OfOne {
        @Override
        ExitCode run() {
            print(connection.planner().get(path()), this::table);
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists the latest rollouts.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Override
        ExitCode run() {
            // The first page: what is older is history, and its answer would only grow.
            print(connection.planner().get("/v1/rollouts").path("items"), a -> {
                Table table = new Table("ROLLOUT", "KIND", "PRODUCT", "VERSION", "STATE");
                a.forEach(r -> table.row(
                        text(r, "id"), text(r, "kind"), text(r, "product"), text(r, "version"), text(r, "state")));
                table.print(out(), "no rollouts");
            });
            return ExitCode.OK;
        }
    }

    /** Something a person decides about a rollout, which is to be named: a guess could stop the wrong one. */
    abstract static class Order extends Verb {
        @Parameters(paramLabel = "ROLLOUT", description = "The rollout's id.")
        @Nullable
        String rollout;

        private final String verb;
        private final String effect;

        Order(String verb, String effect) {
            this.verb = verb;
            this.effect = effect;
        }

        @Override
        ExitCode run() {
            String path = "/v1/rollouts/" + Documents.segment(Required.of(rollout)) + "/" + verb;
            print(connection.planner().post(path, order()), a -> out().println("rollout " + rollout + ": " + effect()));
            return ExitCode.OK;
        }

        /** What is said besides the verb. */
        ObjectNode order() {
            return new ObjectMapper().createObjectNode();
        }

        String effect() {
            return effect;
        }
    }

    @Command(
            name = "pause",
            description = "Starts no further tenant; what has begun goes on to its end.",
            mixinStandardHelpOptions = true)
    static final class Pause extends Order {
        Pause() {
            super("pause", "paused; what has begun goes on to its end");
        }
    }

    @Command(name = "resume", description = "Starts tenants again.", mixinStandardHelpOptions = true)
    static final class Resume extends Order {
        Resume() {
            super("resume", "resumed");
        }
    }

    @Command(
            name = "abort",
            description = "Gives the rollout up: what has begun goes on to its end, the rest never starts.",
            mixinStandardHelpOptions = true)
    static final class Abort extends Order {
        @Option(names = "--undo", description = "Turns back what has begun, too, where it is not proven yet.")
        boolean undo;

        Abort() {
            super("abort", "aborted; what has begun goes on to its end, the rest never starts");
        }

        @Override
        ObjectNode order() {
            return undo ? super.order().put("undo", true) : super.order();
        }

        @Override
        String effect() {
            return undo
                    ? "aborted; what has begun is turned back where it is not proven, the rest never starts"
                    : super.effect();
        }
    }
}
