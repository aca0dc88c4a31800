package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the services are: told by an option, the environment, or the state directory of {@code ./upkeep up}. */
final class Connection {
    @Option(
            names = "--planner",
            paramLabel = "URL",
            description = "The planner. Default: $UPKEEP_PLANNER_URL, else what `./upkeep up` wrote down.")
    @Nullable
    String planner;

    @Option(
            names = "--notifier",
            paramLabel = "URL",
            description = "The notifier. Default: $UPKEEP_NOTIFIER_URL, else what `./upkeep up` wrote down.")
    @Nullable
    String notifier;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "The state directory of `./upkeep up`. Default: $UPKEEP_STATE, else .upkeep/up.")
    @Nullable
    Path state;

    Api planner() {
        return new Api(url("planner", planner, "UPKEEP_PLANNER_URL"));
    }

    Api notifier() {
        return new Api(url("notifier", notifier, "UPKEEP_NOTIFIER_URL"));
    }

    private String url(String service, @Nullable String option, String variable) {
        if (option != null) {
            return option;
        }
        String fromEnvironment = System.getenv(variable);
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            return fromEnvironment;
        }
        Path endpoints = stateDirectory().resolve("endpoints.json");
        try {
            JsonNode url =
                    new ObjectMapper().readTree(Files.readString(endpoints)).path(service);
            if (url.isTextual()) {
                return url.asText();
            }
        } catch (IOException notThere) {
            // Fall through: the message below names every way to say it.
        }
        throw new Trouble(
                ExitCode.USAGE,
                "don't know where the " + service + " is: " + endpoints + " says nothing\n  → start one with"
                        + " `./upkeep up`, or give --" + service + " URL or " + variable);
    }

    private Path stateDirectory() {
        if (state != null) {
            return state;
        }
        String fromEnvironment = System.getenv("UPKEEP_STATE");
        return fromEnvironment == null || fromEnvironment.isBlank()
                ? Path.of(".upkeep", "up")
                : Path.of(fromEnvironment);
    }
}
