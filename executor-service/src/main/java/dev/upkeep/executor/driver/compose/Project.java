package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Configuration;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Secrets;
import dev.upkeep.executor.driver.Work;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A component's place in a project, as its settings say.
 *
 * @param directory the project's
 * @param file the compose file
 * @param override what Upkeep writes, read after the compose file
 * @param environment of docker and of commands; all of it
 */
record Project(
        Target target, Path directory, Path file, String service, Path override, Map<String, String> environment) {
    /** Where docker finds things; a message without them says nothing. */
    private static final Set<String> PLACES = Set.of("DOCKER_CONFIG", "DOCKER_CONTEXT", "DOCKER_HOST", "HOME", "PATH");

    /** What is shorter stands in too many words. */
    private static final int SHORTEST_SECRET = 6;

    private static final Pattern SERVICE = Pattern.compile("[a-zA-Z0-9._-]+");

    static Project of(StepRequested request, Work work) {
        Target target = request.target();
        Secrets secrets = work.secrets();
        Path directory =
                Path.of(secrets.need(target, "project")).toAbsolutePath().normalize();
        String service = secrets.need(target, "service");
        if (!SERVICE.matcher(service).matches()) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting service '" + service + "' of " + target.component() + " is no name of a service",
                    "Name the service as the compose file does"));
        }
        if (!Files.isDirectory(directory)) {
            throw new Refused(Failed.retryable(
                    Failure.FILE_TROUBLE,
                    "the project's directory " + directory + " is not there",
                    "Mount it where the executor runs, or correct the setting project"));
        }
        Map<String, String> environment = new HashMap<>();
        target.settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring("env.".length()), secrets.resolve(value));
            }
        });
        return new Project(
                target,
                directory,
                directory.resolve(secrets.find(target, "file").orElse("docker-compose.yml")),
                service,
                directory.resolve(secrets.find(target, "override").orElse("upkeep." + service + ".yml")),
                Map.copyOf(environment));
    }

    /** What a program said, without the values that it was given: what is told goes further than they may. */
    String masked(String text) {
        String masked = text;
        List<String> values = environment.entrySet().stream()
                .filter(e -> !PLACES.contains(e.getKey()))
                .map(Map.Entry::getValue)
                .filter(value -> value.length() >= SHORTEST_SECRET)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
        for (String value : values) {
            masked = masked.replace(value, "***");
        }
        return masked;
    }

    /** A setting that may be missing, as it is written: a template or a name. */
    Optional<String> setting(String key) {
        return Optional.ofNullable(target.settings().get(key));
    }

    /** By which patterns its log tells of migrations. */
    MigrationLog migrationLog() {
        return MigrationLog.of(target.component().toString(), this::setting);
    }

    Path variables() {
        return directory.resolve(".env");
    }

    /** Where the fence is, and what has run. */
    Path home() {
        return directory.resolve(".upkeep");
    }

    /** What a step of an upgrade leaves there. */
    Path note(StepRequested request, String kind) {
        return home().resolve(
                        (request.upgrade() + "." + request.step()).replaceAll("[^A-Za-z0-9._-]", "_") + "." + kind);
    }

    /** All that its configuration consists of. */
    Configuration.Source configuration() {
        LinkedHashSet<Path> files = new LinkedHashSet<>(List.of(file, variables(), override));
        setting("files").stream()
                .flatMap(all -> Pattern.compile("\\s+").splitAsStream(all.strip()))
                .map(directory::resolve)
                .forEach(files::add);
        // What belongs to a checkout comes back with its ref, and git would take it for a change of ours.
        return new Configuration.Source(
                directory, List.copyOf(files), checkout().isPresent() ? Set.of(file) : Set.of());
    }

    /** Whether its code comes from a checkout, so that there is no image to pin. */
    Optional<String> checkout() {
        return setting("checkout");
    }

    /** The arguments that choose the project, with its pin if there is one. */
    List<String> chosen() {
        return chosen(override);
    }

    List<String> chosen(Path pin) {
        List<String> chosen = new ArrayList<>(
                List.of("compose", "--project-directory", directory.toString(), "--file", file.toString()));
        if (Files.exists(pin)) {
            chosen.addAll(List.of("--file", pin.toString()));
        }
        return chosen;
    }
}
