package dev.upkeep.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A directory with a Makefile and an {@code .env}, whose pods a real podman runs. */
final class Podman {
    private static final List<String> PODS = List.of("observability", "seal-gateway", "temporal", "core", "database");

    private final Path directory;
    private final String prefix;
    private final Path registries;
    private final Path containers;
    private final Commands commands;
    private Path starts = Path.of("");

    Podman(Path directory, String prefix) throws IOException {
        this.directory = directory;
        this.prefix = prefix;
        // Plain HTTP to the registry, and no limits that a machine may not have.
        this.registries = Files.writeString(
                directory.resolveSibling("registries.conf"),
                "[[registry]]\nlocation = \"" + Docker.REGISTRY + "\"\ninsecure = true\n");
        this.containers =
                Files.writeString(directory.resolveSibling("containers.conf"), "[containers]\ndefault_ulimits = []\n");
        this.commands = new Commands(
                Files.createDirectories(directory.resolveSibling("said")),
                Map.of("CONTAINERS_REGISTRIES_CONF", registries.toString(), "CONTAINERS_CONF", containers.toString()));
    }

    /** Why there is nothing to test on here; empty if there is. */
    String lacks() throws Exception {
        for (List<String> command : List.of(List.of("podman", "info"), List.of("make", "--version"))) {
            try {
                if (commands.run(directory, command).exit() != 0) {
                    return String.join(" ", command) + " does not end well";
                }
            } catch (IOException e) {
                return "there is no " + command.getFirst();
            }
        }
        return "";
    }

    /** What the files of an installation have to know of this. */
    Map<String, String> configuration() {
        return Map.of(
                "directory", directory.toString(),
                "prefix", prefix,
                "registries", registries.toString(),
                "containers", containers.toString());
    }

    /** Lays the Makefile, the variables and the pods' definitions into the directory. */
    void lay(Path files, Map<String, String> values) throws IOException {
        starts = Path.of(values.get("starts"));
        try (Stream<Path> all = Files.list(files)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (!name.equals("tenant.yaml")) {
                    Files.writeString(
                            directory.resolve(name.equals("env") ? ".env" : name), Installation.filled(file, values));
                }
            }
        }
    }

    void make(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("make", "--no-print-directory"));
        command.addAll(List.of(words));
        commands.need(directory, command);
    }

    /** What make was told since this was asked for the last time. */
    List<String> told() throws IOException {
        Path told = directory.resolve("told");
        List<String> lines = Files.exists(told) ? Files.readAllLines(told) : List.of();
        Files.deleteIfExists(told);
        return lines;
    }

    /** Each start of a version, with the migrations that it met. */
    List<String> met() throws IOException {
        return Files.readAllLines(starts.resolve("met"));
    }

    String get(String variable) throws IOException {
        return Files.readAllLines(directory.resolve(".env")).stream()
                .filter(line -> line.startsWith(variable + "="))
                .map(line -> line.substring(variable.length() + 1))
                .findFirst()
                .orElse("");
    }

    /** Sets a variable as a person would. */
    void set(String variable, String value) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(directory.resolve(".env")));
        lines.removeIf(line -> line.startsWith(variable + "="));
        lines.add(variable + "=" + value);
        Files.write(directory.resolve(".env"), lines);
    }

    /** Which pod stands there: another one is told apart. */
    String pod(String name) throws Exception {
        return commands.need(directory, List.of("podman", "pod", "inspect", "--format", "{{.Id}}", prefix + name));
    }

    /** The digests under which the image is known that a pod's container runs. */
    String runs(String pod) throws Exception {
        String image = commands.need(
                directory, List.of("podman", "container", "inspect", "--format", "{{.Image}}", prefix + pod + "-main"));
        return commands.need(
                directory, List.of("podman", "image", "inspect", "--format", "{{join .RepoDigests \" \"}}", image));
    }

    void clear() throws Exception {
        for (String pod : PODS) {
            commands.run(directory, List.of("podman", "pod", "rm", "--force", "--ignore", "--time", "3", prefix + pod));
        }
        commands.run(
                directory,
                List.of(
                        "sh",
                        "-c",
                        "podman images --format '{{.ID}} {{.Repository}}' | grep upkeep-suite/aegis-"
                                + " | cut -d ' ' -f 1 | sort -u | xargs -r podman rmi --force"));
    }
}
