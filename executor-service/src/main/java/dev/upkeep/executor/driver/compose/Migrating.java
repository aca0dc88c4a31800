package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.Nearer;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.compose.Engine.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Migrates by a one-off container of a service.
 *
 * <p>Failure: the container bears the step's name and stays when it has ended. An executor that takes over from one that
 * died waits for it, or reads how it ended, and starts no second one. A deadline kills it, a later attempt, and an engine
 * that can't be asked how it ended. What may go on after that has not failed: nobody can tell.
 */
final class Migrating {
    private static final Duration TIDYING = Duration.ofSeconds(15);

    private final Engine engine;
    private final Standing standing;

    Migrating(Engine engine, Standing standing) {
        this.engine = engine;
        this.standing = standing;
    }

    Outcome migrate(StepRequested request, Project project, List<Container> all, Version version, Work work)
            throws InterruptedException {
        String name = name(request, version);
        Optional<Container> earlier = named(all, name);
        if (earlier.isPresent() && !mayStay(request, earlier.get())) {
            remove(project, earlier.get(), work);
            earlier = Optional.empty();
        }
        if (earlier.isEmpty()) {
            for (Container old : all) {
                if (old.oneOff()
                        && old.service().equals(project.service())
                        && old.status().equals("exited")
                        && old.name().startsWith("upkeep-")) {
                    remove(project, old, work);
                }
            }
        }
        try {
            if (earlier.isEmpty()) {
                begin(request, project, version, name, work);
            }
            awaitEnd(project, name, work);
        } catch (Refused e) {
            Optional<List<Container>> halted = halted(project, name, work);
            if (halted.isEmpty()) {
                return goesOnPerhaps(name, e.failed().reason());
            }
            boolean endedWell = halted.get().stream().anyMatch(c -> c.status().equals("exited") && c.exit() == 0);
            if (e.failed().code() == Failure.DEADLINE_PASSED || !endedWell) {
                throw e;
            }
        } catch (InterruptedException e) {
            if (!work.left().isZero() && !work.superseded()) {
                // It goes on for whoever takes over.
                throw e;
            }
            if (halted(project, name, work).isEmpty()) {
                return goesOnPerhaps(name, work.superseded() ? "a later attempt has come" : "its deadline has passed");
            }
            throw e;
        }
        Container ended = standing.inspected(project, List.of(name), work).stream()
                .findFirst()
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.MIGRATION_FAILED,
                        "container " + name + " was removed while it migrated",
                        "Find out how far it came: the schema tells")));
        return outcome(request, project, ended, work);
    }

    Look look(StepRequested request, Project project, List<Container> all, Version version, Work work)
            throws InterruptedException {
        Optional<Container> there = named(all, name(request, version));
        if (there.isEmpty() || there.get().status().equals("created")) {
            return new Look.NotDone();
        }
        if (!there.get().status().equals("exited")) {
            // Whoever carries the step out waits for it.
            return new Look.NotDone();
        }
        return outcome(request, project, there.get(), work) instanceof Done done
                ? new Look.Done(done.found(), "found done: " + done.summary())
                : new Look.NotDone();
    }

    /** A new attempt starts what failed anew; what ended well, and what still runs, counts for it as well. */
    private static boolean mayStay(StepRequested request, Container earlier) {
        boolean sameAttempt = earlier.token() == request.token().value();
        boolean failed = earlier.status().equals("exited") && earlier.exit() != 0;
        return !earlier.status().equals("created") && (!failed || sameAttempt);
    }

    private void begin(StepRequested request, Project project, Version version, String name, Work work)
            throws InterruptedException {
        // The project's own pin stays what it is until the version is started.
        Path pin = work.scratch().resolve("migrate.yml");
        try {
            Pin.write(
                    pin,
                    project.service(),
                    project.checkout().isPresent() ? Optional.empty() : Optional.of(Pin.of(request, version)),
                    version,
                    request.token());
        } catch (IOException e) {
            throw Artifacts.trouble("can't pin the migration", e);
        }
        List<String> arguments = new ArrayList<>(project.chosen(pin));
        arguments.addAll(List.of("run", "--detach", "--no-deps", "--no-TTY", "--name", name));
        arguments.addAll(List.of("--label", Container.TOKEN + "=" + request.token()));
        arguments.addAll(List.of("--label", Container.VERSION + "=" + version));
        arguments.add(project.service());
        arguments.addAll(Checkout.words(
                "migrate", project.setting("migrate").orElse("migrate"), Checkout.values(request, project, version)));
        Said said = engine.act(project, arguments, work);
        if (!said.well()) {
            throw new Refused(Failed.forGood(
                    Failure.MIGRATION_FAILED,
                    "the migration's container was not started: " + said.tail(project),
                    "Correct what compose complains of"));
        }
    }

    private void awaitEnd(Project project, String name, Work work) throws InterruptedException {
        Said said = engine.act(project, List.of("wait", name), work);
        if (!said.well() && !said.complainsOnlyOf("no such container")) {
            throw Engine.blind(project, said);
        }
        if (standing.inspected(project, List.of(name), work).stream().anyMatch(Container::alive)) {
            throw new Refused(Failed.retryable(
                    Failure.ENGINE_DOWN,
                    "the container engine said that " + name + " had ended, and it had not",
                    "Look at the engine's log"));
        }
    }

    /**
     * Kills it, with time of its own, and looks.
     *
     * @return what is left of it, which does nothing any more; empty if it may go on
     */
    private Optional<List<Container>> halted(Project project, String name, Work work) {
        boolean interrupted = false;
        try {
            for (int i = 0; i < 2; i++) {
                Work tidying = Nearer.afterwards(TIDYING, work);
                try {
                    // That it did not end well may mean that there was nothing to kill: the look tells.
                    engine.act(project, List.of("kill", name), tidying);
                    List<Container> left = standing.inspected(project, List.of(name), tidying);
                    return left.stream().anyMatch(Container::alive) ? Optional.empty() : Optional.of(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (Refused e) {
                    return Optional.empty();
                }
            }
            return Optional.empty();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Outcome goesOnPerhaps(String name, String why) {
        return new Outcome.Uncertain("container " + name + " may still migrate, it could not be ended: " + why);
    }

    private void remove(Project project, Container container, Work work) throws InterruptedException {
        engine.act(project, List.of("rm", container.id()), work);
    }

    private Outcome outcome(StepRequested request, Project project, Container ended, Work work)
            throws InterruptedException {
        List<String> log = engine.look(project, List.of("logs", "--tail", "20000", ended.id()), work)
                .lines();
        keep(request, project, log);
        return outcome(project, log, ended.exit());
    }

    /** What an exit code and a log say of a migration, however it was run. */
    static Outcome outcome(Project project, List<String> said, int exit) {
        List<String> log = said.stream().map(project::masked).toList();
        MigrationLog.Summary summary = project.migrationLog().read(log);
        if (exit == 0) {
            Map<String, String> found = new HashMap<>(summary.found());
            return new Done(found, summary.silent() ? "the migration ended well" : summary.told());
        }
        return MigrationLog.failure(summary)
                .orElse(Failed.forGood(
                        Failure.MIGRATION_FAILED,
                        "the migration ended with exit code " + exit + "; last lines: "
                                + String.join("\n", log.subList(Math.max(0, log.size() - 10), log.size())),
                        "Correct what it complains of, in a new release if it is the release's"));
    }

    /** For people: the container goes with the next migration. */
    private static void keep(StepRequested request, Project project, List<String> log) {
        try {
            Files.write(project.note(request, "log"), log);
        } catch (IOException e) {
            throw Artifacts.trouble("can't keep the migration's log", e);
        }
    }

    private static Optional<Container> named(List<Container> all, String name) {
        return all.stream().filter(c -> c.name().equals(name)).findFirst();
    }

    private static String name(StepRequested request, Version version) {
        return ("upkeep-" + request.upgrade() + "-" + request.step() + "-" + version)
                .replaceAll("[^A-Za-z0-9_.-]", "-");
    }
}
