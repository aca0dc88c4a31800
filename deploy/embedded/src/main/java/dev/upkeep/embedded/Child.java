package dev.upkeep.embedded;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A child process that cannot outlive its owner.
 *
 * <p>Between the two stands a guard of a few lines of shell: it holds the reading end of a pipe whose writing end only
 * the owner has. However the owner ends, even by {@code kill -9}, the kernel closes that pipe, and the guard stops the
 * child: first with the signal that asks, then with the one that does not.
 *
 * <p>Ordering: the child has a session of its own, so that a Ctrl-C in the terminal reaches the owner alone and the
 * owner decides in which order its children stop. Failure: should both owner and guard be killed, the child is left over;
 * the next start on the same directory finds and stops it (see {@link Leftovers}).
 */
public final class Child implements AutoCloseable {
    private static final long LARGEST_LOG = 16L << 20;
    private static final int LAST_WORDS = 4_000;
    private static final Duration AFTER_THE_KILL = Duration.ofSeconds(10);

    // The child is signalled only while it was born when it was: should this shell be killed and its PID go to a
    // stranger, the
    // watcher leaves that one alone.
    private static final String GUARD = """
            signal=$1 grace=$2 pidfile=$3 trash=$4 log=$5
            shift 5
            exec 3<&0
            "$@" </dev/null 2>&1 3<&- &
            child=$!
            born() { { read -r stat <"/proc/$child/stat" && set -- ${stat##*) } && echo "${20}"; } 2>/dev/null; }
            (
                birth=$(born)
                while read -r _; do :; done <&3
                [ -z "$birth" ] || [ "$birth" != "$(born)" ] || kill -s "$signal" "$child" 2>/dev/null
                waited=0
                while [ -n "$birth" ] && [ "$birth" = "$(born)" ]; do
                    [ "$waited" -lt "$grace" ] || kill -s KILL "$child" 2>/dev/null
                    waited=$((waited + 1))
                    sleep 0.1
                done
            ) &
            watcher=$!
            exec 3<&-
            [ -z "$pidfile" ] || echo "$child" >"$pidfile"
            wait "$child"
            status=$?
            kill -s KILL "$watcher" 2>/dev/null
            # By now it may belong to the child of the next owner.
            [ -z "$pidfile" ] || [ "$(cat "$pidfile")" != "$child" ] || rm -f -- "$pidfile"
            [ -z "$trash" ] || { tail -c 4000 "$log" >&2; rm -rf -- "$trash"; }
            exit "$status"
            """;

    private final String name;
    private final Process guard;
    private final Path log;
    private final long logStart;
    private final @Nullable Path pidFile;
    private final Duration grace;

    private Child(Order order, Process guard, long logStart) {
        this.name = order.name;
        this.guard = guard;
        this.log = order.log;
        this.logStart = logStart;
        this.pidFile = order.pidFile;
        this.grace = order.grace;
    }

    /** Orders a child by this name, with its output appended to this log. */
    public static Order named(String name, Path log) {
        return new Order(name, log);
    }

    /**
     * Stops what an owner left behind that was killed together with its children's guards: the processes that work in this
     * directory and were started with all of these arguments. Only for whoever has the directory to itself.
     */
    public static void stopLeftovers(Path directory, List<String> arguments) {
        try {
            Leftovers.stop(Leftovers.startedIn(directory.toRealPath(), arguments), "TERM", Duration.ofSeconds(20));
        } catch (IOException e) {
            throw StartFailure.fromFiles("a process left behind", directory, e);
        }
    }

    /** What it was named. */
    public String name() {
        return name;
    }

    /** Where its output goes. */
    public Path log() {
        return log;
    }

    /** Whether it still runs. */
    public boolean isAlive() {
        return guard.isAlive();
    }

    /** Its process id; empty before it has started and after it has ended, and when no PID file was ordered. */
    public OptionalLong pid() {
        if (pidFile == null || !isAlive()) {
            return OptionalLong.empty();
        }
        try {
            String text = Files.readString(pidFile).strip();
            return text.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (IOException notYetWritten) {
            return OptionalLong.empty();
        }
    }

    /** Waits so long for its end, and says whether that came. */
    public boolean ended(Duration within) {
        try {
            return guard.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the end of " + name, interrupted);
        }
    }

    /** Its exit status, 128 and more for a signal; empty while it runs. */
    public Optional<Integer> exitStatus() {
        return guard.isAlive() ? Optional.empty() : Optional.of(guard.exitValue());
    }

    /** The end of what it wrote to its log since this start. */
    public String lastWords() {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            long from = Math.max(logStart, file.length() - LAST_WORDS);
            byte[] bytes = new byte[(int) Math.max(0, file.length() - from)];
            file.seek(from);
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException deleted) {
            return testament();
        }
    }

    // Of a log that is deleted with its directory the guard passes the end on.
    private String testament() {
        try {
            return guard.isAlive() ? "" : new String(guard.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException alreadyClosed) {
            return "";
        }
    }

    /** Asks it to stop without waiting, so that several children can stop at the same time. */
    public void askToStop() {
        try {
            guard.getOutputStream().close();
        } catch (IOException alreadyGone) {
            // The guard has ended and with it the pipe: there is nobody left to ask.
            return;
        }
    }

    /** Stops it: asks, waits for the ordered grace, and then lets the guard kill it. Does nothing if it has ended. */
    @Override
    public void close() {
        askToStop();
        if (!ended(grace.plus(AFTER_THE_KILL))) {
            guard.descendants().forEach(ProcessHandle::destroyForcibly);
            guard.destroyForcibly();
        }
    }

    /** How a child is to be run. */
    public static final class Order {
        private final String name;
        private final Path log;
        private final Map<String, String> environment = new TreeMap<>();
        private @Nullable Path directory;
        private @Nullable Path pidFile;
        private @Nullable Path trash;
        private String signal = "TERM";
        private Duration grace = Duration.ofSeconds(20);

        private Order(String name, Path log) {
            this.name = name;
            this.log = log;
        }

        /** Where its output will go. */
        public Path log() {
            return log;
        }

        /** Runs it in this directory. */
        public Order in(Path workingDirectory) {
            this.directory = workingDirectory;
            return this;
        }

        /** Adds a variable to the environment it inherits. */
        public Order environment(String key, String value) {
            environment.put(key, value);
            return this;
        }

        /** Keeps its process id in this file while it runs. */
        public Order pidFile(Path file) {
            this.pidFile = file;
            return this;
        }

        /** Asks it to stop with this signal (a name as `kill -s` takes it, TERM unless told) and kills it after the grace. */
        public Order stopsOn(String signalName, Duration graceBeforeKill) {
            this.signal = signalName;
            this.grace = graceBeforeKill;
            return this;
        }

        /** Deletes this directory of its own when it has ended, however that comes about. */
        Order deletes(Path temporary) {
            this.trash = temporary;
            return this;
        }

        /** Starts it. */
        public Child start(List<String> command) {
            try {
                if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
                    Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
                }
                long logStart = Files.exists(log) ? Files.size(log) : 0;
                return new Child(this, guarded(command).start(), logStart);
            } catch (IOException e) {
                if (String.valueOf(e.getMessage()).contains("Cannot run program")) {
                    throw new StartFailure(
                            StartFailure.Kind.MISSING_PROGRAM,
                            name + " could not be run (" + e.getMessage() + ")",
                            "install util-linux and a POSIX sh, which every Linux has by default, and put them on PATH",
                            e);
                }
                throw StartFailure.fromFiles(name, log, e);
            }
        }

        private ProcessBuilder guarded(List<String> command) {
            List<String> all = new ArrayList<>(List.of("setsid", "sh", "-c", GUARD, "guard of " + name, signal));
            all.add(String.valueOf(grace.toMillis() / 100));
            all.add(pidFile == null ? "" : pidFile.toString());
            all.add(trash == null ? "" : trash.toString());
            all.add(log.toString());
            all.addAll(command);
            ProcessBuilder builder =
                    new ProcessBuilder(all).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().putAll(environment);
            if (directory != null) {
                builder.directory(directory.toFile());
            }
            return builder;
        }
    }
}
