package dev.upkeep.executor.driver;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real gate in a JVM of its own. */
public final class GateProcess implements AutoCloseable {
    private final Process process;
    private final int door;
    private final int admin;

    public GateProcess(Path directory, int upstream) throws IOException {
        door = Ready.freePort();
        admin = Ready.freePort();
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.upkeep.gate.Main"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("gate.log").toFile());
        builder.environment().put("LISTEN", "127.0.0.1:" + door);
        builder.environment().put("ADMIN", "127.0.0.1:" + admin);
        builder.environment().put("UPSTREAM", "http://127.0.0.1:" + upstream);
        builder.environment().put("STATE", directory.resolve("gate-state").toString());
        process = builder.start();
        org.awaitility.Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .pollInterval(50, TimeUnit.MILLISECONDS)
                .until(() -> answers(admin));
    }

    public String admin() {
        return "http://127.0.0.1:" + admin;
    }

    public URI door(String path) {
        return URI.create("http://127.0.0.1:" + door + path);
    }

    private boolean answers(int port) {
        if (!process.isAlive()) {
            throw new AssertionError("the gate ended with " + process.exitValue());
        }
        try (java.net.Socket socket = new java.net.Socket("127.0.0.1", port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .orTimeout(10, TimeUnit.SECONDS)
                .exceptionally(late -> process.destroyForcibly())
                .join();
    }
}
