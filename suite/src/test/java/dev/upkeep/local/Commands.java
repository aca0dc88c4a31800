package dev.upkeep.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs programs as a person would, and waits until they have ended.
 *
 * @param directory where their output is kept
 * @param environment what is set besides this process's own
 */
record Commands(Path directory, Map<String, String> environment) {
    private static final Duration LONGEST = Duration.ofMinutes(3);

    record Ran(int exit, String output) {}

    /** What a program prints that ends well. */
    String need(Path in, List<String> command) throws IOException, InterruptedException {
        Ran ran = run(in, command);
        if (ran.exit() != 0) {
            throw new AssertionError(command + " ended with " + ran.exit() + ": " + ran.output());
        }
        return ran.output().strip();
    }

    Ran run(Path in, List<String> command) throws IOException, InterruptedException {
        Path output = Files.createTempFile(directory, "command", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end within " + LONGEST);
        }
        return new Ran(process.exitValue(), Files.readString(output));
    }
}
