package dev.upkeep.executor.driver.kubernetes;

import static java.util.stream.Collectors.toMap;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.OwnSchema;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.kubernetes.Cluster.Change;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Brings a version of a workload, and scales it to nothing.
 *
 * <p>Failure: what did not come up is scaled to nothing again if it was started, and replaced by what ran before if it was
 * redeployed and the schema is still that one's; else it is left as it is, and the reason says so.
 */
final class Rollout {
    private final Site site;
    private final Cluster cluster;
    private final Watching watching;

    Rollout(Site site, Cluster cluster) {
        this.site = site;
        this.cluster = cluster;
        this.watching = new Watching(site, cluster);
    }

    /** Starts a version of what was stopped. */
    Outcome start(Version version, Moment schema) throws InterruptedException {
        OwnSchema.check(site.request(), schema, site.work());
        String image = Image.of(site.request(), version).pinned();
        Pace pace = Pace.of(site);
        Workload started = cluster.change(site, found -> {
            refusePaused(found);
            boolean there = runs(found, image);
            if (found.replicas() > 0 && !there) {
                throw new Refused(Failed.forGood(
                        Failure.START_FAILED,
                        site.called() + " still runs " + images(found),
                        "Stop it first; a procedure stops a component before it starts another version of it"));
            }
            return found.replicas() > 0 ? Change.NONE : bringing(found, image, replicas(found), pace.atStart());
        });
        return switch (watching.until(started.replicas(), image)) {
            case Watching.Seen.Up up -> up(version, image, up);
            case Watching.Seen.Down down -> scaledBack(version, down, image);
        };
    }

    /** Brings a version in place of what runs, as the descriptor says how. */
    Outcome redeploy(Version version, Moment schema) throws InterruptedException {
        OwnSchema.check(site.request(), schema, site.work());
        String image = Image.of(site.request(), version).pinned();
        Pace pace = Pace.of(site);
        AtomicBoolean stopped = new AtomicBoolean();
        Workload changed = cluster.change(site, found -> {
            refusePaused(found);
            stopped.set(found.replicas() == 0);
            Map<String, Object> strategy = pace.strategy(site, found);
            return runs(found, image) && found.replicas() > 0
                    ? Change.NONE
                    : bringing(found, image, found.replicas() > 0 ? found.replicas() : replicas(found), strategy);
        });
        return switch (watching.until(changed.replicas(), image)) {
            case Watching.Seen.Up up -> up(version, image, up);
            case Watching.Seen.Down down when stopped.get() -> scaledBack(version, down, image);
            case Watching.Seen.Down down -> failed(version, down, putBack(version, schema, image));
        };
    }

    /** Scales it to nothing, remembers to how many to scale it back, and waits until the last pod has gone. */
    Outcome stop() throws InterruptedException {
        int before = cluster.workload(site).replicas();
        Workload stopped = cluster.change(site, Rollout::scaledToNothing);
        List<Pod> left = watching.untilGone(stopped.labels());
        if (!left.isEmpty()) {
            return Failed.retryable(
                    Failure.STOP_FAILED,
                    site.called() + " was scaled to nothing, and these pods have not gone yet: " + Pods.names(left),
                    "Look at what they wait for, or raise the deadline of stop if they are only slow");
        }
        return new Done(
                Map.of("stop.replicas", Integer.toString(before)),
                before == 0
                        ? site.called() + " was scaled to nothing already"
                        : "scaled from " + before + " to nothing");
    }

    private static Change scaledToNothing(Workload found) {
        return found.replicas() == 0
                ? Change.NONE
                : new Change(Map.of(Workload.REPLICAS, Integer.toString(found.replicas())), Map.of("replicas", 0));
    }

    /** What bringing a version would change, as the API server would accept it. */
    Map<String, String> dryRun(Version version) throws InterruptedException {
        String image = Image.of(site.request(), version).pinned();
        Workload found = cluster.workload(site);
        cluster.refuseStale(site, found.object());
        Map<String, Object> strategy = Pace.of(site).strategy(site, found);
        cluster.tryOut(site, found, bringing(found, image, found.replicas(), strategy));
        Map<String, String> diff = new TreeMap<>();
        for (Container container : running(found)) {
            if (!image.equals(container.getImage())) {
                diff.put("container " + container.getName(), container.getImage() + " → " + image);
            }
        }
        strategy.forEach((key, value) -> diff.put(key, "→ " + value));
        return diff;
    }

    Look look(Optional<Version> version) throws InterruptedException {
        Optional<Workload> found = cluster.find(site);
        if (version.isEmpty()) {
            boolean gone = found.isEmpty()
                    || (found.get().replicas() == 0
                            && Pods.of(cluster, site, found.get().labels()).isEmpty());
            return gone
                    ? new Look.Done(Map.of(), "found done: nothing of " + site.called() + " runs")
                    : new Look.NotDone();
        }
        String image = Image.of(site.request(), version.get()).pinned();
        return found.filter(w -> runs(w, image) && w.replicas() > 0 && w.whole())
                        .isPresent()
                ? new Look.Done(Map.of(), "found done: " + site.called() + " runs " + version.get())
                : new Look.NotDone();
    }

    private boolean runs(Workload found, String image) {
        return Image.isRunBy(site, found.template().getSpec(), image);
    }

    /** Containers and init containers; no two of a pod have the same name. */
    private List<Container> running(Workload found) {
        return Stream.concat(
                        Image.runBy(site, found.containers()).stream(),
                        Image.initRunBy(site, found.template().getSpec()).stream())
                .toList();
    }

    private String images(Workload found) {
        return String.join(
                ", ",
                Image.runBy(site, found.containers()).stream()
                        .map(Container::getImage)
                        .toList());
    }

    private int replicas(Workload found) {
        return found.annotation(Workload.REPLICAS)
                .map(Integer::valueOf)
                .or(() -> site.number("replicas"))
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.FACT_MISSING,
                        site.called() + " is scaled to nothing, and nobody noted how many replicas it had",
                        "Set replicas of the component, or scale it by hand")));
    }

    private void refusePaused(Workload found) {
        if (found.paused()) {
            throw new Refused(Failed.forGood(
                    Failure.START_FAILED,
                    "the rollout of " + site.called() + " is paused by somebody",
                    "Find out why, then: kubectl rollout resume"));
        }
    }

    private Change bringing(Workload found, String image, int replicas, Map<String, Object> strategy) {
        List<Container> containers = running(found);
        Map<String, String> annotations = new HashMap<>();
        if (!runs(found, image)) {
            annotations.put(
                    Workload.REPLACED,
                    containers.stream()
                            .map(c -> c.getName() + "=" + c.getImage())
                            .collect(Collectors.joining(" ")));
        }
        Map<String, Object> spec = new HashMap<>(strategy);
        spec.put("replicas", replicas);
        spec.put("template", setting(found, containers.stream().collect(toMap(Container::getName, c -> image))));
        return new Change(annotations, spec);
    }

    /** A patch of the template that gives containers their images, by name. */
    private static Map<String, Object> setting(Workload found, Map<String, String> images) {
        Set<String> init = found.template().getSpec().getInitContainers().stream()
                .map(Container::getName)
                .collect(Collectors.toSet());
        Map<String, List<Map<String, String>>> pod = new HashMap<>();
        images.forEach((name, image) -> pod.computeIfAbsent(
                        init.contains(name) ? "initContainers" : "containers", key -> new ArrayList<>())
                .add(Map.of("name", name, "image", image)));
        return Map.of("spec", pod);
    }

    private Outcome up(Version version, String image, Watching.Seen.Up up) {
        return new Done(
                Map.of("rollout.image", image, "rollout.least-available", Integer.toString(up.leastAvailable())),
                version + " is up in " + up.pods() + " pods after " + up.took().toMillis() + " ms, never fewer than "
                        + up.leastAvailable() + " served");
    }

    private Failed scaledBack(Version version, Watching.Seen.Down down, String image) throws InterruptedException {
        Workload stopped = cluster.change(site, found -> {
            refuseServing(version, found, image);
            return scaledToNothing(found);
        });
        watching.untilGone(stopped.labels());
        return failed(version, down, "and was scaled to nothing again");
    }

    /** Before what did not come up is taken back: it may have, meanwhile, or for another attempt with our token. */
    private void refuseServing(Version version, Workload found, String image) {
        if (found.replicas() > 0 && found.whole() && runs(found, image)) {
            throw new Refused(Failed.retryable(
                    Failure.CHANGED_MEANWHILE,
                    version + " came up as " + site.called() + " after all, and was left as it is",
                    "Try again: it is found done then"));
        }
    }

    private Failed failed(Version version, Watching.Seen.Down down, String then) {
        return Failed.retryable(
                down.ofTheImage() ? Failure.IMAGE_NOT_PULLED : Failure.START_FAILED,
                version + " did not come up as " + site.called() + " " + then + "; " + down.why(),
                down.ofTheImage()
                        ? "Make the image available to the nodes: is it in the registry, may they pull it?"
                        : "Read the pods' events and logs; raise the deadline if they are only slow");
    }

    /**
     * Brings back what still serves beside the version that failed: only on the way forward, and only if the schema is still
     * the one it is made for.
     *
     * @return what became of it, for the reason
     */
    private String putBack(Version version, Moment schema, String image) throws InterruptedException {
        if (schema != Moment.AFTER || !version.equals(site.request().to())) {
            return "and was left as it is";
        }
        try {
            OwnSchema.check(site.request(), Moment.BEFORE, site.work());
        } catch (Refused schemaHasChanged) {
            return "and was left as it is, because the schema is not that of the version before any more";
        }
        AtomicBoolean another = new AtomicBoolean();
        Workload back = cluster.change(site, found -> {
            refuseServing(version, found, image);
            another.set(!runs(found, image));
            Optional<String> replaced = found.annotation(Workload.REPLACED);
            if (replaced.isEmpty() || another.get()) {
                return Change.NONE;
            }
            Map<String, String> images = Arrays.stream(replaced.get().split(" "))
                    .map(pair -> pair.split("=", 2))
                    .collect(toMap(pair -> pair[0], pair -> pair[1]));
            return new Change(Map.of(), Map.of("template", setting(found, images)));
        });
        if (another.get()) {
            return "and " + images(back) + ", which somebody set, was left as it is";
        }
        boolean whole = watching.untilWhole(back.replicas(), Duration.ofSeconds(10));
        return "and " + images(back) + " was put back" + (whole ? "" : ", which is not whole yet");
    }
}
