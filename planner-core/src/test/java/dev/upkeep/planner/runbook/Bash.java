package dev.upkeep.planner.runbook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The machine's own shell, to hold against it what a person is told to type there. */
final class Bash {
    private Bash() {}

    /** What it says of a script that it only reads; nothing if it takes it. */
    static String complaint(String script) {
        return run(List.of("bash", "-n"), script, Path.of("target"), Map.of()).said();
    }

    /** Runs a script in a folder where no program is found, only what the shell has in itself, and not for longer than it says. */
    static void alone(String script, Path folder, String seconds) {
        run(
                List.of("/usr/bin/timeout", "-s", "KILL", seconds, "/bin/bash", "--norc"),
                "RUN=" + folder + "\n" + script,
                folder,
                Map.of("PATH", folder.resolve("none").toString(), "HOME", folder.toString()));
    }

    /** The arguments that a command line comes to. */
    static List<String> words(String words) {
        String said = run(List.of("bash"), "printf '%s\\0' " + words, Path.of("target"), Map.of("SECRET", "s3 cr$t"))
                .said();
        List<String> found = new ArrayList<>(List.of(said.split("\0", -1)));
        found.removeLast();
        return found;
    }

    private record Ran(String said) {}

    private static Ran run(List<String> command, String script, Path folder, Map<String, String> environment) {
        try {
            Path out = Files.createTempFile("bash", ".out");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile());
            builder.environment().putAll(environment);
            Process process = builder.start();
            try (var in = process.getOutputStream()) {
                in.write(script.getBytes(StandardCharsets.UTF_8));
            } catch (IOException endedEarly) {
                // It ended before it had read all: that it complained is in its output.
            }
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            String said = Files.readString(out);
            Files.delete(out);
            return new Ran(said);
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
