package dev.upkeep.executor.driver.compose;

import static java.util.Objects.requireNonNullElse;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real project on a real engine, with a registry beside it: a service {@code app} in two versions, whose migrations
 * leave files in a volume, and a service {@code other} that nobody is to touch.
 */
final class Ground {
    /** Set where the images are in a registry of this machine, as {@code .ci/engine} does. */
    private static final String PREFIX = requireNonNullElse(System.getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"), "");

    static final String REGISTRY = PREFIX.isEmpty() ? "127.0.0.1:5000" : PREFIX.replaceFirst("/$", "");
    private static final String RUN = "cmp-" + UUID.randomUUID().toString().substring(0, 8);

    private static final String SCRIPT = """
            #!/bin/sh
            migrate() {
                for name in $MIGRATIONS; do
                    if [ -e /data/$name ]; then echo "migration $name skipped"; continue; fi
                    echo "$name" >>/data/began
                    [ -z "$SLOW" ] || sleep "$SLOW"
                    if [ "$name" = "$BREAK" ]; then echo "migration $name failed: the column is there already"; exit 3; fi
                    : >/data/$name
                    echo "migration $name ran in 7 ms"
                done
            }
            case $1 in
                migrate) migrate ;;
                *)
                    [ -z "$AUTO" ] || migrate
                    : >/tmp/healthy
                    trap 'exit 0' TERM
                    while :; do sleep 1 & wait $!; done ;;
            esac
            """;

    private final Path directory;
    private final String name = RUN + "-" + UUID.randomUUID().toString().substring(0, 6);

    Ground(Path directory) throws Exception {
        this.directory = directory;
        Files.writeString(directory.resolve("docker-compose.yml"), """
                name: %s
                services:
                  app:
                    image: ${IMAGE:-%s:1.0.0}
                    restart: unless-stopped
                    environment: {BREAK: "${BREAK:-}", AUTO: "${AUTO:-}", SLOW: "${SLOW:-}"}
                    volumes: ["data:/data"]
                    stop_grace_period: 3s
                    healthcheck: {test: [CMD, test, -f, /tmp/healthy], interval: 1s, retries: 30}
                  other:
                    image: %s:1.0.0
                volumes: {data: {}}
                """.formatted(name, repository(), repository()));
        Files.writeString(directory.resolve(".env"), "MAIL=mail.example\nEMPTY=\n");
    }

    /** Why there is nothing to test on here, if there is not. */
    static Optional<String> lacks() {
        try {
            if (run(Path.of("/"), List.of("docker", "compose", "version")).exit() != 0) {
                return Optional.of("docker has no compose of version 2");
            }
            if (run(Path.of("/"), List.of("docker", "version")).exit() != 0) {
                return Optional.of("no container engine answers");
            }
        } catch (UncheckedIOException e) {
            return Optional.of("there is no docker: " + e.getMessage());
        }
        String[] address = REGISTRY.split(":", 2);
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(address[0], address.length > 1 ? Integer.parseInt(address[1]) : 80), 3000);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("no registry answers on " + REGISTRY);
        }
    }

    /** Builds both versions, and pushes them. */
    static void makeImages(Path directory) throws Exception {
        Files.writeString(directory.resolve("app"), SCRIPT);
        Files.writeString(directory.resolve("Dockerfile"), """
                FROM %salpine:3.17
                ARG VERSION
                ARG MIGRATIONS
                ENV VERSION=$VERSION MIGRATIONS=$MIGRATIONS
                COPY app /app
                ENTRYPOINT ["/bin/sh", "/app"]
                CMD ["serve"]
                """.formatted(PREFIX));
        for (String version : List.of("1.0.0", "1.1.0")) {
            String image = repository() + ":" + version;
            docker(
                    directory,
                    "build",
                    "--tag",
                    image,
                    "--build-arg",
                    "VERSION=" + version,
                    "--build-arg",
                    "MIGRATIONS=" + (version.equals("1.0.0") ? "0001_start" : "0001_start 0002_tags 0003_colours"),
                    ".");
            docker(directory, "push", image);
            docker(directory, "rmi", image);
        }
    }

    static void dropImages(Path directory) throws Exception {
        String images = docker(directory, "images", "--quiet", "--no-trunc", repository());
        for (String image : images.lines().distinct().toList()) {
            docker(directory, "rmi", "--force", image);
        }
    }

    static String repository() {
        return REGISTRY + "/" + RUN;
    }

    /** The digest that the registry says a version has. */
    static Artifact artifact(Path directory, String version) throws Exception {
        Matcher digest =
                Pattern.compile("Digest: (\\S+)").matcher(docker(directory, "pull", repository() + ":" + version));
        if (!digest.find()) {
            throw new AssertionError("the registry told no digest of " + version);
        }
        String found = digest.group(1);
        docker(directory, "rmi", repository() + ":" + version);
        return new Artifact("oci://" + repository() + ":" + version, new Digest(found));
    }

    /** As somebody brought the project up before Upkeep came. */
    void upByHand() throws Exception {
        docker(directory, "compose", "up", "--detach", "--wait");
    }

    /** A variable of the container that runs a service, or nothing if none runs. */
    String variable(String service, String variable) throws Exception {
        String id = container(service);
        return id.isEmpty() ? "" : docker(directory, "exec", id, "/bin/sh", "-c", "echo $" + variable);
    }

    /** Which container runs a service, and since when: another one, or a restarted one, is told apart. */
    String runs(String service) throws Exception {
        String id = container(service);
        return id.isEmpty()
                ? ""
                : docker(directory, "container", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", id);
    }

    /** How often the engine has restarted what runs a service; nothing does in the midst of it. */
    int restarts(String service) throws Exception {
        String id = container(service);
        return id.isEmpty()
                ? -1
                : Integer.parseInt(docker(directory, "container", "inspect", "--format", "{{.RestartCount}}", id));
    }

    /** What the engine does when a service's container ends, which may have ended. */
    String policy(String service) throws Exception {
        return docker(
                directory,
                "container",
                "inspect",
                "--format",
                "{{.HostConfig.RestartPolicy.Name}}",
                compose("ps", "--all", "--quiet", service));
    }

    /** All containers of the project with their states. */
    String all() throws Exception {
        return docker(
                directory,
                "ps",
                "--all",
                "--no-trunc",
                "--filter",
                "label=com.docker.compose.project=" + name,
                "--format",
                "{{.ID}} {{.State}} {{.Label \"dev.upkeep.token\"}}");
    }

    /** The files that migrations have left, and how often each began. */
    String data() throws Exception {
        docker(directory, "pull", repository() + ":1.1.0");
        return docker(
                directory,
                "run",
                "--rm",
                "--volume",
                name + "_data:/data",
                "--entrypoint",
                "/bin/sh",
                repository() + ":1.1.0",
                "-c",
                "cat /data/began; ls /data");
    }

    String compose(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("compose"));
        all.addAll(Arrays.asList(arguments));
        return docker(directory, all.toArray(String[]::new));
    }

    private String container(String service) throws Exception {
        return compose("ps", "--quiet", "--status", "running", service);
    }

    static String docker(Path directory, String... arguments) throws Exception {
        List<String> argv = new ArrayList<>(List.of("docker"));
        argv.addAll(Arrays.asList(arguments));
        Said said = run(directory, argv);
        if (said.exit() != 0) {
            throw new AssertionError(argv + " ended with " + said.exit() + ": " + said.text());
        }
        return said.text().strip();
    }

    private record Said(int exit, String text) {}

    private static Said run(Path directory, List<String> argv) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(argv).directory(directory.toFile()).redirectErrorStream(true);
            builder.environment().put("DOCKER_BUILDKIT", "0");
            Process process = builder.start();
            process.getOutputStream().close();
            String text = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(argv + " did not end");
            }
            return new Said(process.exitValue(), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    void clear() throws Exception {
        String left =
                docker(directory, "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project=" + name);
        for (String id : left.lines().toList()) {
            docker(directory, "rm", "--force", id);
        }
        compose("down", "--volumes");
    }
}
