package dev.upkeep.executor.driver.helm;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.executor.driver.ApiServer;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Keys;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.WorkloadDriver;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Upgrades components that are Helm releases, and goes back to the chart and the values that ran before.
 *
 * <p>Settings: {@code namespace}, {@code release}, {@code chart} ({@code NAME/CHART} with {@code repository}, {@code oci://…}, or
 * a path; the release's artifact comes first if it is a chart); {@code values} (a reference or a path; else the release's own) and
 * {@code set.PATH}; {@code kubeconfig}, {@code context}; {@code registry-user}, {@code registry-password}; {@code max-surge},
 * {@code max-unavailable} (must be what the chart says); {@code key}; {@code task.NAME}, {@code do.ACTION}.
 *
 * <p>Ordering: the token lies in a ConfigMap beside the release and is raised before each call of Helm, which lets only one at a
 * time make the next revision.
 */
@ApplicationScoped
public class HelmDriver implements WorkloadDriver {
    private static final DriverName NAME = new DriverName("helm");
    /** What a component's own command carries out. */
    private static final Set<String> OWN = Set.of("pause-work", "resume-work", "drain", "migrate", "revert-migrations");

    private final Places places;
    private final Programs programs;
    private final Charts charts = new Charts();

    public HelmDriver(Places places, Programs programs) {
        this.places = places;
        this.programs = programs;
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Site site = Site.of(request, work);
        refuseWhatIsNotHeeded(request);
        try (ApiServer cluster = ApiServer.of(request.target(), work)) {
            return perform(site, cluster);
        } catch (Conflict keptChanging) {
            return Failed.retryable(
                    Failure.CHANGED_MEANWHILE,
                    "somebody changed what belongs to " + site.called() + " at the same time",
                    "Try again");
        }
    }

    private Outcome perform(Site site, ApiServer cluster) throws InterruptedException {
        Fence fence = new Fence(site, cluster);
        Copies copies = new Copies(site, places.backups(), charts);
        Upgrading upgrading = new Upgrading(site, cluster, charts, copies);
        Orders orders = new Orders(site, fence, programs);
        return switch (site.request().action()) {
            case Action.CheckSettings check ->
                new Environment(site, cluster)
                        .check(Manifest.of(new Revisions(site, cluster).need().manifest()), check);
            case Action.BackupConfiguration() -> {
                fence.raise();
                yield copies.backUp(upgrading.settled());
            }
            case Action.RestoreConfiguration() -> upgrading.restoreConfiguration();
            case Action.SnapshotKey() -> Keys.snapshot(site.request(), site.work());
            case Action.AttachKey() -> Keys.attach(site.request(), site.work());
            case Action.FetchArtifact(Version version) -> fetch(site, fence, version);
            case Action.DryRun(Version version) -> upgrading.dryRun(version);
            case Action.Stop() -> upgrading.stop();
            case Action.Start(Version version, Action.Moment schema) -> upgrading.bring(version, schema);
            case Action.Redeploy(Version version, Action.Moment schema) -> upgrading.bring(version, schema);
            case Action.Migrate(Version version) -> orders.runOnce("do.migrate", Map.of("version", version.toString()));
            case Action.PauseWork() -> orders.run("do.pause-work", Map.of());
            case Action.ResumeWork() -> orders.run("do.resume-work", Map.of());
            case Action.Drain() -> orders.run("do.drain", Map.of());
            case Action.RunTask(String task) -> orders.runOnce("task." + task, Map.of());
            case Action.RevertMigrations(List<String> migrations) -> revert(orders, migrations);
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver helm can't " + site.request().action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Site site = Site.of(request, work);
        try (ApiServer cluster = ApiServer.of(request.target(), work)) {
            Copies copies = new Copies(site, places.backups(), charts);
            Upgrading upgrading = new Upgrading(site, cluster, charts, copies);
            return switch (request.action()) {
                case Action.Stop() -> upgrading.lookStopped();
                case Action.Start a -> upgrading.look();
                case Action.Redeploy a -> upgrading.look();
                case Action.BackupConfiguration() ->
                    copies.taken(new Revisions(site, cluster).need())
                            .<Look>map(found -> new Look.Done(found, "found done: the copy is there and whole"))
                            .orElseGet(Look.NotDone::new);
                case Action.RunTask a -> ended(site, cluster);
                case Action.Migrate a -> ended(site, cluster);
                case Action.RevertMigrations a -> new Look.Unknown("only the command could tell how far it came");
                default -> new Look.NotDone();
            };
        }
    }

    private Look ended(Site site, ApiServer cluster) throws InterruptedException {
        Optional<Boolean> ended = new Orders(site, new Fence(site, cluster), programs).ended();
        return ended.<Look>map(well -> well
                        ? new Look.Done(Map.of("task.exit", "0"), "found done: it had ended well")
                        : new Look.Unknown("it began and nobody knows how far it came"))
                .orElseGet(Look.NotDone::new);
    }

    /** Charts are fetched anew when they are needed; here it is made sure that this one is there, and the right one. */
    private Outcome fetch(Site site, Fence fence, Version version) throws InterruptedException {
        fence.raise();
        Charts.Chart chart = charts.of(site, version);
        return new Done(
                Map.of("artifact.chart", chart.from(), "artifact.chart.digest", chart.digest()),
                "the chart of " + version + " is there: " + chart.from());
    }

    private static Outcome revert(Orders orders, List<String> migrations) throws InterruptedException {
        for (String migration : migrations.reversed()) {
            if (orders.run("do.revert", Map.of("migration", migration)) instanceof Failed failed) {
                return failed;
            }
        }
        return new Done(
                Map.of("migrations.reverted", String.join(",", migrations)),
                migrations.size() + " migrations reverted");
    }

    /** A setting that would change what is done, and that is passed over, must not be taken for one that is heeded. */
    private static void refuseWhatIsNotHeeded(StepRequested request) {
        String word = request.action().word();
        Map<String, String> settings = request.target().settings();
        if (settings.containsKey("do." + word) && !OWN.contains(word)) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver helm carries " + word + " out itself, and does not run setting do." + word,
                    "Leave the setting out, or give the component the driver command"));
        }
        if (request.action() instanceof Action.Migrate && "on-start".equals(settings.get("migrates"))) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    request.target().component() + " migrates when it starts, and would be migrated twice",
                    "Leave out the step migrate, or the setting migrates"));
        }
    }
}
