package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Configuration;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.FileFence;
import dev.upkeep.executor.driver.Keys;
import dev.upkeep.executor.driver.Look;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Moves Podman pods that stand behind one Makefile and one {@code .env}: the variable there that holds the tag is set,
 * images are pulled by the release's digests, and {@code make} does the rest, as a person would.
 *
 * <p>Settings: {@code directory}; {@code pod} for one pod ({@code make redeploy POD=…}), {@code profile} for the set
 * ({@code make deploy PROFILE=…}, {@code make teardown}), with {@code pods}, the names of its pods; {@code pod-prefix}
 * (what podman puts before their names); {@code tag-variable}; {@code definition} and {@code volume} (the file in which
 * the image is written, and the volume of a major); {@code login} (the target that logs in to the registry) or {@code
 * registry-user} and {@code registry-password}, references; {@code files} (what is copied besides {@code .env});
 * {@code again} (tasks that may be run twice); {@code migrates: on-start}; {@code key}, {@code env.NAME}, {@code
 * task.NAME}, {@code do.ACTION}. What a pod does not say is read from the component in its role {@code set}.
 *
 * <p>Failure: the fence is a file with the highest token in {@code .upkeep} of the directory, and the label {@code
 * dev.upkeep.token} of a pod whose definition sets it from {@code UPKEEP_TOKEN}. It keeps earlier attempts of Upkeep away
 * and nobody else. When make is killed, so is all that it started, but for containers that podman had taken over.
 */
@ApplicationScoped
public class PodmanMakeDriver implements WorkloadDriver {
    private static final DriverName NAME = new DriverName("podman-make");

    private final NamedCommands commands;
    private final Images images;
    private final Moves moves;
    private final Tasks tasks;
    private final Configuration configuration;

    public PodmanMakeDriver(Places places, Programs programs, NamedCommands commands) {
        this.commands = commands;
        Shop shop = new Shop(programs, places);
        Pods pods = new Pods(shop);
        this.images = new Images(shop, pods);
        this.moves = new Moves(shop, pods, images);
        this.tasks = new Tasks(shop);
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
        Site site = Site.of(request, work);
        if (isNamed(request)) {
            return commands.perform(request, site.home(), work);
        }
        FileFence fence = FileFence.hold(site.home(), request.token(), work);
        try {
            return switch (request.action()) {
                case Action.CheckSettings check ->
                    EnvFile.check(check, name(request), site.variables(), variables(site));
                case Action.BackupConfiguration() ->
                    configuration.backUp(configuration.id(request), site.configuration());
                case Action.RestoreConfiguration() -> configuration.restore(request, site.configuration());
                case Action.SnapshotKey() -> Keys.snapshot(request, work);
                case Action.AttachKey() -> Keys.attach(request, work);
                case Action.FetchArtifact(Version version) -> images.fetch(request, site, version, work);
                case Action.DryRun(Version version) -> dryRun(request, site, version);
                case Action.Stop() -> moves.stop(request, site, work);
                case Action.Start(Version version, Action.Moment schema) ->
                    moves.start(request, site, version, schema, work);
                case Action.Redeploy(Version version, Action.Moment schema) ->
                    moves.redeploy(request, site, version, schema, work);
                case Action.Teardown() -> moves.tearDown(request, site, work);
                case Action.RunTask(String task) -> tasks.run(request, site, task, work);
                case Action.Migrate(Version version) -> tasks.migrate(request, site, version, work);
                case Action.RevertMigrations(List<String> migrations) -> tasks.revert(request, site, migrations, work);
                default ->
                    Failed.forGood(
                            Failure.UNSUPPORTED_ACTION,
                            "driver podman-make can't " + request.action().word(),
                            "Use another driver for this component, or another action");
            };
        } finally {
            fence.close();
        }
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Site site = Site.of(request, work);
        if (isNamed(request)) {
            return commands.look(request, site.home(), work);
        }
        try {
            return switch (request.action()) {
                case Action.BackupConfiguration() -> {
                    String id = configuration.id(request);
                    yield configuration.has(id) ? found(request, Configuration.found(id)) : new Look.NotDone();
                }
                case Action.RestoreConfiguration() ->
                    look(request, configuration.isRestored(request, site.configuration()));
                case Action.FetchArtifact(Version version) ->
                    look(
                            request,
                            Images.of(request, version).isPresent()
                                    && images.isThere(
                                            site, Images.of(request, version).get(), work));
                case Action.Stop() -> look(request, moves.isStopped(site, work));
                case Action.Start(Version version, Action.Moment schema) ->
                    look(request, moves.isStarted(request, site, version, work));
                case Action.Redeploy(Version version, Action.Moment schema) ->
                    look(request, moves.isRedeployed(request, site, version, work));
                case Action.Teardown() -> look(request, moves.isTornDown(request, site, work));
                case Action.RunTask(String task) -> tasks.look(request, site, task);
                case Action.Migrate a -> new Look.Unknown("only the command could tell how far it came");
                case Action.RevertMigrations a -> new Look.Unknown("only the command could tell how far it came");
                default -> new Look.NotDone();
            };
        } catch (IOException e) {
            return new Look.Unknown("directory " + site.directory() + ": " + e);
        }
    }

    private static Look look(StepRequested request, boolean done) {
        return done ? found(request, Map.of()) : new Look.NotDone();
    }

    private static Look found(StepRequested request, Map<String, String> facts) {
        return new Look.Done(facts, "found done: " + request.action().word() + " of " + name(request));
    }

    private static String name(StepRequested request) {
        return request.target().component().toString();
    }

    private static Map<String, Boolean> variables(Site site) {
        Map<String, Boolean> set = new TreeMap<>();
        EnvFile.read(site.variables()).forEach((name, value) -> set.put(name, !value.isEmpty()));
        return set;
    }

    private static Outcome dryRun(StepRequested request, Site site, Version version) {
        List<String> diff = new ArrayList<>();
        site.tagVariable().ifPresent(name -> {
            String now = EnvFile.read(site.variables()).get(name);
            String then = site.tag(version);
            if (!then.equals(now)) {
                diff.add((now == null ? "" : "- " + name + "=" + now + "\n") + "+ " + name + "=" + then);
            }
        });
        Definition.next(site, version, Images.of(request, version)).ifPresent(next -> {
            List<String> now = next.now().lines().toList();
            List<String> then = next.then().lines().toList();
            for (int i = 0; i < now.size(); i++) {
                if (!now.get(i).equals(then.get(i))) {
                    diff.add("- " + now.get(i).strip() + "\n+ " + then.get(i).strip());
                }
            }
        });
        return new Done(
                Map.of(Fact.DRY_RUN_DIFF, diff.isEmpty() ? "nothing changes" : String.join("\n", diff)),
                "it would change what the diff shows");
    }

    /** Whether a command of the component's own does it; what fetches, stops and starts never is one. */
    private static boolean isNamed(StepRequested request) {
        String word = request.action().word();
        boolean named = request.target().settings().containsKey("do." + word);
        return switch (request.action()) {
            case Action.RunTask(String task) -> request.target().settings().containsKey("task." + task);
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
            case Action.FetchArtifact a -> refuse(word, named);
            case Action.Stop a -> refuse(word, named);
            case Action.Start a -> refuse(word, named);
            case Action.Redeploy a -> refuse(word, named);
            case Action a -> false;
        };
    }

    /** A setting that would be passed over in silence is worse than none. */
    private static boolean refuse(String word, boolean named) {
        if (named) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver podman-make takes no command of the component's own for " + word,
                    "Take the setting do." + word + " away, or use another driver"));
        }
        return false;
    }
}
