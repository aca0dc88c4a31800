package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.podman.Pods.Container;
import dev.upkeep.executor.driver.podman.Pods.Pod;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Watches pods come up, tells what they say of their migrations meanwhile, and stops a pod that does not come up. */
final class Rising {
    /** How long a container without a health check has to run to be taken for up. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    private static final Duration INTERVAL = Duration.ofMillis(200);

    /** What is kept of the time to stop what did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(5);

    private final Shop shop;
    private final Pods pods;

    Rising(Shop shop, Pods pods) {
        this.shop = shop;
        this.pods = pods;
    }

    /**
     * What a pod should run.
     *
     * @param pin none for a pod that has no artifact, and for the set
     * @param image the pin's id; empty if podman does not have it
     */
    record Wanted(Optional<ImageName> pin, Optional<String> image) {
        /** The first container that keeps a pod from being what is wanted, as a reason. */
        Optional<String> misses(Pod pod) {
            if (pin.isEmpty()) {
                return Optional.empty();
            }
            List<Container> ours = pod.containers().stream()
                    .filter(c -> c.repository().equals(pin.get().repository()))
                    .toList();
            if (ours.isEmpty()) {
                return Optional.of("no container of pod " + pod.name() + " runs "
                        + pin.get().repository());
            }
            return ours.stream()
                    .filter(c -> image.filter(c.image()::equals).isEmpty())
                    .findFirst()
                    .map(c -> c.name() + " runs image " + c.image() + ", not what the release names");
        }
    }

    /**
     * What there was before it was watched whether they come up.
     *
     * @param restarts of the containers there were
     * @param older the pods there were, by id: what they logged before is no news
     */
    record Watch(Instant began, Map<String, Integer> restarts, Set<String> older) {
        /** Of pods that stood before the step. */
        static Watch from(List<Pod> there, Work work) {
            return new Watch(
                    work.now(), restarts(there), there.stream().map(Pod::id).collect(Collectors.toSet()));
        }

        /** Of pods that an attempt has made that died since. */
        static Watch again(List<Pod> there, Work work) {
            return new Watch(work.now(), restarts(there), Set.of());
        }

        private static Map<String, Integer> restarts(List<Pod> there) {
            Map<String, Integer> restarts = new HashMap<>();
            there.forEach(p -> p.containers().forEach(c -> restarts.put(key(p, c), c.restarts())));
            return restarts;
        }

        private static String key(Pod pod, Container container) {
            return pod.id() + container.name();
        }

        private boolean hasFailed(Pod pod, Container container) {
            return container.failed(restarts.getOrDefault(key(pod, container), 0));
        }
    }

    /** Waits until it is up; a pod that does not come up is stopped, so that nothing half started goes on trying. */
    Outcome await(Site site, Wanted wanted, Version version, Watch watch, Work work) throws InterruptedException {
        Instant began = work.now();
        Optional<Instant> runsSince = Optional.empty();
        if (site.pods().isEmpty()) {
            return new Done(Map.of(), "make said that all of it is up");
        }
        while (true) {
            List<Pod> now = pods.all(site, site.pods(), work);
            Optional<String> broken = broken(site, wanted, watch, now);
            if (broken.isPresent()) {
                return down(site, broken.get(), now, watch, work);
            }
            boolean up = now.stream().allMatch(Pod::runs)
                    && now.stream()
                            .flatMap(p -> p.containers().stream())
                            .noneMatch(c -> c.health().equals("starting"));
            runsSince = up ? Optional.of(runsSince.orElse(work.now())) : Optional.empty();
            if (runsSince.isPresent() && !work.now().isBefore(runsSince.get().plus(STEADY))) {
                String took = Duration.between(began, work.now()).toMillis() + " ms";
                return up(
                        site,
                        wanted,
                        String.join(", ", site.pods()) + " " + version + " is up after " + took,
                        now,
                        watch,
                        work);
            }
            if (work.left().compareTo(RESERVE) < 0) {
                return down(site, "it was not up in time: " + Pods.told(now), now, watch, work);
            }
            work.pause(INTERVAL);
        }
    }

    private Outcome up(Site site, Wanted wanted, String how, List<Pod> now, Watch watch, Work work)
            throws InterruptedException {
        Map<String, String> found = new HashMap<>();
        wanted.pin().ifPresent(pin -> found.put("artifact.digest", pin.digest()));
        if (!site.migratesOnStart()) {
            return new Done(found, how);
        }
        MigrationLog.Summary summary = summary(site, now, watch, work);
        found.putAll(summary.found());
        return new Done(found, how + (summary.silent() ? "" : "; " + summary.told()));
    }

    private static Optional<String> broken(Site site, Wanted wanted, Watch watch, List<Pod> now) {
        if (now.size() < site.pods().size()) {
            List<String> there = now.stream().map(Pod::name).toList();
            return Optional.of("make ended well, and there is no pod "
                    + site.pods().stream().filter(name -> !there.contains(name)).collect(Collectors.joining(", ")));
        }
        Optional<String> other =
                now.stream().flatMap(p -> wanted.misses(p).stream()).findFirst();
        if (other.isPresent()) {
            return Optional.of(other.get()
                    + site.tagVariable()
                            .map(name -> "; does the pod's definition read ${" + name
                                    + "}, and say imagePullPolicy: IfNotPresent?")
                            .orElse(""));
        }
        return now.stream()
                .flatMap(p -> p.containers().stream()
                        .filter(c -> watch.hasFailed(p, c))
                        .map(Container::told))
                .findFirst();
    }

    /** What make brought up before it ended badly goes on no more than what did not come up by itself. */
    Failed down(Site site, String why, Watch watch, Work work) throws InterruptedException {
        List<Pod> made = pods.all(site, site.pods(), work).stream()
                .filter(pod -> !watch.older().contains(pod.id()))
                .toList();
        return down(site, why, made, watch, work);
    }

    private Failed down(Site site, String why, List<Pod> now, Watch watch, Work work) throws InterruptedException {
        Optional<Failed> migration =
                site.migratesOnStart() ? MigrationLog.failure(summary(site, now, watch, work)) : Optional.empty();
        StringBuilder logs = new StringBuilder();
        if (site.pod().isPresent()) {
            for (Pod pod : now) {
                Said log = shop.look(site, List.of("pod", "logs", "--tail", "10", pod.name()), work);
                logs.append("; last lines: ").append(log.tail(site));
                shop.podman(site, List.of("pod", "stop", "--time", "3", pod.name()), work);
            }
        }
        return migration.orElseGet(() -> Failed.retryable(
                Failure.START_FAILED,
                why + logs + (site.pod().isPresent() && !now.isEmpty() ? "; it was stopped" : ""),
                "Read its log; correct what it complains of, or let the upgrade be undone"));
    }

    /** What the containers have logged of their migrations since this start. */
    private MigrationLog.Summary summary(Site site, List<Pod> now, Watch watch, Work work) throws InterruptedException {
        MigrationLog patterns = site.migrationLog();
        List<String> lines = new ArrayList<>();
        for (Pod pod : now) {
            for (Container container : pod.containers()) {
                List<String> arguments = new ArrayList<>(List.of("logs", "--tail", "20000"));
                if (watch.older().contains(pod.id())) {
                    arguments.addAll(List.of("--since", watch.began().toString()));
                }
                arguments.add(container.name());
                shop.look(site, arguments, work).lines().forEach(line -> lines.add(site.masked(line)));
            }
        }
        return patterns.read(lines);
    }
}
