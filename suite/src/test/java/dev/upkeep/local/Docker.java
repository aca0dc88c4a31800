package dev.upkeep.local;

import static java.util.Objects.requireNonNullElse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real engine with Compose, and images of a product's versions in a registry that it reaches. */
final class Docker {
    /** Set where the images are in a registry of this machine, as {@code .ci/engine} does. */
    private static final String PREFIX = requireNonNullElse(System.getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"), "");

    private static final String REGISTRY = PREFIX.isEmpty() ? "127.0.0.1:5000" : PREFIX.replaceFirst("/$", "");
    private static final String BASE = PREFIX + "postgres:15";
    private static final Duration LONGEST = Duration.ofMinutes(3);

    private final Path directory;
    private final String repository;

    Docker(Path directory, String product) {
        this.directory = directory;
        this.repository = REGISTRY + "/upkeep-suite/" + product + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Why there is nothing to test on here; empty if there is. */
    String lacks() throws Exception {
        try {
            if (run(directory, List.of("docker", "compose", "version")).exit() != 0) {
                return "docker has no compose of version 2";
            }
            return run(directory, List.of("docker", "pull", "--quiet", BASE)).exit() == 0
                    ? ""
                    : "no engine answers, or it can't pull " + BASE;
        } catch (IOException e) {
            return "there is no docker: " + e.getMessage();
        }
    }

    /** The name of a version's image. */
    String name(String version) {
        return repository + ":" + version;
    }

    /**
     * Makes a version's image and pushes it.
     *
     * @param sources the folder with its Dockerfile and all migrations that there are
     * @param migrations those that this version has
     * @return its digest, as the registry knows it
     */
    String image(Path sources, String version, List<String> migrations, boolean isBroken) throws Exception {
        Path context = directory.resolve("image-" + version);
        copy(sources, context);
        try (Stream<Path> all = Files.list(context.resolve("migrations"))) {
            for (Path file : all.toList()) {
                if (migrations.contains(file.getFileName().toString().replace(".sql", ""))) {
                    Files.createDirectories(context.resolve("app/migrations"));
                    Files.move(file, context.resolve("app/migrations").resolve(file.getFileName()));
                }
            }
        }
        need(
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
                        "BROKEN=" + (isBroken ? "yes" : ""),
                        "."));
        need(context, List.of("docker", "push", "--quiet", name(version)));
        String reference =
                need(context, List.of("docker", "inspect", "--format", "{{index .RepoDigests 0}}", name(version)));
        return reference.substring(reference.indexOf('@') + 1);
    }

    /** Runs Compose in a project's directory. */
    void compose(Path project, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("docker", "compose"));
        command.addAll(List.of(arguments));
        need(project, command);
    }

    /** By which digest the project's one container was made. */
    String runs(Path project) throws Exception {
        String container = need(
                project,
                List.of(
                        "docker",
                        "ps",
                        "--quiet",
                        "--filter",
                        "label=com.docker.compose.project=" + project.getFileName()));
        String image = need(project, List.of("docker", "inspect", "--format", "{{.Image}}", container));
        return need(project, List.of("docker", "inspect", "--format", "{{join .RepoDigests \" \"}}", image));
    }

    /** Removes what it made of these versions. */
    void remove(Collection<String> versions) throws Exception {
        for (String version : versions) {
            run(directory, List.of("docker", "rmi", "--force", name(version)));
        }
    }

    private String need(Path in, List<String> command) throws Exception {
        Ran ran = run(in, command);
        if (ran.exit() != 0) {
            throw new AssertionError(command + " ended with " + ran.exit() + ": " + ran.output());
        }
        return ran.output().strip();
    }

    private record Ran(int exit, String output) {}

    private Ran run(Path in, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "docker", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        // The engine of Debian 12 knows the classic builder only.
        builder.environment().put("DOCKER_BUILDKIT", "0");
        Process process = builder.start();
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end within " + LONGEST);
        }
        return new Ran(process.exitValue(), Files.readString(output));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.sorted(Comparator.naturalOrder()).toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
