package dev.upkeep.executor.driver.command;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.CommandLine;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.NamedCommands;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Programs.Ran;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Carries actions out by commands that the descriptor or the tenant names: {@code task.NAME} for a task, {@code do.WORD}
 * for another action, such as {@code do.pause-work}. A template is split into arguments and never given to a shell;
 * {@code {home} {from} {to} {tenant} {upgrade}} stand for what they say. {@code home} is where it notes what began and what
 * ended well, {@code env.NAME} the commands' environment.
 *
 * <p>What an action must find is read from what its command prints: check-settings the names that are set, one a line;
 * check-compatibility the version, snapshot-key the fingerprint, as the last line; dry-run the diff. A command for
 * backup-configuration ends well only if the copy was compared; every command but a task can be run again without harm.
 *
 * <p>Failure: a task that began and did not end is never run again by itself: nobody can tell what it did.
 */
@ApplicationScoped
public class CommandDriver implements Driver, NamedCommands {
    private static final DriverName NAME = new DriverName("command");
    private static final int MOST_OUTPUT = 64_000;

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
        return Set.of(
                Action.RunTask.class,
                Action.CheckSettings.class,
                Action.CheckCompatibility.class,
                Action.BackupDatabase.class,
                Action.EndCapture.class,
                Action.BackupConfiguration.class,
                Action.SnapshotKey.class,
                Action.PauseWork.class,
                Action.DryRun.class,
                Action.Teardown.class,
                Action.ResumeWork.class,
                Action.RestoreConfiguration.class,
                Action.AttachKey.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return Order.of(action).filter(order -> !order.once()).isPresent();
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Optional<Order> order = Order.of(request.action());
        if (order.isEmpty()) {
            return Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver command can't " + request.action().word(),
                    "Use another driver for this component, or another action");
        }
        String template = request.target().settings().get(order.get().setting());
        if (template == null) {
            return unnamed(request, order.get());
        }
        Path home = home(request, work);
        FileFence fence = FileFence.hold(home, request.token(), work);
        try {
            if (Files.exists(ended(home, request))) {
                return read(order.get(), request, home);
            }
            if (order.get().once() && Files.exists(begun(home, request))) {
                return new Outcome.Uncertain(order.get().name() + " began before and nobody knows how far it came");
            }
            return run(request, order.get(), template, home, work);
        } catch (IOException e) {
            throw Artifacts.trouble("home " + home, e);
        } finally {
            fence.close();
        }
    }

    /** What nobody captured needs no end; everything else must be named. */
    private static Outcome unnamed(StepRequested request, Order order) {
        return request.action() instanceof Action.EndCapture
                ? new Done(Map.of(), "there is no capture of writes to end")
                : Failed.forGood(
                        Failure.UNKNOWN_TASK,
                        "component " + request.target().component() + " does not say how to carry out " + order.name(),
                        "Name the command in the descriptor or the tenant as setting " + order.setting());
    }

    @Override
    public Look look(StepRequested request, Work work) {
        Path home = home(request, work);
        Optional<Order> order = Order.of(request.action());
        if (order.isPresent() && Files.exists(ended(home, request))) {
            try {
                if (read(order.get(), request, home) instanceof Done done) {
                    return new Look.Done(
                            done.found(), "found done: " + order.get().name() + " had ended well");
                }
            } catch (IOException e) {
                return new Look.Unknown("home " + home + ": " + e);
            }
        }
        return order.isPresent() && order.get().once() && Files.exists(begun(home, request))
                ? new Look.Unknown("the task began and nobody knows how far it came")
                : new Look.NotDone();
    }

    @Override
    public Outcome perform(StepRequested request, Path home, Work work) throws InterruptedException {
        return perform(at(home, request), work);
    }

    @Override
    public Look look(StepRequested request, Path home, Work work) {
        return look(at(home, request), work);
    }

    /** The same request for a component whose home is elsewhere than its own driver's settings say. */
    private static StepRequested at(Path home, StepRequested r) {
        Map<String, String> settings = new HashMap<>(r.target().settings());
        settings.put("home", home.toString());
        Target target = new Target(
                r.target().component(),
                r.target().driver(),
                settings,
                r.target().artifacts());
        return new StepRequested(
                r.tenant(),
                r.upgrade(),
                r.step(),
                r.attempt(),
                r.token(),
                r.action(),
                r.product(),
                r.from(),
                r.to(),
                target,
                r.uses(),
                r.migrations(),
                r.facts(),
                r.deadline());
    }

    private Outcome run(StepRequested request, Order order, String template, Path home, Work work)
            throws IOException, InterruptedException {
        Map<String, String> values = Map.of(
                "home", home.toString(),
                "from", request.from().toString(),
                "to", request.to().toString(),
                "tenant", request.tenant().value(),
                "upgrade", request.upgrade().value());
        List<String> argv;
        try {
            argv = CommandLine.of(work.secrets().resolve(template), values);
        } catch (IllegalArgumentException e) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING, "setting " + order.setting() + ": " + e.getMessage(), "Correct it"));
        }
        Map<String, String> environment = new HashMap<>();
        request.target().settings().forEach((key, value) -> {
            if (key.startsWith("env.")) {
                environment.put(key.substring("env.".length()), work.secrets().resolve(value));
            }
        });
        Path output = output(home, request);
        // An attempt's output begins where the one before left off.
        long from = Files.exists(output) ? Files.size(output) : 0;
        Files.writeString(begun(home, request), Long.toString(from));
        Artifacts.sync(home);
        Ran ran = programs.run(argv, environment, home, output, work);
        if (ran.exit() != 0) {
            // It told us how it ended: a person may have it run again.
            Files.deleteIfExists(begun(home, request));
            boolean secret = request.action() instanceof Action.SnapshotKey;
            return Failed.forGood(
                    Failure.TASK_FAILED,
                    order.name() + " ended with exit code " + ran.exit()
                            + (secret ? "" : "; last lines: " + ran.tail()),
                    "Read " + output);
        }
        Files.move(begun(home, request), ended(home, request), StandardCopyOption.ATOMIC_MOVE);
        Artifacts.sync(home);
        Outcome outcome = read(order, request, home);
        if (!(outcome instanceof Done)) {
            // It said nothing of use: once that is mended, it must be run again.
            Files.deleteIfExists(ended(home, request));
        }
        return outcome;
    }

    private static Outcome read(Order order, StepRequested request, Path home) throws IOException {
        long from = Long.parseLong(Files.readString(ended(home, request)).strip());
        try (SeekableByteChannel log = Files.newByteChannel(output(home, request))) {
            log.position(Math.min(from, log.size()));
            ByteBuffer text = ByteBuffer.allocate((int) Math.min(MOST_OUTPUT, log.size() - log.position()));
            while (text.hasRemaining() && log.read(text) >= 0) {}
            return order.read(request, new String(text.array(), 0, text.position(), StandardCharsets.UTF_8));
        }
    }

    private static Path home(StepRequested request, Work work) {
        return Path.of(work.secrets().need(request.target(), "home"))
                .toAbsolutePath()
                .normalize();
    }

    private static Path output(Path home, StepRequested request) {
        return home.resolve(name(request) + ".log");
    }

    private static Path begun(Path home, StepRequested request) {
        return home.resolve(name(request) + ".begun");
    }

    private static Path ended(Path home, StepRequested request) {
        return home.resolve(name(request) + ".ended");
    }

    /** Steps of different upgrades bear the same ids, and what one did is not done for the other. */
    private static String name(StepRequested request) {
        return (request.upgrade() + "." + request.step()).replace(':', '_');
    }
}
