package dev.upkeep.local;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** A real engine with Compose, and images of a product's versions in a registry that it reaches. */
final class Docker {
    /** Set where the images are in a registry of this machine, as {@code .ci/engine} does. */
    private static final String PREFIX = requireNonNullElse(System.getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"), "");

    static final String REGISTRY = PREFIX.isEmpty() ? "127.0.0.1:5000" : PREFIX.replaceFirst("/$", "");
    static final String BASE = PREFIX + "postgres:15";

    private final Path directory;
    private final String repository;
    private final Commands commands;

    Docker(Path directory, String product) throws IOException {
        this.directory = Files.createDirectories(directory);
        this.repository = REGISTRY + "/upkeep-suite/" + product + "-"
                + UUID.randomUUID().toString().substring(0, 8);
        // The engine of Debian 12 knows the classic builder only.
        this.commands = new Commands(directory, Map.of("DOCKER_BUILDKIT", "0"));
    }

    /** Why there is nothing to test on here; empty if there is. */
    String lacks() throws Exception {
        try {
            if (commands.run(directory, List.of("docker", "compose", "version")).exit() != 0) {
                return "docker has no compose of version 2";
            }
            return commands.run(directory, List.of("docker", "pull", "--quiet", BASE))
                                    .exit()
                            == 0
                    ? ""
                    : "no engine answers, or it can't pull " + BASE;
        } catch (IOException e) {
            return "there is no docker: " + e.getMessage();
        }
    }

    /** The name of all versions' images, without a tag. */
    String repository() {
        return repository;
    }

    /** The name of a version's image. */
    String name(String version) {
        return repository + ":" + version;
    }

    /**
     * Makes a version's image of the stand-in and pushes it.
     *
     * @param product what the product adds to the stand-in: programs, and all migrations that there are
     * @param migrations those that this version has
     * @param broken in which way it is, as the stand-in knows them; empty if it is not
     * @return its digest, as the registry knows it
     */
    String image(Path product, String version, List<String> migrations, String broken) throws Exception {
        Path context = directory.resolve("image-" + version);
        copy(Installation.resources("standin"), context);
        copy(product, context);
        try (Stream<Path> all = Files.list(context.resolve("migrations"))) {
            for (Path file : all.toList()) {
                if (migrations.contains(file.getFileName().toString().replace(".sql", ""))) {
                    Files.createDirectories(context.resolve("app/migrations"));
                    Files.move(file, context.resolve("app/migrations").resolve(file.getFileName()));
                }
            }
        }
        commands.need(
                context,
                List.of(
                        "docker",
                        "build",
                        "--quiet",
                        "--tag",
                        name(version),
                        "--build-arg",
                        "BASE=" + BASE,
                        "--build-arg",
                        "VERSION=" + version,
                        "--build-arg",
                        "BROKEN=" + broken,
                        "."));
        commands.need(context, List.of("docker", "push", "--quiet", name(version)));
        String references = commands.need(
                context, List.of("docker", "inspect", "--format", "{{join .RepoDigests \" \"}}", name(version)));
        // What another image is made of, too, has a name for each.
        return references.replaceFirst("^(?:.* )?" + repository + "@(\\S+).*$", "$1");
    }

    /** Runs Compose in a project's directory. */
    void compose(Path project, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("docker", "compose"));
        command.addAll(List.of(arguments));
        commands.need(project, command);
    }

    /** By which digest the project's one container was made. */
    String runs(Path project) throws Exception {
        String container = commands.need(
                project,
                List.of(
                        "docker",
                        "ps",
                        "--quiet",
                        "--filter",
                        "label=com.docker.compose.project=" + project.getFileName()));
        String image = commands.need(project, List.of("docker", "inspect", "--format", "{{.Image}}", container));
        return commands.need(project, List.of("docker", "inspect", "--format", "{{join .RepoDigests \" \"}}", image));
    }

    /** Runs a command in a version's image, in the host's network, and returns when it has ended well. */
    void runOnce(String version, Map<String, String> environment, String... command) throws Exception {
        commands.need(directory, running(version, environment, List.of("--rm"), command));
    }

    /** Starts a version's image in the host's network, until what is returned is closed. */
    AutoCloseable start(String version, Map<String, String> environment) throws Exception {
        String container = commands.need(directory, running(version, environment, List.of("--detach", "--rm")));
        return () -> commands.need(directory, List.of("docker", "stop", "--time", "3", container));
    }

    private List<String> running(String version, Map<String, String> environment, List<String> how, String... command) {
        List<String> argv = new ArrayList<>(List.of("docker", "run", "--network", "host"));
        argv.addAll(how);
        environment.forEach((name, value) -> argv.addAll(List.of("--env", name + "=" + value)));
        argv.add(name(version));
        argv.addAll(List.of(command));
        return argv;
    }

    /** Removes what it made of these versions. */
    void remove(Collection<String> versions) throws Exception {
        for (String version : versions) {
            commands.run(directory, List.of("docker", "rmi", "--force", name(version)));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.sorted(Comparator.naturalOrder()).toList()) {
                Path there = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(there);
                } else {
                    Files.copy(file, there, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
