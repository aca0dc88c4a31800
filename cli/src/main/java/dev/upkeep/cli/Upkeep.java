package dev.upkeep.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line's entry: one noun, one verb, its arguments. */
@Command(
        name = "upkeep",
        description = "Keeps fleets of installations on current, supported releases.",
        mixinStandardHelpOptions = true,
        version = "upkeep 0.1.0",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, and as asked",
            "1:it was asked after, and it ended badly: rolled back, held or stopped",
            "2:the command line is wrong",
            "3:the service refused, a request or who sent it, or lint found something; the message says what would be right",
            "4:the service did not answer",
            "5:there is no such thing"
        },
        subcommands = {
            Products.class,
            Releases.class,
            Tenants.class,
            Rollouts.class,
            Upgrades.class,
            Ahead.Plan.class,
            Ahead.Forecast.class,
            Ahead.Calendar.class,
            Ahead.Support.class,
            Drifts.class,
            Holds.class,
            Parked.class,
            Delays.class,
            Statements.Consent.class,
            Statements.Acknowledge.class,
            Statements.Approve.class,
            Statements.Waive.class,
            Freezes.class,
            Bundles.class,
            Audits.class,
            Subscriptions.class,
            Tokens.class
        })
public final class Upkeep implements Runnable {
    @Spec
    @org.jspecify.annotations.Nullable
    CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what to do, such as `upkeep rollout start`");
        }
    }

    /** Runs one command line and exits with its code. */
    public static void main(String[] args) {
        // The schema validator logs through SLF4J, and nobody reads it: no word about a missing provider.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(execute(out, err, args));
    }

    /** Runs one command line; the exit code is as {@code upkeep --help} lists them. */
    public static int execute(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Upkeep())
                .setOut(out)
                .setErr(err)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((exception, command, parsed) -> {
                    out.flush();
                    if (exception instanceof Trouble trouble) {
                        err.println(trouble.text());
                        return trouble.exit().code();
                    }
                    throw exception;
                });
        int code = line.execute(args);
        out.flush();
        err.flush();
        return code;
    }
}
