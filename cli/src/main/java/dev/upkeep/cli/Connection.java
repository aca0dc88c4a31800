package dev.upkeep.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the services are, and with which token they are called: told by an option, the environment, or the state directory of {@code ./upkeep up}. */
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

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "The token to call with. Default: $UPKEEP_TOKEN, else what `./upkeep up` keeps for itself.")
    @Nullable
    Path tokenFile;

    Api planner() {
        String url = url("planner", planner, "UPKEEP_PLANNER_URL");
        return new Api(url, credential("planner", url, System::getenv));
    }

    Api notifier() {
        String url = url("notifier", notifier, "UPKEEP_NOTIFIER_URL");
        return new Api(url, credential("notifier", url, System::getenv));
    }

    /** Another service, found in the same ways. */
    Api service(String name, @Nullable String option) {
        String url = url(name, option, "UPKEEP_" + name.toUpperCase(Locale.ROOT) + "_URL");
        return new Api(url, credential(name, url, System::getenv));
    }

    /** The token for a service; the state directory's own goes only to the services that the same directory names. */
    Credential credential(String service, String url, Function<String, @Nullable String> environment) {
        if (tokenFile != null) {
            return Credential.in(tokenFile);
        }
        String given = environment.apply("UPKEEP_TOKEN");
        // A number is no token of ours: drivers tell a tenant's processes the fencing token of an attempt by this name.
        if (given != null && !given.isBlank() && !given.matches("\\d+")) {
            return Credential.given("UPKEEP_TOKEN", given);
        }
        return endpoint(service).map(Connection::bare).filter(bare(url)::equals).isPresent()
                ? LocalToken.of(stateDirectory(), TheClock.system())
                : Credential.NONE;
    }

    private String url(String service, @Nullable String option, String variable) {
        if (option != null) {
            return option;
        }
        String fromEnvironment = System.getenv(variable);
        if (fromEnvironment != null && !fromEnvironment.isBlank()) {
            return fromEnvironment;
        }
        return endpoint(service)
                .orElseThrow(() -> new Trouble(
                        ExitCode.USAGE,
                        "don't know where the " + service + " is: " + endpoints() + " says nothing\n  → start one with"
                                + " `./upkeep up`, or give --" + service + " URL or " + variable));
    }

    /** Where the state directory says that a service is. */
    private Optional<String> endpoint(String service) {
        try {
            JsonNode url =
                    new ObjectMapper().readTree(Files.readString(endpoints())).path(service);
            return url.isTextual() ? Optional.of(url.asText()) : Optional.empty();
        } catch (IOException notThere) {
            return Optional.empty();
        }
    }

    private static String bare(String url) {
        return url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    private Path endpoints() {
        return stateDirectory().resolve("endpoints.json");
    }

    Path stateDirectory() {
        if (state != null) {
            return state;
        }
        String fromEnvironment = System.getenv("UPKEEP_STATE");
        return fromEnvironment == null || fromEnvironment.isBlank()
                ? Path.of(".upkeep", "up")
                : Path.of(fromEnvironment);
    }
}
