package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Keys;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Programs;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.WorkloadDriver;
import dev.upkeep.executor.driver.kubernetes.Cluster.Change;
import io.fabric8.kubernetes.api.model.Pod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Upgrades components that are Deployments or StatefulSets, and migrates by Jobs.
 *
 * <p>Settings: {@code namespace}, {@code workload} ({@code deployment/NAME}, {@code statefulset/NAME}, {@code job/NAME} for
 * what migrates); {@code kubeconfig} (a reference; else the executor's own) and {@code context}; {@code container};
 * {@code max-surge}, {@code max-unavailable}, {@code drain}; {@code replicas} for a workload whose count nobody noted;
 * {@code command} and {@code keep-jobs} of what migrates; {@code registry-user}, {@code registry-password}; {@code key};
 * {@code task.NAME}, {@code do.ACTION}.
 *
 * <p>Ordering: each change of a workload carries the token in an annotation and names the version that it was decided on, so
 * that of two attempts the one with the lower token changes nothing any more once the other has been there.
 */
@ApplicationScoped
public class KubernetesDriver implements WorkloadDriver {
    private static final DriverName NAME = new DriverName("kubernetes");
    /** What a component's own command may take the place of. */
    private static final Set<String> OWN = Set.of("pause-work", "resume-work", "drain", "revert-migrations");

    private final Programs programs;
    private final Images images = new Images();

    public KubernetesDriver(Programs programs) {
        this.programs = programs;
    }

    @Override
    public DriverName name() {
        return NAME;
    }

    @Override
    public boolean repeatable(Action action) {
        return !(action instanceof Action.RunTask || action instanceof Action.RevertMigrations);
    }

    @Override
    public Outcome perform(StepRequested request, Work work) throws InterruptedException {
        Site site = Site.of(request, work);
        refuseWhatIsNotHeeded(request);
        try (Cluster cluster = Cluster.of(request.target(), work)) {
            return perform(site, cluster);
        } catch (Conflict keptChanging) {
            return Failed.retryable(
                    Failure.CHANGED_MEANWHILE,
                    "somebody changed what belongs to " + site.called() + " at the same time",
                    "Try again");
        }
    }

    private Outcome perform(Site site, Cluster cluster) throws InterruptedException {
        Rollout rollout = new Rollout(site, cluster);
        Orders orders = new Orders(site, cluster, programs);
        return switch (site.request().action()) {
            case Action.CheckSettings check -> new Environment(site, cluster).check(check);
            case Action.BackupConfiguration() -> new Copies(site, cluster).backUp();
            case Action.RestoreConfiguration() -> new Copies(site, cluster).putBack();
            case Action.SnapshotKey() -> Keys.snapshot(site.request(), site.work());
            case Action.AttachKey() -> Keys.attach(site.request(), site.work());
            case Action.FetchArtifact(Version version) -> images.check(site, version);
            case Action.DryRun(Version version) -> told(rollout.dryRun(version));
            case Action.Stop() -> rollout.stop();
            case Action.Start(Version version, Action.Moment schema) -> rollout.start(version, schema);
            case Action.Redeploy(Version version, Action.Moment schema) -> rollout.redeploy(version, schema);
            case Action.Migrate(Version version) -> new Migration(site, cluster).run(version);
            case Action.PauseWork() -> orders.run("do.pause-work", Map.of());
            case Action.ResumeWork() -> orders.run("do.resume-work", Map.of());
            case Action.Drain() ->
                site.setting("do.drain").isPresent() ? orders.run("do.drain", Map.of()) : drained(site, cluster);
            case Action.RunTask(String task) -> orders.runOnce("task." + task);
            case Action.RevertMigrations(List<String> migrations) -> revert(orders, migrations);
            default ->
                Failed.forGood(
                        Failure.UNSUPPORTED_ACTION,
                        "driver kubernetes can't " + site.request().action().word(),
                        "Use another driver for this component, or another action");
        };
    }

    @Override
    public Look look(StepRequested request, Work work) throws InterruptedException {
        Site site = Site.of(request, work);
        try (Cluster cluster = Cluster.of(request.target(), work)) {
            Rollout rollout = new Rollout(site, cluster);
            return switch (request.action()) {
                case Action.Stop() -> rollout.look(Optional.empty());
                case Action.Start(Version version, Action.Moment schema) -> rollout.look(Optional.of(version));
                case Action.Redeploy(Version version, Action.Moment schema) -> rollout.look(Optional.of(version));
                case Action.Migrate a -> new Migration(site, cluster).look();
                case Action.RunTask(String task) ->
                    new Orders(site, cluster, programs)
                            .ended()
                            .<Look>map(ended -> ended
                                    ? new Look.Done(
                                            Map.of("task.exit", "0"), "found done: task " + task + " had ended well")
                                    : new Look.Unknown("the task began and nobody knows how far it came"))
                            .orElseGet(Look.NotDone::new);
                case Action.RevertMigrations a -> new Look.Unknown("only the command could tell how far it came");
                default -> new Look.NotDone();
            };
        }
    }

    /** Waits until no pod is on its way out: then whoever was connected to it has gone elsewhere. */
    private static Outcome drained(Site site, Cluster cluster) throws InterruptedException {
        Workload found = cluster.change(site, nothing -> Change.NONE);
        while (true) {
            List<Pod> going = Pods.of(cluster, site, found.labels()).stream()
                    .filter(Pods::going)
                    .toList();
            if (going.isEmpty()) {
                return new Done(Map.of(), "no pod of " + site.called() + " is on its way out");
            }
            if (site.work().left().toMillis() < 1_000) {
                return Failed.retryable(
                        Failure.NOT_DRAINED,
                        "still on their way out: " + Pods.names(going),
                        "Look at what their clients do, or raise the deadline of drain");
            }
            site.work().progress(going.size() + " pods are on their way out");
            site.work().pause(java.time.Duration.ofMillis(250));
        }
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

    private static Outcome told(Map<String, String> diff) {
        String text = diff.entrySet().stream()
                .map(line -> line.getKey() + ": " + line.getValue())
                .collect(Collectors.joining("\n"));
        return new Done(
                Map.of(Fact.DRY_RUN_DIFF, text.isEmpty() ? "nothing" : text),
                "the API server would accept it; it would change "
                        + (diff.isEmpty() ? "nothing" : diff.size() + " things"));
    }

    /** A setting that would change what is done, and that is passed over, must not be taken for one that is heeded. */
    private static void refuseWhatIsNotHeeded(StepRequested request) {
        String word = request.action().word();
        Map<String, String> settings = request.target().settings();
        if (settings.containsKey("do." + word) && !OWN.contains(word)) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver kubernetes carries " + word + " out itself, and does not run setting do." + word,
                    "Leave the setting out, or give the component the driver command"));
        }
        if (settings.containsKey("kustomize")) {
            throw new Refused(Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "driver kubernetes sets the workload's image and applies no overlay",
                    "Leave the setting kustomize out"));
        }
    }
}
