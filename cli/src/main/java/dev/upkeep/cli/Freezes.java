package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Times in which a product's or an account's tenants are left alone. */
@Command(
        name = "freeze",
        description = "Times in which the tenants of a product or an account are left alone.",
        mixinStandardHelpOptions = true,
        subcommands = {Freezes.Set.class, Freezes.Listing.class, Freezes.Lift.class})
final class Freezes {
    @Command(name = "set", description = "Freezes a product, an account, or both.", mixinStandardHelpOptions = true)
    static final class Set extends Verb {
        @Option(names = "--product", paramLabel = "PRODUCT", description = "Tenants with it. Default: of all products.")
        @Nullable
        String product;

        @Option(names = "--account", paramLabel = "ACCOUNT", description = "Tenants of it. Default: of all accounts.")
        @Nullable
        String account;

        @Option(
                names = "--from",
                required = true,
                paramLabel = "INSTANT",
                description = "When it begins, such as 2026-12-20T00:00:00Z.")
        @Nullable
        String from;

        @Option(names = "--to", required = true, paramLabel = "INSTANT", description = "When it ends.")
        @Nullable
        String to;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why; everybody sees it.")
        @Nullable
        String reason;

        @Option(
                names = "--bumps",
                split = ",",
                paramLabel = "BUMP",
                description = "Only these: patch, minor, major. Default: all.")
        List<String> bumps = new ArrayList<>();

        @Override
        ExitCode run() {
            ObjectNode freeze = new ObjectMapper()
                    .createObjectNode()
                    .put("from", Required.of(from))
                    .put("to", Required.of(to))
                    .put("reason", Required.of(reason));
            Statements.putIfGiven(freeze, "product", product);
            Statements.putIfGiven(freeze, "account", account);
            bumps.forEach(freeze.putArray("bumps")::add);
            JsonNode answer = connection.planner().post("/v1/freezes", freeze);
            print(answer, a -> out().println("freeze " + text(a, "id") + " set"));
            return ExitCode.OK;
        }
    }

    @Command(name = "list", description = "Lists the freezes that have not ended.", mixinStandardHelpOptions = true)
    static final class Listing extends Verb {
        @Override
        ExitCode run() {
            JsonNode answer = Pages.all(connection.planner(), "/v1/freezes");
            print(answer, a -> {
                Table table = new Table("FREEZE", "PRODUCT", "ACCOUNT", "FROM", "TO", "REASON");
                a.forEach(f -> table.row(
                        text(f, "id"),
                        text(f, "product"),
                        text(f, "account"),
                        text(f, "from"),
                        text(f, "to"),
                        text(f, "reason")));
                table.print(out(), "no freezes");
            });
            return ExitCode.OK;
        }
    }

    @Command(name = "lift", description = "Ends a freeze now.", mixinStandardHelpOptions = true)
    static final class Lift extends Verb {
        @Parameters(paramLabel = "FREEZE", description = "The freeze's id.")
        @Nullable
        String freeze;

        @Override
        ExitCode run() {
            JsonNode answer = connection.planner().delete("/v1/freezes/" + Documents.segment(Required.of(freeze)));
            print(answer, a -> out().println("freeze " + text(a, "id") + " lifted"));
            return ExitCode.OK;
        }
    }
}
