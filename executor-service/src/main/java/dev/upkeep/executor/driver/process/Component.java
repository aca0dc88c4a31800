package dev.upkeep.executor.driver.process;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.LocalPrograms;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Launches a component's process, waits until it is up, and ends it. */
final class Component {
    private static final Duration INTERVAL = Duration.ofMillis(50);
    private static final int CONNECT_MILLIS = 500;
    /** What is left of the deadline for ending a process that did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(3);

    private static final Duration FORCE = Duration.ofSeconds(5);
    private static final String SETTINGS_HINT = "Correct the component's setting";

    /** The process in a session of its own, so that it outlives this executor. */
    Running launch(StepRequested request, Home home, Version version, Work work) throws IOException {
        Target target = request.target();
        if (accepts(request, work)) {
            throw new Refused(Failed.retryable(
                    Failure.PORT_TAKEN,
                    "something else accepts connections on " + address(target, work) + ", where " + target.component()
                            + " should",
                    "Find what listens there and stop it, or give the component another port"));
        }
        home.freshLog();
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(argv(request, home, version, work));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.root().toFile())
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.appendTo(home.log().toFile()));
        builder.environment().clear();
        builder.environment().putAll(environment(request, home, version, work));
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new Refused(
                    Failed.forGood(
                            Failure.START_FAILED,
                            target.component() + " can't be started: " + e.getMessage(),
                            "Check the component's setting command"),
                    e);
        }
        Running running = ProcessTable.find(process.pid())
                .map(entry -> new Running(entry.pid(), entry.birth(), version, request.token()))
                .orElseThrow(() -> exited(target, home));
        home.note(running);
        return running;
    }

    /** Waits until it accepts connections; ends it if it does not in time, so that nothing half started is left. */
    Outcome awaitUp(StepRequested request, Home home, Running running, Work work)
            throws IOException, InterruptedException {
        Instant began = work.now();
        while (!accepts(request, work)) {
            if (!running.alive()) {
                home.forget();
                throw exited(request.target(), home);
            }
            if (work.left().compareTo(RESERVE) < 0) {
                stop(running, Duration.ofSeconds(1), work);
                home.forget();
                return Failed.retryable(
                        Failure.START_FAILED,
                        request.target().component() + " did not accept connections on "
                                + address(request.target(), work) + " in time and was stopped; last lines of its log: "
                                + LocalPrograms.tail(home.log()),
                        "Read " + home.log() + "; raise the deadline of start if it is only slow");
            }
            work.pause(INTERVAL);
        }
        if (!running.alive()) {
            home.forget();
            throw exited(request.target(), home);
        }
        return new Done(
                Map.of("process.pid", Long.toString(running.pid())),
                running.version() + " is up on " + address(request.target(), work) + " after "
                        + Duration.between(began, work.now()).toMillis() + " ms, pid " + running.pid());
    }

    /**
     * Asks the process to end, and ends its whole session if it does not.
     *
     * @return whether it ended by itself
     */
    boolean stop(Running running, Duration within, Work work) throws InterruptedException {
        if (running.alive()) {
            ProcessHandle.of(running.pid()).ifPresent(ProcessHandle::destroy);
        }
        boolean byItself = awaitGone(running, work.now().plus(within), work);
        ProcessTable.session(running.pid())
                .forEach(left -> ProcessHandle.of(left.pid()).ifPresent(ProcessHandle::destroyForcibly));
        if (!awaitGone(running, work.now().plus(FORCE), work)) {
            throw new Refused(Failed.retryable(
                    Failure.STOP_FAILED,
                    "process " + running.pid() + " is still there after being killed",
                    "Look at what it waits for in the kernel: a dead disk or network file system?"));
        }
        return byItself;
    }

    private static boolean awaitGone(Running running, Instant until, Work work) throws InterruptedException {
        while (running.alive()) {
            if (!work.now().isBefore(until)) {
                return false;
            }
            work.pause(INTERVAL);
        }
        return true;
    }

    /** Whether something accepts connections where the component should; true if it has no port. */
    boolean accepts(StepRequested request, Work work) {
        Optional<InetSocketAddress> address =
                port(request.target(), work).map(port -> new InetSocketAddress(host(request.target(), work), port));
        if (address.isEmpty()) {
            return home(request, work).running().isPresent();
        }
        try (Socket socket = new Socket()) {
            socket.connect(address.get(), CONNECT_MILLIS);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    static Duration span(StepRequested request, Work work, String key, Duration otherwise) {
        Optional<String> text = work.secrets().find(request.target(), key);
        try {
            return text.map(Duration::parse).orElse(otherwise);
        } catch (DateTimeException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting " + key + " '" + text.orElse("") + "' of "
                            + request.target().component() + " is no ISO 8601 duration, such as PT10S",
                    SETTINGS_HINT));
        }
    }

    private static Refused exited(Target target, Home home) {
        return new Refused(Failed.retryable(
                Failure.START_FAILED,
                target.component() + " ended while it was starting; last lines of its log: "
                        + LocalPrograms.tail(home.log()),
                "Read " + home.log()));
    }

    private static List<String> argv(StepRequested request, Home home, Version version, Work work) {
        Map<String, String> values = new HashMap<>(Map.of(
                "java",
                work.secrets()
                        .find(request.target(), "java")
                        .orElseGet(() -> Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString()),
                "artifact",
                home.artifact(version).toString(),
                "version",
                version.toString(),
                "home",
                home.root().toString()));
        port(request.target(), work).ifPresent(port -> values.put("port", port.toString()));
        try {
            return CommandLine.of(work.secrets().need(request.target(), "command"), values);
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting command of " + request.target().component() + ": " + e.getMessage(),
                    SETTINGS_HINT));
        }
    }

    private static Map<String, String> environment(StepRequested request, Home home, Version version, Work work) {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin"));
        environment.put("HOME", home.root().toString());
        environment.put("LANG", "C.UTF-8");
        request.target().settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring("env.".length()), work.secrets().resolve(value));
            }
        });
        environment.put(Home.MARK_HOME, home.root().toString());
        environment.put(Home.MARK_VERSION, version.toString());
        environment.put(Home.MARK_TOKEN, request.token().toString());
        return environment;
    }

    private static Home home(StepRequested request, Work work) {
        return new Home(Path.of(work.secrets().need(request.target(), "home")));
    }

    private static String host(Target target, Work work) {
        return work.secrets().find(target, "host").orElse("127.0.0.1");
    }

    private static String address(Target target, Work work) {
        return host(target, work) + ":"
                + port(target, work).map(String::valueOf).orElse("(no port)");
    }

    private static Optional<Integer> port(Target target, Work work) {
        Optional<String> text = work.secrets().find(target, "port");
        try {
            return text.map(Integer::valueOf);
        } catch (NumberFormatException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "setting port '" + text.orElse("") + "' of " + target.component() + " is no number",
                    SETTINGS_HINT));
        }
    }
}
