package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs that look ahead: how an upgrade or a rollout would go, what is to come, until when somebody is supported. */
final class Ahead {
    private Ahead() {}

    /** A path with those of the parameters that were given. */
    private static String path(String path, String name, @Nullable String value) {
        return value == null
                ? path
                : path + (path.contains("?") ? "&" : "?") + name + "="
                        + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** A span such as {@code PT1H30M} as people write it. */
    private static String span(JsonNode node, String field) {
        return Verb.text(node, field).replaceFirst("^PT?", "").toLowerCase(java.util.Locale.ROOT);
    }

    @Command(
            name = "plan",
            description = "Shows a tenant's upgrade with its ways back before anything starts, or as a runbook.",
            mixinStandardHelpOptions = true)
    static final class Plan extends Verb {
        @Parameters(paramLabel = "TENANT", description = "The tenant's name.")
        @Nullable
        String tenant;

        @Option(
                names = "--to",
                paramLabel = "VERSION",
                description = "Where it would go. Default: where its upgrade goes, else the latest release.")
        @Nullable
        String to;

        @Option(names = "--runbook", description = "As a Markdown page for a person who carries it out by hand.")
        boolean runbook;

        @Override
        ExitCode run() {
            String path = "/v1/tenants/" + Documents.segment(Required.of(tenant));
            if (runbook) {
                out().print(connection.planner().text(path(path + "/runbook", "to", to), "text/markdown"));
                return ExitCode.OK;
            }
            JsonNode answer = connection.planner().get(path(path + "/plan", "to", to));
            print(answer, this::table);
            return answer.path("hops").isEmpty() ? ExitCode.ENDED_BADLY : ExitCode.OK;
        }

        private void table(JsonNode answer) {
            out().println(text(answer, "tenant") + ": " + text(answer, "from") + " → " + text(answer, "to"));
            answer.path("noWay").forEach(reason -> out().println("there is no way: " + reason.asText()));
            for (JsonNode hop : answer.path("hops")) {
                hop(hop);
            }
            Table blockers = new Table("IN THE WAY", "UNTIL", "FACT");
            answer.path("blockers").forEach(b -> blockers.row(text(b, "rule"), text(b, "until"), text(b, "fact")));
            out().println();
            blockers.print(out(), "nothing stands in the way");
            if (answer.has("earliest")) {
                out().println("at the earliest: " + text(answer, "earliest"));
            }
            for (JsonNode note : answer.path("notes")) {
                for (JsonNode line : note.path("lines")) {
                    out().println("note of " + text(note, "version") + ": " + line.asText());
                }
            }
        }

        private void hop(JsonNode hop) {
            out().println();
            out().println(text(hop, "from") + " → " + text(hop, "to") + " takes about " + span(hop, "takes")
                    + ", and the longest way back " + span(hop, "undoTakes"));
            Table steps = new Table("STEP", "ACTION", "COMPONENT", "TAKES", "BECAUSE");
            int number = 0;
            for (JsonNode step : hop.path("plan").path("forward")) {
                JsonNode estimate = hop.path("estimates").path(number++);
                steps.row(
                        Integer.toString(number),
                        action(step),
                        text(step, "component"),
                        span(estimate, "takes"),
                        text(estimate, "because"));
            }
            steps.print(out(), "no step");
            hop.path("plan").path("undo").properties().forEach(route -> {
                List<String> way = new ArrayList<>();
                route.getValue().forEach(step -> way.add(action(step) + " " + text(step, "component")));
                out().println("back, " + route.getKey() + ": " + String.join(", ", way));
            });
        }

        private static String action(JsonNode step) {
            return text(step, "action");
        }
    }

    @Command(
            name = "forecast",
            description = "Says when each ring of a rollout would be done, who would be blocked and by what.",
            mixinStandardHelpOptions = true)
    static final class Forecast extends Verb {
        @Parameters(index = "0", paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "VERSION",
                description = "The release that would go out. Default: the latest.")
        @Nullable
        String version;

        @Option(names = "--leave-out", description = "Let rings go on without the tenants that are blocked.")
        boolean leaveOut;

        @Override
        ExitCode run() {
            JsonNode answer = connection
                    .planner()
                    .getSlowly(path(
                            path(
                                    "/v1/products/" + Documents.segment(Required.of(product)) + "/forecast",
                                    "version",
                                    version),
                            "leave-out",
                            leaveOut ? "true" : null));
            print(answer, this::table);
            return ExitCode.OK;
        }

        private void table(JsonNode answer) {
            out().println(text(answer, "product") + " " + text(answer, "version") + ", if it went out at "
                    + text(answer, "from") + " and nothing failed");
            Table rings = new Table("RING", "TENANTS", "DONE", "BLOCKED", "LATE", "OPENS", "HALF", "90 %", "FINISHES");
            answer.path("rings")
                    .forEach(r -> rings.row(
                            text(r, "ring"),
                            text(r, "tenants"),
                            text(r, "done"),
                            text(r, "blocked"),
                            text(r, "late"),
                            text(r, "opens"),
                            text(r, "half"),
                            text(r, "most"),
                            text(r, "finishes")));
            rings.print(out(), "no rings");
            answer.path("rings").forEach(r -> {
                if (!text(r, "because").isEmpty()) {
                    out().println(text(r, "ring") + ": " + text(r, "because"));
                }
            });
            Table blocked = new Table("BLOCKED BY", "TENANTS", "SUCH AS", "FACT");
            answer.path("blocked")
                    .forEach(b -> blocked.row(
                            text(b, "rule"),
                            text(b, "tenants"),
                            text(b.path("examples").path(0), "tenant"),
                            text(b.path("examples").path(0), "fact")));
            out().println();
            blocked.print(out(), "nobody would be blocked");
        }
    }

    @Command(
            name = "calendar",
            description = "Shows what lies ahead of a tenant or a product.",
            mixinStandardHelpOptions = true)
    static final class Calendar extends Verb {
        /** Whose calendar: one of the two. */
        static final class Of {
            @Parameters(paramLabel = "TENANT", description = "A tenant's name.")
            @Nullable
            String tenant;

            @Option(names = "--product", paramLabel = "PRODUCT", description = "A product instead.")
            @Nullable
            String product;
        }

        @ArgGroup(multiplicity = "1")
        Of of = new Of();

        @Option(
                names = "--ahead",
                paramLabel = "DURATION",
                description = "How far is looked ahead, such as P30D. Default: P92D.")
        @Nullable
        String ahead;

        @Option(names = "--ics", description = "As iCalendar (RFC 5545), for calendar programs.")
        boolean ics;

        @Override
        ExitCode run() {
            String path = (of.tenant == null
                            ? "/v1/products/" + Documents.segment(Required.of(of.product))
                            : "/v1/tenants/" + Documents.segment(of.tenant))
                    + "/calendar";
            if (ics) {
                out().print(connection.planner().text(path(path + ".ics", "ahead", ahead), "text/calendar"));
                return ExitCode.OK;
            }
            print(connection.planner().get(path(path, "ahead", ahead)), answer -> {
                Table table = new Table("FROM", "TO", "WHAT", "");
                answer.path("items")
                        .forEach(i -> table.row(text(i, "at"), text(i, "to"), text(i, "kind"), text(i, "what")));
                table.print(out(), "nothing lies ahead");
            });
            return ExitCode.OK;
        }
    }

    @Command(
            name = "support",
            description = "Shows who runs what, and until when it is supported.",
            mixinStandardHelpOptions = true)
    static final class Support extends Verb {
        @Parameters(paramLabel = "PRODUCT", description = "The product's name.")
        @Nullable
        String product;

        @Option(
                names = "--ahead",
                paramLabel = "DURATION",
                description = "How long before an end it is warned of, such as P180D. Default: P90D.")
        @Nullable
        String ahead;

        @Option(names = "--tenants", description = "Every tenant with the line that it runs.")
        boolean tenants;

        @Override
        ExitCode run() {
            String path = "/v1/products/" + Documents.segment(Required.of(product)) + "/support";
            if (tenants) {
                print(Pages.all(connection.planner(), path + "/tenants"), answer -> {
                    Table table = new Table("TENANT", "ACCOUNT", "RING", "VERSION", "LINE", "STANDING", "UNTIL");
                    answer.forEach(t -> table.row(
                            text(t, "tenant"),
                            text(t, "account"),
                            text(t, "ring"),
                            text(t, "version"),
                            text(t, "line"),
                            text(t, "standing"),
                            text(t, "until")));
                    table.print(out(), "no tenants");
                });
                return ExitCode.OK;
            }
            print(connection.planner().get(path(path, "ahead", ahead)), this::table);
            return ExitCode.OK;
        }

        private void table(JsonNode answer) {
            Table table = new Table("LINE", "LATEST", "SINCE", "TENANTS", "STANDING", "UNTIL", "BECAUSE");
            answer.path("lines")
                    .forEach(l -> table.row(
                            text(l, "line"),
                            text(l, "latest"),
                            text(l, "since"),
                            text(l, "tenants"),
                            text(l, "standing"),
                            text(l, "until"),
                            text(l, "because")));
            table.print(out(), "nothing is published");
            if (answer.path("elsewhere").asLong() > 0) {
                out().println(text(answer, "elsewhere") + " tenants run a version that was never published here");
            }
            answer.path("warnings").forEach(w -> out().println("mind: " + w.asText()));
        }
    }
}
