package dev.upkeep.executor.driver;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs programs of this machine, each in a process group of its own that dies with the step and with the executor.
 *
 * <p>Failure: when the executor is killed, the kernel kills its programs ({@code setpriv --pdeathsig}); that signal
 * comes when the thread that started them ends, hence one thread that starts them all and never ends.
 */
public final class LocalPrograms implements Programs, AutoCloseable {
    private static final int TAIL = 2000;
    private static final long GRACE_SECONDS = 2;

    private final List<Path> searchPath;
    private final ExecutorService starter = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("program-starter").daemon().factory());

    public LocalPrograms(List<Path> searchPath) {
        this.searchPath = List.copyOf(searchPath);
    }

    @Override
    public Ran run(
            List<String> argv, Map<String, String> environment, Path directory, String input, Path output, Work work)
            throws InterruptedException {
        Process process = start(argv, environment, directory, !input.isEmpty(), false, output);
        try {
            if (!input.isEmpty()) {
                tell(process, input);
            }
            return ended(process, argv, output, work);
        } finally {
            killGroup(process);
        }
    }

    @Override
    public Ran drain(
            List<String> argv, Map<String, String> environment, Path directory, Taker taker, Path said, Work work)
            throws IOException, InterruptedException {
        Process process = start(argv, environment, directory, false, true, said);
        return piped(process, () -> taker.take(process.getInputStream()), argv, said, work);
    }

    @Override
    public Ran feed(
            List<String> argv, Map<String, String> environment, Path directory, Giver giver, Path output, Work work)
            throws IOException, InterruptedException {
        Process process = start(argv, environment, directory, true, false, output);
        return piped(
                process,
                () -> {
                    giver.give(process.getOutputStream());
                    // Only what was given whole has an end.
                    closeQuietly(process.getOutputStream());
                },
                argv,
                output,
                work);
    }

    /** What goes through a pipe while its program runs. */
    private interface Pumping {
        void pump() throws IOException;
    }

    /** The program is over once both it and the pump are; the pump never outlives this. */
    private Ran piped(Process process, Pumping pumping, List<String> argv, Path said, Work work)
            throws IOException, InterruptedException {
        CompletableFuture<Optional<IOException>> pumped = new CompletableFuture<>();
        Thread pump = Thread.ofVirtual().name("program-pipe").start(() -> {
            try {
                pumping.pump();
                pumped.complete(Optional.empty());
            } catch (IOException | RuntimeException | Error e) {
                // Told before the program is killed: who finds it killed must find why.
                pumped.complete(Optional.of(
                        e instanceof IOException trouble ? trouble : new IOException("its pipe has a fault", e)));
                process.destroyForcibly();
            }
        });
        try {
            Ran ran = ended(process, argv, said, work);
            if (ran.exit() != 0 && !pumped.isDone()) {
                return ran;
            }
            Optional<IOException> trouble = pumped.get(work.left().toMillis(), TimeUnit.MILLISECONDS);
            if (trouble.isPresent()) {
                throw trouble.get();
            }
            return ran;
        } catch (ExecutionException | TimeoutException e) {
            throw new Refused(late(argv, said), e);
        } finally {
            killGroup(process);
            pump.interrupt();
            joined(pump);
        }
    }

    private static Ran ended(Process process, List<String> argv, Path output, Work work) throws InterruptedException {
        if (!process.waitFor(work.left().toMillis(), TimeUnit.MILLISECONDS)) {
            throw new Refused(late(argv, output));
        }
        return new Ran(process.exitValue(), tail(output));
    }

    private static Outcome.Failed late(List<String> argv, Path output) {
        return Outcome.Failed.retryable(
                Failure.DEADLINE_PASSED,
                name(argv) + " had not ended at the deadline and was killed; last lines: " + tail(output),
                "Look at why it took so long, or raise the action's deadline in the descriptor");
    }

    /** Whatever cuts this thread short: a pump that goes on would write into a file that the next attempt has taken. */
    private static void joined(Thread pump) {
        boolean interrupted = false;
        while (pump.isAlive()) {
            try {
                pump.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(OutputStream stream) {
        try {
            stream.close();
        } catch (IOException itEndedWithoutReading) {
            // How it ended says more.
        }
    }

    /** The last lines of a program's output, or nothing if it has none. */
    public static String tail(Path output) {
        try (RandomAccessFile file = new RandomAccessFile(output.toFile(), "r")) {
            long from = Math.max(0, file.length() - TAIL);
            byte[] end = new byte[(int) (file.length() - from)];
            file.seek(from);
            file.readFully(end);
            String text = new String(end, StandardCharsets.UTF_8).strip();
            int firstWhole = from == 0 ? 0 : text.indexOf('\n') + 1;
            return text.substring(firstWhole);
        } catch (IOException noOutput) {
            return "";
        }
    }

    private static void tell(Process process, String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException itEndedWithoutReading) {
            // How it ended says more.
        }
    }

    private Process start(
            List<String> argv,
            Map<String, String> environment,
            Path directory,
            boolean reads,
            boolean writes,
            Path output)
            throws InterruptedException {
        List<String> command = new ArrayList<>();
        find("setpriv").ifPresent(setpriv -> command.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL", "--")));
        // Without --fork setsid becomes the program, in a new session: its pid is also its group's.
        find("setsid").ifPresent(setsid -> command.add(setsid.toString()));
        command.addAll(argv);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(
                        reads
                                ? Redirect.PIPE
                                : Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(!writes)
                .redirectOutput(writes ? Redirect.PIPE : Redirect.appendTo(output.toFile()));
        if (writes) {
            builder.redirectError(Redirect.appendTo(output.toFile()));
        }
        builder.environment().clear();
        builder.environment().putAll(basics());
        builder.environment().putAll(environment);
        try {
            return starter.submit(builder::start).get();
        } catch (ExecutionException e) {
            throw new Refused(
                    Outcome.Failed.retryable(
                            Failure.TOOL_MISSING,
                            name(argv) + " can't be started: "
                                    + (e.getCause() == null
                                            ? e.getMessage()
                                            : e.getCause().getMessage()),
                            "Install it where the executor runs"),
                    e);
        }
    }

    private Map<String, String> basics() {
        Map<String, String> basics = new HashMap<>();
        basics.put(
                "PATH", String.join(":", searchPath.stream().map(Path::toString).toList()));
        basics.put("HOME", "/nonexistent");
        basics.put("LANG", "C.UTF-8");
        return basics;
    }

    private Optional<Path> find(String name) {
        return searchPath.stream()
                .map(directory -> directory.resolve(name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Children first, so that none is left without its parent's group; the group too, for those it orphaned. */
    private void killGroup(Process process) throws InterruptedException {
        boolean alive = process.isAlive();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        signalGroup(process.pid());
        if (alive) {
            process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void signalGroup(long group) {
        if (find("setsid").isEmpty()) {
            return;
        }
        find("kill").ifPresent(kill -> {
            try {
                starter.submit(() -> new ProcessBuilder(kill.toString(), "-KILL", "--", "-" + group)
                                .redirectErrorStream(true)
                                .redirectOutput(Redirect.DISCARD)
                                .start())
                        .get();
            } catch (ExecutionException | InterruptedException groupIsGone) {
                if (groupIsGone instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
            }
        });
    }

    private static String name(List<String> argv) {
        return Path.of(argv.getFirst()).getFileName().toString();
    }

    @Override
    public void close() {
        starter.shutdown();
    }
}
