package dev.upkeep.executor.driver.podman;

import static java.util.Objects.requireNonNullElse;

import dev.upkeep.contract.Digest;
import dev.upkeep.contract.step.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real directory with a Makefile and an {@code .env}, and real pods: {@code core}, {@code worker} and {@code gateway},
 * whose three images have one tag, and {@code database}, whose image has its own. Makes a note of what make was told.
 */
final class Ground {
    private static final String PREFIX = requireNonNullElse(System.getenv("TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX"), "");
    static final String REGISTRY = PREFIX.isEmpty() ? "127.0.0.1:5000" : PREFIX.replaceFirst("/$", "");
    private static final String RUN =
            "podmantest-" + UUID.randomUUID().toString().substring(0, 8);
    static final List<String> PODS = List.of("database", "core", "worker", "gateway");

    /** One more pod, which is in no profile: the tags of its images are moved about. */
    private static final List<String> ALL =
            Stream.concat(PODS.stream(), Stream.of("spare")).toList();

    private static final String MAKEFILE = """
            PROFILE ?= small
            small = core
            full = database core worker gateway
            .PHONY: registry-login redeploy deploy teardown bootstrap-secrets validate linger

            registry-login:
            	@echo registry-login >>told
            	@. ./.env && if [ -n "$$LOCKED" ]; then echo "unauthorized: $$REGISTRY_TOKEN"; exit 1; fi

            redeploy:
            	@echo redeploy $(POD) >>told
            	@. ./.env && if [ -n "$$SLOW" ]; then sleep 300 & echo $$! >child; wait; fi
            	@. ./.env && sed -e "s/[$$]{IMAGE_TAG}/$$IMAGE_TAG/" -e "s/[$$]{UPKEEP_TOKEN}/$$UPKEEP_TOKEN/" \\
            	    pod-$(POD).yaml >made-$(POD).yaml
            	@podman play kube --quiet --network host --replace made-$(POD).yaml
            	@. ./.env && if [ -n "$$WAIT" ]; then echo "it does not answer"; exit 1; fi
            	@. ./.env && if [ -n "$$LATE" ]; then sleep 300 & echo $$! >child; wait; fi

            deploy:
            	@echo deploy $(PROFILE) >>told
            	@for pod in $($(PROFILE)); do $(MAKE) --no-print-directory redeploy POD=$$pod || exit 1; done

            teardown:
            	@echo teardown $(PROFILE) >>told
            	@for pod in $($(PROFILE)); do podman pod rm --force --time 2 NAME-$$pod; done; rm -f bootstrapped

            bootstrap-secrets:
            	@echo bootstrap-secrets >>told
            	@: >bootstrapped

            validate:
            	@echo validate >>told
            	@. ./.env && if [ -n "$$SICK" ]; then echo "seen: core is degraded, asked with $$API_TOKEN"; exit 3; fi
            	@test -e bootstrapped || { echo "no secrets"; exit 4; }
            """;

    private final Path directory;
    private final Path configuration;
    private final String name = RUN + "-" + UUID.randomUUID().toString().substring(0, 6);

    Ground(Path directory, Path configuration) throws Exception {
        this.directory = directory;
        this.configuration = configuration;
        Files.writeString(directory.resolve("Makefile"), MAKEFILE.replace("NAME", name));
        Files.writeString(
                directory.resolve(".env"),
                "# kept\nAPI_TOKEN=s3cr3t-of-the-api\nREGISTRY_TOKEN='hidden-from-all'\nIMAGE_TAG=1.0.0 # old\nLOCKED=\nSICK=\nSLOW=\nWAIT=\nLATE=\nLAST=1");
        Files.writeString(
                directory.resolve(".env"),
                Files.readString(directory.resolve(".env")).replace(" # old", ""));
        Files.setPosixFilePermissions(directory.resolve(".env"), PosixFilePermissions.fromString("rw-r-----"));
        for (String pod : ALL) {
            Files.writeString(directory.resolve("pod-" + pod + ".yaml"), """
                    apiVersion: v1
                    kind: Pod
                    metadata:
                      name: %s-%s
                      labels: {context: %s}
                    spec:
                      containers:
                        - name: main
                          image: "%s:%s"
                    """.formatted(
                            name, pod, pod, repository(pod), pod.equals("database") ? "1.0.0" : "${IMAGE_TAG}"));
        }
    }

    String prefix() {
        return name + "-";
    }

    /** Has podman speak plain HTTP to the registry, and set no limits that a machine may not have. */
    static Map<String, String> environment(Path configuration) throws IOException {
        Path registries = configuration.resolve("registries.conf");
        Path containers = configuration.resolve("containers.conf");
        Files.writeString(registries, "[[registry]]\nlocation = \"" + REGISTRY + "\"\ninsecure = true\n");
        Files.writeString(containers, "[containers]\ndefault_ulimits = []\n");
        return Map.of("CONTAINERS_REGISTRIES_CONF", registries.toString(), "CONTAINERS_CONF", containers.toString());
    }

    /** Why there is nothing to test on here, if there is not. */
    static Optional<String> lacks(Path configuration) throws Exception {
        for (List<String> argv : List.of(List.of("podman", "info"), List.of("make", "--version"))) {
            try {
                if (run(configuration, configuration, argv).exit() != 0) {
                    return Optional.of(String.join(" ", argv) + " does not end well");
                }
            } catch (UncheckedIOException e) {
                return Optional.of("there is no " + argv.getFirst());
            }
        }
        if (busybox().isEmpty()) {
            return Optional.of("there is no static busybox to make images of");
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

    private static Optional<Path> busybox() {
        return Stream.of("/usr/bin/busybox", "/bin/busybox")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Builds two versions of each image, pushes them, and keeps none here; gives the digests that the registry has. */
    static Map<String, Artifact> makeImages(Path configuration) throws Exception {
        Map<String, Artifact> artifacts = new java.util.HashMap<>();
        Path context = Files.createDirectories(configuration.resolve("context"));
        Files.copy(busybox().orElseThrow(), context.resolve("busybox"), StandardCopyOption.REPLACE_EXISTING);
        for (String pod : ALL) {
            for (String version : List.of("1.0.0", "1.1.0", "2.0.0")) {
                boolean broken = version.equals("2.0.0");
                Files.writeString(
                        context.resolve("Dockerfile"),
                        "FROM scratch\nCOPY busybox /bin/busybox\nLABEL run=" + RUN + "\nENV POD=" + pod + " VERSION="
                                + version
                                + "\nENTRYPOINT [\"/bin/busybox\", \"sh\", \"-c\", \""
                                + (broken
                                        ? "echo migration 3_more failed: it can not do that; exit 7"
                                        : "echo migration 1_notes skipped; echo migration 2_tags ran in 12 ms; trap 'exit 0' TERM; while :; do /bin/busybox sleep 1 & wait $!; done")
                                + "\"]\n");
                String image = repository(pod) + ":" + version;
                podman(configuration, "build", "--quiet", "--tag", image, context.toString());
                Path digest = configuration.resolve("digest");
                podman(configuration, "push", "--quiet", "--digestfile", digest.toString(), image);
                podman(configuration, "rmi", image);
                artifacts.put(
                        pod + ":" + version,
                        new Artifact(
                                "oci://" + image,
                                new Digest(Files.readString(digest).strip())));
            }
        }
        return artifacts;
    }

    static void dropImages(Path configuration) throws Exception {
        String images = podman(configuration, "images", "--filter", "label=run=" + RUN, "--format", "{{.Id}}");
        for (String image : images.lines().distinct().toList()) {
            podman(configuration, "rmi", "--force", image);
        }
    }

    static String repository(String pod) {
        return REGISTRY + "/" + RUN + "-" + pod;
    }

    /** Another image under the tag of a version: its owner has moved it. */
    static void moveTag(Path configuration, Artifact to, String image) throws Exception {
        String from = to.location().replace("oci://", "");
        podman(configuration, "pull", "--quiet", from);
        podman(configuration, "tag", from, image);
        podman(configuration, "push", "--quiet", image);
        podman(configuration, "rmi", image, from);
    }

    /** As somebody brought all of it up before Upkeep came. */
    void upByHand() throws Exception {
        Said said = run(configuration, directory, List.of("make", "deploy", "PROFILE=full"));
        if (said.exit() != 0) {
            throw new AssertionError(said.text());
        }
        Files.writeString(directory.resolve("bootstrapped"), "");
        Files.delete(directory.resolve("told"));
    }

    /** The version that a pod runs, or nothing if none runs. */
    String version(String pod) throws Exception {
        return runs(pod).isEmpty()
                ? ""
                : podman(
                                configuration,
                                "container",
                                "inspect",
                                "--format",
                                "{{range .Config.Env}}{{println .}}{{end}}",
                                name + "-" + pod + "-main")
                        .lines()
                        .filter(line -> line.startsWith("VERSION="))
                        .findFirst()
                        .orElseThrow()
                        .substring("VERSION=".length());
    }

    /** Which container runs in a pod: another one is told apart. */
    String runs(String pod) throws Exception {
        return podman(
                configuration,
                "ps",
                "--no-trunc",
                "--filter",
                "name=^" + name + "-" + pod + "-main$",
                "--format",
                "{{.ID}}");
    }

    /** All pods with their states. */
    String all() throws Exception {
        return podman(
                configuration, "pod", "ps", "--filter", "name=" + name, "--format", "{{.Name}} {{.Id}} {{.Status}}");
    }

    /** What make was told to do. */
    List<String> told() throws IOException {
        Path told = directory.resolve("told");
        return Files.exists(told) ? Files.readAllLines(told) : List.of();
    }

    static String podman(Path configuration, String... arguments) throws Exception {
        List<String> argv = new ArrayList<>(List.of("podman"));
        argv.addAll(Arrays.asList(arguments));
        Said said = run(configuration, configuration, argv);
        if (said.exit() != 0) {
            throw new AssertionError(argv + " ended with " + said.exit() + ": " + said.text());
        }
        return said.text().strip();
    }

    private record Said(int exit, String text) {}

    private static Said run(Path configuration, Path directory, List<String> argv) throws Exception {
        ProcessBuilder builder =
                new ProcessBuilder(argv).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment(configuration));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process.getOutputStream().close();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(argv + " did not end");
        }
        return new Said(process.exitValue(), text);
    }

    void clear() throws Exception {
        for (String pod : ALL) {
            podman(configuration, "pod", "rm", "--force", "--ignore", "--time", "0", name + "-" + pod);
        }
    }
}
