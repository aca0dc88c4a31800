package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.OwnSchema;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.compose.Engine.Said;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Stops and starts one service of a project and nothing else of it. */
final class Workload {
    private final Engine engine;
    private final Standing standing;
    private final Rising rising;

    Workload(Engine engine, Standing standing) {
        this.engine = engine;
        this.standing = standing;
        this.rising = new Rising(engine, standing);
    }

    Outcome stop(Project project, List<Container> all, Work work) throws InterruptedException {
        Optional<Failed> comesBack = standing.keepDown(project, Standing.ofService(project, all), work);
        if (comesBack.isPresent()) {
            return comesBack.get();
        }
        List<Container> running = alive(Standing.ofService(project, all));
        if (running.isEmpty()) {
            return new Done(Map.of(), project.service() + " was not running");
        }
        Said said = compose(project, List.of("stop", project.service()), work);
        List<Container> left = alive(standing.inspected(project, ids(running), work));
        if (!said.well() || !left.isEmpty()) {
            return Failed.retryable(
                    Failure.STOP_FAILED,
                    project.service() + " did not stop: "
                            + (left.isEmpty()
                                    ? said.tail(project)
                                    : left.getFirst().told()),
                    "Look at what it waits for: docker compose ps, docker logs");
        }
        return new Done(Map.of(), "stopped " + project.service() + of(running));
    }

    /** Takes the project down, never with its volumes. */
    Outcome tearDown(Project project, List<Container> all, Work work) throws InterruptedException {
        if (all.isEmpty()) {
            return new Done(Map.of(), "nothing of " + project.directory() + " was there");
        }
        // With what only a profile brings up, and with what the file no longer names.
        Said said = compose(project, List.of("--profile", "*", "down", "--remove-orphans"), work);
        if (!said.well()) {
            return Failed.retryable(
                    Failure.STOP_FAILED,
                    project.directory() + " was not taken down: " + said.tail(project),
                    "Look at what holds it: docker compose ps");
        }
        List<Container> left = standing.containers(project, work);
        if (!left.isEmpty()) {
            return Failed.retryable(
                    Failure.STOP_FAILED,
                    project.directory() + " was not wholly taken down: "
                            + left.stream().map(Container::told).collect(Collectors.joining(", ")),
                    "Look at what holds it: docker compose ps --all");
        }
        return new Done(Map.of(), "took " + project.directory() + " down; its volumes stay");
    }

    Outcome start(
            StepRequested request, Project project, List<Container> all, Version version, Moment schema, Work work)
            throws InterruptedException {
        List<Container> there = Standing.ofService(project, all);
        Rising.Wanted wanted = wanted(request, project, version, work);
        boolean found = !there.isEmpty()
                && there.stream().allMatch(c -> c.runs() && wanted.isBy(c))
                && isRestartedAsWanted(project, there, work);
        if (!found || !migratesOnStart(project)) {
            // What migrates when it starts has left its schema before by the time it is found running.
            OwnSchema.checkStart(request, migratesOnStart(project), version, schema, work);
        }
        if (!found) {
            Optional<Container> other =
                    there.stream().filter(c -> c.runs() && !wanted.isBy(c)).findFirst();
            if (other.isPresent()) {
                return Failed.forGood(
                        Failure.START_FAILED,
                        project.service() + " still runs another image" + of(List.of(other.get())),
                        "Stop it first; a procedure stops a component before it starts another version of it");
            }
        }
        return up(request, project, there, version, wanted, found, work);
    }

    /** As a start, in place of what runs. */
    Outcome redeploy(
            StepRequested request, Project project, List<Container> all, Version version, Moment schema, Work work)
            throws InterruptedException {
        List<Container> there = Standing.ofService(project, all);
        Rising.Wanted wanted = wanted(request, project, version, work);
        boolean found = isRedeployed(request, there, wanted);
        if (!found || !migratesOnStart(project)) {
            OwnSchema.checkStart(request, migratesOnStart(project), version, schema, work);
        }
        return up(request, project, there, version, wanted, found, work);
    }

    boolean isStopped(Project project, List<Container> all) {
        return alive(Standing.ofService(project, all)).isEmpty();
    }

    boolean isStarted(StepRequested request, Project project, List<Container> all, Version version, Work work)
            throws InterruptedException {
        List<Container> there = Standing.ofService(project, all);
        Rising.Wanted wanted = wanted(request, project, version, work);
        return !there.isEmpty()
                && there.stream().allMatch(c -> c.surelyUp() && wanted.isBy(c))
                && isRestartedAsWanted(project, there, work);
    }

    /** A stop that failed after it had told the engine to leave the containers down has to be made good. */
    private boolean isRestartedAsWanted(Project project, List<Container> there, Work work) throws InterruptedException {
        return there.stream().noneMatch(Container::staysDown) || !standing.wantsRestarts(project, work);
    }

    boolean isRedeployed(StepRequested request, Project project, List<Container> all, Version version, Work work)
            throws InterruptedException {
        List<Container> there = Standing.ofService(project, all);
        return isRedeployed(request, there, wanted(request, project, version, work))
                && there.stream().allMatch(Container::surelyUp);
    }

    private static boolean isRedeployed(StepRequested request, List<Container> there, Rising.Wanted wanted) {
        return !there.isEmpty()
                && there.stream()
                        .allMatch(c -> c.runs()
                                && wanted.isBy(c)
                                && c.token() == request.token().value());
    }

    private Rising.Wanted wanted(StepRequested request, Project project, Version version, Work work)
            throws InterruptedException {
        if (project.checkout().isPresent()) {
            return new Rising.Wanted(Optional.empty(), Optional.empty(), version);
        }
        ImageName pin = Pin.of(request, version);
        return new Rising.Wanted(Optional.of(pin), standing.image(project, pin.reference(), work), version);
    }

    static boolean migratesOnStart(Project project) {
        return project.setting("migrates").filter("on-start"::equals).isPresent();
    }

    private Outcome up(
            StepRequested request,
            Project project,
            List<Container> there,
            Version version,
            Rising.Wanted wanted,
            boolean found,
            Work work)
            throws InterruptedException {
        Rising.Watch watch = Rising.Watch.from(there, request.token(), work);
        if (found) {
            return rising.await(project, ids(there), watch, wanted, work);
        }
        if (wanted.pin().isPresent() && wanted.image().isEmpty()) {
            return Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "the engine has no image " + wanted.pin().get().reference(),
                    "Fetch the artifact before the start");
        }
        pin(request, project, version, wanted);
        List<String> arguments = new ArrayList<>(List.of("up", "--detach", "--no-deps"));
        if (wanted.pin().isPresent()) {
            // What is started is what was fetched and checked, and nothing that is come by only now.
            arguments.addAll(List.of("--no-build", "--pull", "never"));
        }
        arguments.add(project.service());
        Said said = compose(project, arguments, work);
        if (!said.well()) {
            return Failed.retryable(
                    Failure.START_FAILED,
                    "compose did not start " + project.service() + ": " + said.tail(project),
                    "Correct what it complains of");
        }
        List<Container> now = Standing.ofService(project, standing.containers(project, work));
        return rising.await(project, ids(now), watch, wanted, work);
    }

    private static void pin(StepRequested request, Project project, Version version, Rising.Wanted wanted) {
        try {
            Optional<String> variable = project.setting("image-variable");
            if (variable.isPresent() && wanted.pin().isPresent()) {
                EnvFile.set(
                        project.variables(), variable.get(), wanted.pin().get().reference());
            }
            Optional<String> tag = project.setting("tag-variable");
            if (tag.isPresent()) {
                EnvFile.set(project.variables(), tag.get(), version.toString());
            }
            Pin.write(
                    project.override(),
                    project.service(),
                    variable.isPresent() ? Optional.empty() : wanted.pin(),
                    version,
                    request.token());
        } catch (IOException e) {
            throw Artifacts.trouble("can't pin " + project.service() + " in " + project.directory(), e);
        }
    }

    private Said compose(Project project, List<String> arguments, Work work) throws InterruptedException {
        List<String> all = new ArrayList<>(project.chosen());
        all.addAll(arguments);
        return engine.act(project, all, work);
    }

    private static List<Container> alive(List<Container> containers) {
        return containers.stream().filter(Container::alive).toList();
    }

    private static List<String> ids(List<Container> containers) {
        return containers.stream().map(Container::id).toList();
    }

    private static String of(List<Container> containers) {
        String versions = containers.stream()
                .map(Container::version)
                .filter(v -> !v.isEmpty())
                .distinct()
                .collect(Collectors.joining(", "));
        return versions.isEmpty() ? "" : " (" + versions + ")";
    }
}
