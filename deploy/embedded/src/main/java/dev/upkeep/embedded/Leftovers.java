package dev.upkeep.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds and stops the processes that a killed owner left in a directory.
 *
 * <p>A process is known by what it is (its program and the directory it works in), not by a number in a file: a reused
 * PID can never be mistaken for it, and a lost PID file hides nothing. Only the holder of the directory's lock asks.
 */
final class Leftovers {
    private Leftovers() {}

    /** The processes of a PostgreSQL server on this data directory: the server and its children all work in it. */
    static Predicate<Path> postgresOn(Path dataDirectory) {
        return process -> link(process, "cwd").equals(dataDirectory.toString())
                && Path.of(link(process, "exe").replace(" (deleted)", "")).endsWith("postgres");
    }

    /** The processes that were started with all of these arguments. */
    static Predicate<Path> startedWith(List<String> arguments) {
        return process -> {
            try {
                return List.of(Files.readString(process.resolve("cmdline")).split("\0"))
                        .containsAll(arguments);
            } catch (IOException gone) {
                return false;
            }
        };
    }

    /** The processes that work in this directory and were started with all of these arguments. */
    static Predicate<Path> startedIn(Path directory, List<String> arguments) {
        Predicate<Path> started = startedWith(arguments);
        return process -> link(process, "cwd").equals(directory.toString()) && started.test(process);
    }

    /** Stops them all: asks with the signal, waits, then kills. Returns how many there were. */
    static int stop(Predicate<Path> which, String signal, Duration grace) {
        List<ProcessHandle> left = find(which);
        for (ProcessHandle process : left) {
            signal(process, signal);
        }
        for (ProcessHandle process : left) {
            if (!ended(process, grace)) {
                process.destroyForcibly();
                ended(process, Duration.ofSeconds(10));
            }
        }
        return left.size();
    }

    static List<ProcessHandle> find(Predicate<Path> which) {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> which.test(Path.of("/proc", String.valueOf(process.pid()))))
                    .toList();
        }
    }

    private static void signal(ProcessHandle process, String signal) {
        try {
            // `kill` is built into sh, so no package has to be there for it.
            new ProcessBuilder("sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, String.valueOf(process.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .onExit()
                    .get(10, TimeUnit.SECONDS);
        } catch (IOException | ExecutionException | TimeoutException unasked) {
            process.destroy();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean ended(ProcessHandle process, Duration within) {
        try {
            process.onExit().get(within.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException stillThere) {
            return !process.isAlive();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static String link(Path process, String name) {
        try {
            return Files.readSymbolicLink(process.resolve(name)).toString();
        } catch (IOException goneOrNotOurs) {
            return "";
        }
    }
}
