package dev.upkeep.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A JVM of its own that owns a part and waits to be killed. */
final class Owner {
    private Owner() {}

    /** Takes the part's name and its directory; writes the part's port beside it when it is ready. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        int port = switch (arguments[0]) {
            case "postgres" -> Postgres.at(directory).durable().start().port();
            case "kafka" -> Kafka.at(directory).start().port();
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        Path fresh = Files.writeString(ready(directory).resolveSibling("ready.new"), String.valueOf(port));
        Files.move(fresh, ready(directory));
        new CountDownLatch(1).await();
    }

    /** Starts an owner and returns when its part is ready. */
    static Process start(String part, Path directory) throws IOException {
        Files.createDirectories(directory);
        Path arguments = Files.writeString(
                directory.resolveSibling("owner.arguments"), "-cp \"" + System.getProperty("java.class.path") + "\"");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + arguments,
                        Owner.class.getName(),
                        part,
                        directory.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolveSibling("owner.log").toFile())
                .start();
        Awaitility.await().atMost(Duration.ofSeconds(120)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException(Files.readString(directory.resolveSibling("owner.log")));
            }
            return Files.exists(ready(directory));
        });
        return process;
    }

    static int port(Path directory) throws IOException {
        return Integer.parseInt(Files.readString(ready(directory)));
    }

    /** The guard of the part: the owner's only child. */
    static ProcessHandle guard(Process owner) {
        List<ProcessHandle> children = owner.children().toList();
        if (children.size() != 1) {
            throw new IllegalStateException("the owner should have one child, and has " + children);
        }
        return children.getFirst();
    }

    static boolean isShell(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("sh");
    }

    /** kill -9. */
    static void kill(Process owner) throws InterruptedException {
        owner.destroyForcibly();
        if (!owner.waitFor(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("SIGKILL did not end " + owner);
        }
    }

    private static Path ready(Path directory) {
        return directory.resolveSibling("ready");
    }
}
