package dev.upkeep.executor.driver.process;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.FetchArtifact;
import dev.upkeep.contract.step.Action.Redeploy;
import dev.upkeep.contract.step.Action.Start;
import dev.upkeep.contract.step.Action.Stop;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Driver;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.OwnSchema;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fetches, stops and starts components that are processes.
 *
 * <p>Settings: {@code home} (its directory), {@code command} (a template with {@code {java} {artifact} {version} {home}
 * {port}}, split into arguments, never given to a shell), {@code port} (it is up when it accepts there), {@code host}
 * (default 127.0.0.1), {@code stop-within} (default PT10S: how long it may take to end by itself), {@code java} (the
 * program for {java}), {@code env.NAME} (its environment, all of it).
 *
 * <p>Failure: the process is marked in its environment with its home, version and token, so that an executor that dies
 * between starting it and noting its pid starts no second one.
 */
@ApplicationScoped
public class ProcessDriver implements Driver {
    private static final DriverName NAME = new DriverName("process");

    private final Artifacts artifacts = new Artifacts();
    private final Component component = new Component();

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return Set.of(FetchArtifact.class, Stop.class, Start.class, Redeploy.class);
    }

    @Override
    public boolean repeatable(Action action) {
        return true;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Home home = home(request, work);
        FileFence fence = FileFence.hold(home.root(), request.token(), work);
        try {
            return switch (request.action()) {
                case FetchArtifact(Version version) -> fetch(request, home, version, work);
                case Stop() -> stop(request, home, work);
                case Start(Version version, Action.Moment schema) -> start(request, home, version, schema, work);
                case Redeploy(Version version, Action.Moment schema) -> {
                    stop(request, home, work);
                    yield start(request, home, version, schema, work);
                }
                default -> unsupported(request);
            };
        } catch (IOException e) {
            throw Artifacts.trouble("home " + home.root(), e);
        } finally {
            fence.close();
        }
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Home home = home(request, work);
        Optional<Running> running = home.running();
        try {
            boolean done = switch (request.action()) {
                case FetchArtifact(Version version) -> home.has(version, artifact(request, version));
                case Stop() -> running.isEmpty() && home.orphans().isEmpty();
                case Start(Version version, Action.Moment schema) ->
                    running.filter(r -> r.version().equals(version)).isPresent() && component.accepts(request, work);
                case Redeploy(Version version, Action.Moment schema) ->
                    running.filter(r -> r.version().equals(version) && r.token().equals(request.token()))
                                    .isPresent()
                            && component.accepts(request, work);
                default -> false;
            };
            return done
                    ? new Look.Done(
                            Map.of(),
                            "found done: " + request.action().word() + " of "
                                    + request.target().component())
                    : new Look.NotDone();
        } catch (IOException e) {
            return new Look.Unknown("home " + home.root() + ": " + e);
        }
    }

    private Outcome fetch(StepRequested request, Home home, Version version, Work work)
            throws IOException, InterruptedException {
        Artifact artifact = artifact(request, version);
        if (home.has(version, artifact)) {
            return new Done(Map.of(), version + " was already there, digest checked");
        }
        long bytes = artifacts.fetch(artifact, home.artifact(version), work);
        return new Done(
                Map.of("artifact.bytes", Long.toString(bytes)),
                "fetched " + version + ": " + bytes + " bytes, digest checked");
    }

    private Outcome stop(StepRequested request, Home home, Work work) throws IOException, InterruptedException {
        Optional<Running> running = home.running();
        if (running.isEmpty()) {
            home.orphans().forEach(left -> ProcessHandle.of(left.pid()).ifPresent(ProcessHandle::destroyForcibly));
            home.forget();
            return new Done(Map.of(), request.target().component() + " was not running");
        }
        Duration within = Component.span(request, work, "stop-within", Duration.ofSeconds(10));
        boolean byItself = component.stop(running.get(), within, work);
        home.forget();
        return new Done(
                Map.of("stop.forced", Boolean.toString(!byItself)),
                "stopped " + running.get().version() + (byItself ? "" : " by force: it did not end within " + within));
    }

    private Outcome start(StepRequested request, Home home, Version version, Action.Moment schema, Work work)
            throws IOException, InterruptedException {
        boolean migratesOnStart = "on-start".equals(request.target().settings().get("migrates"));
        OwnSchema.checkStart(request, migratesOnStart, version, schema, work);
        Optional<Running> running = home.running();
        if (running.isPresent() && !running.get().version().equals(version)) {
            return Failed.forGood(
                    Failure.START_FAILED,
                    request.target().component() + " still runs "
                            + running.get().version(),
                    "Stop it first; a procedure stops a component before it starts another version of it");
        }
        if (running.isEmpty()) {
            if (!home.has(version, artifact(request, version))) {
                return Failed.forGood(
                        Failure.ARTIFACT_MISSING,
                        home.artifact(version) + " is missing or does not have its release's digest",
                        "Fetch the artifact before the start");
            }
            running = Optional.of(component.launch(request, home, version, work));
        }
        return component.awaitUp(request, home, running.get(), work);
    }

    private static Home home(StepRequested request, Work work) {
        return new Home(Path.of(work.secrets().need(request.target(), "home")));
    }

    private static Artifact artifact(StepRequested request, Version version) {
        Artifact artifact = request.target().artifacts().get(version.toString());
        if (artifact == null) {
            throw new Refused(Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "the request names no artifact of " + request.target().component() + " for " + version,
                    "Publish the release with an artifact for this component"));
        }
        return artifact;
    }

    private static Failed unsupported(StepRequested request) {
        return Failed.forGood(
                Failure.UNSUPPORTED_ACTION,
                "driver process can't " + request.action().word(),
                "Use another driver for this component, or another action");
    }
}
