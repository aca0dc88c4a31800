package dev.upkeep.bundle;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry as a process of its own, on a free port of this machine. */
final class SiteRegistry implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");

    final String host;
    final Registry client;
    private final Process process;

    private SiteRegistry(String host, Process process) {
        this.host = host;
        this.process = process;
        this.client = new Registry(host, Optional.empty());
    }

    /** Where it is not installed these tests are skipped, loudly; on CI, where nothing may be skipped, they fail. */
    static SiteRegistry start(Path directory) throws IOException {
        if (!Files.isExecutable(PROGRAM)) {
            String what = "loading into a registry is NOT tested here: " + PROGRAM
                    + " is missing; install Debian's docker-registry, or run .ci/engine";
            System.err.println(what);
            assumeTrue(System.getenv("CI") != null, what);
            throw new AssertionError(what);
        }
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Files.createDirectories(directory);
        Path config =
                Files.writeString(directory.resolve("registry.yml"), """
                version: 0.1
                log: {level: warn, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: "%s"}}
                http: {addr: "127.0.0.1:%d"}
                """.formatted(directory.resolve("data"), port));
        Process process = new ProcessBuilder(List.of(PROGRAM.toString(), "serve", config.toString()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("registry.log").toFile())
                .start();
        await("the registry's port").atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(Files.readString(directory.resolve("registry.log"), StandardCharsets.UTF_8));
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException notYet) {
                return false;
            }
        });
        return new SiteRegistry("127.0.0.1:" + port, process);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
