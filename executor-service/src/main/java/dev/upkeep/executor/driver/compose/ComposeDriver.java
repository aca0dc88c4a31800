package dev.upkeep.executor.driver.compose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.Configuration;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Keys;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.NamedCommands;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.WorkloadDriver;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fetches, migrates, stops and starts single services of Docker Compose projects, by docker's client and its compose
 * plugin of version 2.
 *
 * <p>Settings: {@code project} (its directory), {@code file} (in it, default docker-compose.yml), {@code service};
 * {@code override} (the file in which Upkeep pins the image, default upkeep.SERVICE.yml), {@code image-variable} (the
 * variable in {@code .env} that holds the image, pinned there instead), {@code tag-variable} (the one that holds the
 * version, besides); {@code files} (further files of its configuration); {@code checkout}, {@code prepare.1} and on (a
 * ref and commands, in place of an image); {@code migrate} (the arguments of the one-off container), {@code migrates:
 * on-start}, {@code migration-line}, {@code migration-failure} (see {@link MigrationLog}); {@code key} (a reference),
 * {@code env.NAME} (environment of docker and of commands), {@code task.NAME}, {@code do.ACTION}.
 *
 * <p>Failure: the fence is a file with the highest token in {@code .upkeep} of the project's directory, and the token on
 * each container that is made. It keeps earlier attempts of Upkeep away, wherever their executors run, and nobody else.
 */
@ApplicationScoped
public class ComposeDriver implements WorkloadDriver {
    private static final DriverName NAME = new DriverName("compose");

    private final NamedCommands commands;
    private final Engine engine;
    private final Standing standing;
    private final Images images;
    private final Checkout checkout;
    private final Workload workload;
    private final Migrating migrating;
    private final OwnCommands own;
    private final Configuration configuration;

    public ComposeDriver(Places places, Programs programs, NamedCommands commands) {
        this.commands = commands;
        this.engine = new Engine(programs, places);
        this.standing = new Standing(engine);
        this.images = new Images(engine, standing);
        this.checkout = new Checkout(engine);
        this.workload = new Workload(engine, standing);
        this.migrating = new Migrating(engine, standing);
        this.own = new OwnCommands(engine);
        this.configuration = new Configuration(places.backups(), NAME.value());
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Set<Class<? extends Action>> actions() {
        return WorkloadDriver.withTeardown();
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Project project = Project.of(request, work);
        if (isNamed(request, project)) {
            return commands.perform(request, project.home(), work);
        }
        FileFence fence = FileFence.hold(project.home(), request.token(), work);
        try {
            return switch (request.action()) {
                case Action.CheckSettings check ->
                    EnvFile.check(
                            check,
                            project.service(),
                            project.variables(),
                            Variables.of(project, standing.definition(project, project.chosen(), work)));
                case Action.BackupConfiguration() ->
                    configuration.backUp(configuration.id(request), project.configuration());
                case Action.RestoreConfiguration() -> configuration.restore(request, project.configuration());
                case Action.SnapshotKey() -> Keys.snapshot(request, work);
                case Action.AttachKey() -> Keys.attach(request, work);
                case Action.DryRun(Version version) -> dryRun(request, project, version, work);
                case Action.RevertMigrations(List<String> migrations) -> own.revert(request, project, migrations, work);
                default -> onTheEngine(request, project, work);
            };
        } finally {
            fence.close();
        }
    }

    private Outcome onTheEngine(StepRequested request, Project project, Work work) throws InterruptedException {
        List<Container> all = standing.containers(project, work);
        Standing.fence(project, all, request.token());
        return switch (request.action()) {
            case Action.FetchArtifact(Version version) ->
                project.checkout().isPresent()
                        ? checkout.fetch(request, project, version, work)
                        : images.fetch(project, Pin.of(request, version), version.equals(request.from()), work);
            case Action.Stop() -> workload.stop(project, all, work);
            case Action.Migrate(Version version) ->
                project.setting("do.migrate").isPresent()
                        ? own.migrate(request, project, version, work)
                        : migrating.migrate(request, project, all, version, work);
            case Action.Start(Version version, Action.Moment schema) ->
                workload.start(request, project, all, version, schema, work);
            case Action.Redeploy(Version version, Action.Moment schema) ->
                workload.redeploy(request, project, all, version, schema, work);
            case Action.Teardown() -> workload.tearDown(project, all, work);
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver compose can't " + request.action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Project project = Project.of(request, work);
        if (isNamed(request, project)) {
            return commands.look(request, project.home(), work);
        }
        try {
            return switch (request.action()) {
                case Action.BackupConfiguration() -> {
                    String id = configuration.id(request);
                    yield configuration.has(id) ? found(request, Configuration.found(id)) : new Look.NotDone();
                }
                case Action.RestoreConfiguration() ->
                    look(request, configuration.isRestored(request, project.configuration()));
                case Action.FetchArtifact(Version version) ->
                    look(
                            request,
                            project.checkout().isPresent()
                                    ? checkout.isThere(project, Checkout.ref(request, project, version), work)
                                    : standing.image(
                                                    project,
                                                    Pin.of(request, version).reference(),
                                                    work)
                                            .isPresent());
                case Action.Stop() -> look(request, workload.isStopped(project, standing.containers(project, work)));
                case Action.Start(Version version, Action.Moment schema) ->
                    look(
                            request,
                            workload.isStarted(request, project, standing.containers(project, work), version, work));
                case Action.Redeploy(Version version, Action.Moment schema) ->
                    look(
                            request,
                            workload.isRedeployed(request, project, standing.containers(project, work), version, work));
                case Action.Teardown() ->
                    look(request, standing.containers(project, work).isEmpty());
                case Action.Migrate(Version version) ->
                    project.setting("do.migrate").isPresent()
                            ? new Look.Unknown("only the command could tell how far it came")
                            : migrating.look(request, project, standing.containers(project, work), version, work);
                case Action.RevertMigrations a -> new Look.Unknown("only the command could tell how far it came");
                default -> new Look.NotDone();
            };
        } catch (IOException e) {
            return new Look.Unknown("project " + project.directory() + ": " + e);
        }
    }

    private static Look look(StepRequested request, boolean done) {
        return done ? found(request, Map.of()) : new Look.NotDone();
    }

    private static Look found(StepRequested request, Map<String, String> facts) {
        return new Look.Done(
                facts,
                "found done: " + request.action().word() + " of "
                        + request.target().component());
    }

    /** Whether a command of the component's own does it; what fetches, stops and starts never is one. */
    private static boolean isNamed(StepRequested request, Project project) {
        boolean named = project.setting("do." + request.action().word()).isPresent();
        return switch (request.action()) {
            case Action.RunTask a -> true;
            case Action.PauseWork a -> true;
            case Action.ResumeWork a -> true;
            case Action.Drain a -> true;
            case Action.CheckSettings a -> named;
            case Action.BackupConfiguration a -> named;
            case Action.RestoreConfiguration a -> named;
            case Action.SnapshotKey a -> named;
            case Action.AttachKey a -> named;
            case Action.DryRun a -> named;
            case Action.Teardown a -> named;
            case Action.FetchArtifact a -> refuse(request, named);
            case Action.Stop a -> refuse(request, named);
            case Action.Start a -> refuse(request, named);
            case Action.Redeploy a -> refuse(request, named);
            case Action a -> false;
        };
    }

    /** A setting that would be passed over in silence is worse than none. */
    private static boolean refuse(StepRequested request, boolean named) {
        if (named) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver compose takes no command of the component's own for "
                            + request.action().word(),
                    "Take the setting do." + request.action().word() + " away, or use another driver"));
        }
        return false;
    }

    private Outcome dryRun(StepRequested request, Project project, Version version, Work work)
            throws InterruptedException {
        Path pin = work.scratch().resolve("dry-run.yml");
        Optional<ImageName> image =
                project.checkout().isPresent() ? Optional.empty() : Optional.of(Pin.of(request, version));
        try {
            Pin.write(pin, project.service(), image, version, request.token());
        } catch (IOException e) {
            throw Artifacts.trouble("can't try the pin", e);
        }
        String now = image(standing.definition(project, project.chosen(), work), project);
        String then = image(standing.definition(project, project.chosen(pin), work), project);
        String diff = now.equals(then) ? "the image stays " + now : "- image: " + now + "\n+ image: " + then;
        return new Done(Map.of(Fact.DRY_RUN_DIFF, diff), "well-formed; it would change what the diff shows");
    }

    private static String image(JsonNode definition, Project project) {
        return definition.path("services").path(project.service()).path("image").asText("built from a directory");
    }
}
