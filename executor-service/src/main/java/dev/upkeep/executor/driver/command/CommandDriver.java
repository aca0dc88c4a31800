package dev.upkeep.executor.driver.command;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.RunTask;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Programs.Ran;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs a task once: {@code task.NAME} is its template, split into arguments and never given to a shell; a task without
 * such a setting does not exist. {@code home} is where it notes what began and what ended well, {@code env.NAME} the
 * tasks' environment.
 *
 * <p>Failure: a task that began and did not end is never run again by itself: nobody can tell what it did.
 */
@ApplicationScoped
public class CommandDriver implements Driver {
    private static final DriverName NAME = new DriverName("command");

    private final Programs programs;

    public CommandDriver(Programs programs) {
        this.programs = programs;
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(RunTask.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return false;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        if (!(request.action() instanceof RunTask(String task))) {
            return Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver command can't " + request.action().word(),
                    "Use another driver for this component, or another action");
        }
        String template = request.target().settings().get("task." + task);
        if (template == null) {
            return Failed.forGood(
                    Failure.UNKNOWN_TASK,
                    "component " + request.target().component() + " has no task '" + task + "'",
                    "Name it in the descriptor as setting task." + task);
        }
        Path home = home(request, work);
        FileFence fence = FileFence.hold(home, request.token(), work);
        try {
            if (Files.exists(ended(home, request))) {
                return new Done(Map.of(), "task " + task + " had ended well before");
            }
            if (Files.exists(begun(home, request))) {
                return new Outcome.Uncertain("task " + task + " began before and nobody knows how far it came");
            }
            return run(request, task, template, home, work);
        } catch (IOException e) {
            throw Artifacts.trouble("home " + home, e);
        } finally {
            fence.close();
        }
    }

    @Override
    public Look look(StepRequested request, Work work) {
        Path home = home(request, work);
        if (Files.exists(ended(home, request))) {
            return new Look.Done(Map.of(), "found done: the task had ended well");
        }
        return Files.exists(begun(home, request))
                ? new Look.Unknown("the task began and nobody knows how far it came")
                : new Look.NotDone();
    }

    private Outcome run(StepRequested request, String task, String template, Path home, Work work)
            throws IOException, InterruptedException {
        Map<String, String> values = Map.of(
                "home", home.toString(),
                "from", request.from().toString(),
                "to", request.to().toString(),
                "tenant", request.tenant().value());
        List<String> argv;
        try {
            argv = CommandLine.of(work.secrets().resolve(template), values);
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING, "setting task." + task + ": " + e.getMessage(), "Correct it"));
        }
        Map<String, String> environment = new HashMap<>();
        request.target().settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring("env.".length()), work.secrets().resolve(value));
            }
        });
        Path output = home.resolve(name(request) + ".log");
        note(begun(home, request));
        Ran ran = programs.run(argv, environment, home, output, work);
        if (ran.exit() != 0) {
            // It told us how it ended: a person may have it run again.
            Files.deleteIfExists(begun(home, request));
            return Failed.forGood(
                    Failure.TASK_FAILED,
                    "task " + task + " ended with exit code " + ran.exit() + "; last lines: " + ran.tail(),
                    "Read " + output);
        }
        Files.move(begun(home, request), ended(home, request), StandardCopyOption.ATOMIC_MOVE);
        Artifacts.sync(home);
        return new Done(
                Map.of("task.exit", "0"),
                "task " + task + " ended well"
                        + (ran.tail().isEmpty()
                                ? ""
                                : ": " + ran.tail().lines().toList().getLast()));
    }

    private static void note(Path file) throws IOException {
        Files.createFile(file);
        Artifacts.sync(requireNonNull(file.getParent()));
    }

    private static Path home(StepRequested request, Work work) {
        return Path.of(work.secrets().need(request.target(), "home"))
                .toAbsolutePath()
                .normalize();
    }

    private static Path begun(Path home, StepRequested request) {
        return home.resolve(name(request) + ".begun");
    }

    private static Path ended(Path home, StepRequested request) {
        return home.resolve(name(request) + ".ended");
    }

    /** A step is unique in its upgrade: the same task of a later upgrade is another one. */
    private static String name(StepRequested request) {
        return (request.upgrade() + "." + request.step()).replace(':', '_');
    }
}
