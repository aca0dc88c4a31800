package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.executor.driver.kubernetes.Pods.Trouble;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Watches what a workload's controller makes of a change. */
final class Watching {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** For how long an image may fail to be pulled: a registry hiccups. */
    private static final Duration PULL_TROUBLE = Duration.ofSeconds(10);
    /** The most of the time left that is kept for undoing what did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(20);

    private final Site site;
    private final Cluster cluster;
    private final Duration reserve;

    Watching(Site site, Cluster cluster) {
        this.site = site;
        this.cluster = cluster;
        Duration quarter = site.work().left().dividedBy(4);
        this.reserve = quarter.compareTo(RESERVE) < 0 ? quarter : RESERVE;
    }

    /** What was seen of a version that was to come up. */
    sealed interface Seen {
        /**
         * All of it is up.
         *
         * @param pods how many they are: an autoscaler may have changed it
         * @param leastAvailable the fewest pods that served meanwhile
         */
        record Up(Duration took, int pods, int leastAvailable) implements Seen {}

        /** It is not, and won't be in time. */
        record Down(boolean ofTheImage, String why) implements Seen {}
    }

    /** Waits until all pods run the image: as many as the workload says by then, but none only if none was asked for. */
    Seen until(int replicas, String image) throws InterruptedException {
        Instant began = site.work().now();
        int least = Integer.MAX_VALUE;
        Optional<Instant> unpullable = Optional.empty();
        while (true) {
            Workload now = cluster.workload(site);
            cluster.refuseStale(site, now.object());
            least = Math.min(least, now.available());
            if (!Image.isRunBy(site, now.template().getSpec(), image)) {
                return new Seen.Down(false, "somebody has set another image since");
            }
            if (now.whole() && wanted(replicas, now)) {
                return new Seen.Up(Duration.between(began, site.work().now()), now.replicas(), least);
            }
            List<Pod> pods = Pods.of(cluster, site, now.labels());
            replaceBroken(now, pods);
            Optional<Trouble> trouble = pods.stream()
                    .filter(pod -> Pods.runs(pod, image) && !Pods.going(pod) && !Pods.ready(pod))
                    .flatMap(pod -> Pods.trouble(pod).stream())
                    .findFirst();
            String state = now.available() + " of " + now.replicas() + " pods serve"
                    + trouble.map(t -> "; " + t.pod() + ": " + t.text()).orElse("");
            site.work().progress(state);
            unpullable = trouble.filter(Trouble::ofTheImage).isEmpty()
                    ? Optional.empty()
                    : unpullable.or(() -> Optional.of(site.work().now()));
            boolean pullFailed = unpullable
                    .filter(since ->
                            since.plus(PULL_TROUBLE).isBefore(site.work().now()))
                    .isPresent();
            if (pullFailed || now.stuck().isPresent() || site.work().left().compareTo(reserve) < 0) {
                return new Seen.Down(
                        trouble.filter(Trouble::ofTheImage).isPresent(),
                        state + now.stuck().map(s -> "; " + s).orElse("") + logs(trouble));
            }
            site.work().pause(INTERVAL);
        }
    }

    /** Waits for a while; whether all pods run what the workload says. */
    boolean untilWhole(int replicas, Duration span) throws InterruptedException {
        Instant end = site.work().now().plus(span);
        while (true) {
            Workload now = cluster.workload(site);
            if (now.whole() && wanted(replicas, now)) {
                return true;
            }
            replaceBroken(now, Pods.of(cluster, site, now.labels()));
            if (site.work().now().isAfter(end) || site.work().left().compareTo(Duration.ofSeconds(1)) < 0) {
                return false;
            }
            site.work().pause(INTERVAL);
        }
    }

    /** Whether it was scaled to nothing, or up, as it was to be; how far up is an autoscaler's business, too. */
    private static boolean wanted(int replicas, Workload now) {
        return (replicas > 0) == (now.replicas() > 0);
    }

    /** Waits until none has those labels any more; those that are left shortly before the deadline. */
    List<Pod> untilGone(Map<String, String> labels) throws InterruptedException {
        while (true) {
            List<Pod> pods = Pods.of(cluster, site, labels);
            if (pods.isEmpty() || site.work().left().compareTo(Duration.ofSeconds(1)) < 0) {
                return pods;
            }
            site.work().progress(pods.size() + " pods are still there");
            site.work().pause(INTERVAL);
        }
    }

    /** A StatefulSet waits for ever for a pod that can't become ready, also where its template has been mended since. */
    private void replaceBroken(Workload now, List<Pod> pods) throws InterruptedException {
        if (!(now.object() instanceof StatefulSet set) || set.getStatus() == null) {
            return;
        }
        for (Pod pod : pods) {
            String revision = pod.getMetadata().getLabels().get("controller-revision-hash");
            boolean old = revision != null && !revision.equals(set.getStatus().getUpdateRevision());
            if (old && !Pods.going(pod) && !Pods.ready(pod) && Pods.trouble(pod).isPresent()) {
                Pods.delete(cluster, site, pod);
            }
        }
    }

    /** The end of what the broken pod has said; what can't be read is left out. */
    private String logs(Optional<Trouble> trouble) throws InterruptedException {
        return trouble.isEmpty() || trouble.get().ofTheImage()
                ? ""
                : Pods.tail(cluster, site, trouble.get().pod())
                        .map(tail -> "; last lines of its log: " + tail)
                        .orElse("");
    }
}
