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

/** A customer's postponement of its upgrades; it takes a customer's token. */
@Command(
        name = "delay",
        description = "Your account's postponed upgrades; for customers.",
        mixinStandardHelpOptions = true,
        subcommands = {Delays.Set.class, Delays.Show.class, Delays.Clear.class})
final class Delays {
    private static final String PATH = "/v1/account/upgrade-delay";

    /** Which of the account's tenants. */
    abstract static class OfSome extends Verb {
        @Option(names = "--product", paramLabel = "PRODUCT", description = "Only tenants with it. Default: all.")
        @Nullable
        String product;

        @Option(names = "--tenant", paramLabel = "TENANT", description = "Only this tenant. Default: all.")
        @Nullable
        String tenant;

        String path() {
            List<String> query = new ArrayList<>();
            if (product != null) {
                query.add("product=" + Documents.segment(product));
            }
            if (tenant != null) {
                query.add("tenant=" + Documents.segment(tenant));
            }
            return query.isEmpty() ? PATH : PATH + "?" + String.join("&", query);
        }

        void table(JsonNode answer) {
            Table table = new Table("TENANT", "PRODUCT", "UNTIL", "ZONE", "LATEST POSSIBLE", "BY");
            answer.path("items")
                    .forEach(d -> table.row(
                            text(d, "tenant"),
                            text(d, "product"),
                            text(d, "until"),
                            text(d, "zone"),
                            text(d, "latestPossible"),
                            text(d, "by")));
            table.print(out(), "no tenants");
        }
    }

    @Command(
            name = "set",
            description = "Postpones upgrades until a date begins, in the account's zone.",
            mixinStandardHelpOptions = true)
    static final class Set extends OfSome {
        @Parameters(paramLabel = "DATE", description = "Such as 2026-03-01.")
        @Nullable
        String date;

        @Option(names = "--note", paramLabel = "TEXT", description = "Why; it is kept on record.")
        @Nullable
        String note;

        @Override
        ExitCode run() {
            ObjectNode delay = new ObjectMapper().createObjectNode().put("until", Required.of(date));
            Statements.putIfGiven(delay, "product", product);
            Statements.putIfGiven(delay, "tenant", tenant);
            Statements.putIfGiven(delay, "note", note);
            print(connection.planner().post(PATH, delay), this::table);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "show",
            description = "Shows what is postponed, and the latest date that could be.",
            mixinStandardHelpOptions = true)
    static final class Show extends OfSome {
        @Override
        ExitCode run() {
            print(connection.planner().get(path()), this::table);
            return ExitCode.OK;
        }
    }

    @Command(name = "clear", description = "Ends what was postponed.", mixinStandardHelpOptions = true)
    static final class Clear extends OfSome {
        @Override
        ExitCode run() {
            print(connection.planner().delete(path()), this::table);
            return ExitCode.OK;
        }
    }
}
