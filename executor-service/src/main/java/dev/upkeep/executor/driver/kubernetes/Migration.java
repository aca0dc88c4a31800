package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Conflict;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a version's migrations as a Job of their own: once, with one pod that is not started again.
 *
 * <p>Ordering: the Job's name follows from upgrade and step, so that of two attempts only one can create it; the other one
 * waits for it. One that failed is run again only by an attempt with a higher token: somebody decided so.
 *
 * <p>Failure: what is told failed has ended, so that another version may be started. Where nobody can say that it has, since
 * the cluster is away or a pod lingers, the outcome is uncertain.
 */
final class Migration {
    private static final String COMPONENT = "upkeep.dev/component";
    private static final Duration INTERVAL = Duration.ofMillis(300);
    private static final Duration RESERVE = Duration.ofSeconds(5);
    private static final Duration PULL_TROUBLE = Duration.ofSeconds(10);
    private static final Duration LAST_LOOK = Duration.ofSeconds(1);
    private static final Duration AWAY_INTERVAL = Duration.ofSeconds(1);
    private static final int KEPT = 3;

    private final Site site;
    private final Cluster cluster;
    private final String job;
    /** Whether the Job may be there: from then on nobody may be told that the migration has failed before it has ended. */
    private boolean mayRun;

    private boolean seen;

    Migration(Site site, Cluster cluster) {
        this.site = site;
        this.cluster = cluster;
        this.job = site.ofThisStep(site.name());
    }

    Outcome run(Version version) throws InterruptedException {
        while (true) {
            try {
                return seen ? await() : createThenAwait(version);
            } catch (Refused e) {
                if (!mayRun || !leavesItOpen(e.failed().code())) {
                    throw e;
                }
                if (site.work().left().compareTo(RESERVE) < 0) {
                    return new Outcome.Uncertain(
                            "job/" + job + " may still run: " + e.failed().reason());
                }
                site.work().progress(e.failed().reason());
            } catch (InterruptedException e) {
                if (mayRun && site.work().left().isZero()) {
                    return new Outcome.Uncertain("nobody knows at the deadline whether job/" + job + " has ended");
                }
                throw e;
            }
            site.work().pause(AWAY_INTERVAL);
        }
    }

    /** Whether the Job may run on all the same; what may not be looked at any more, such as by an expired account, may too. */
    private boolean leavesItOpen(Failure code) {
        return code == Failure.CLUSTER_AWAY || (seen && (code == Failure.FORBIDDEN || code == Failure.CLUSTER_REFUSED));
    }

    private Outcome createThenAwait(Version version) throws InterruptedException {
        Optional<HasMetadata> pattern = pattern();
        for (int look = 1; ; look++) {
            Optional<Job> found = find(job);
            mayRun |= found.filter(there -> !ended(there, "Failed")).isPresent();
            if (found.isEmpty()) {
                // Again at each look: while there is no Job, it alone holds back an attempt that was overtaken.
                if (raisePattern()) {
                    create(version, pattern);
                }
            } else if (cluster.raise(onJobs(), found.get())) {
                boolean ours = Workload.token(found.get()) == site.token().value();
                if (ours || !ended(found.get(), "Failed")) {
                    return await();
                }
                removeThenAwaitGone(found.get().getMetadata().getUid());
            }
            cluster.awaitNextLook(site, look);
        }
    }

    Look look() throws InterruptedException {
        return find(job).filter(found -> ended(found, "Complete")).isPresent()
                ? new Look.Done(Map.of("migrate.job", job), "found done: job/" + job + " has ended well")
                : new Look.NotDone();
    }

    /** Exactly the one that failed: a later attempt may have put another in its place. */
    private void removeThenAwaitGone(String failed) throws InterruptedException {
        Optional<Job> found = findWith(failed);
        if (found.isEmpty()) {
            return;
        }
        cluster.refuseStale(site, found.get());
        if (cluster.delete(site, Kind.JOB, found.get())) {
            while (findWith(failed).isPresent()) {
                site.work().pause(INTERVAL);
            }
        }
    }

    private Optional<Job> findWith(String uid) throws InterruptedException {
        return find(job).filter(found -> found.getMetadata().getUid().equals(uid));
    }

    private Outcome await() throws InterruptedException {
        mayRun = true;
        seen = true;
        Optional<Instant> unpullable = Optional.empty();
        while (true) {
            Optional<Job> found = find(job);
            if (found.isEmpty()) {
                return onceEnded(Failed.forGood(
                        Failure.MIGRATION_FAILED,
                        "job/" + job + " was deleted by somebody while it ran",
                        "Look at the schema before anything else; nobody can tell how far it came"));
            }
            Job now = found.get();
            cluster.refuseStale(site, now);
            Optional<Pod> pod = pod();
            if (ended(now, "Complete")) {
                Optional<String> tail = tail(pod);
                String trouble = prune();
                return new Done(
                        Map.of("migrate.job", job),
                        "job/" + job + " ended well"
                                + trouble
                                + tail.map(t -> "; last line: " + lastLine(t)).orElse(""));
            }
            if (ended(now, "Failed")) {
                return failed(now, pod);
            }
            Optional<Pods.Trouble> trouble = pod.filter(p -> !Pods.ready(p)).flatMap(Pods::trouble);
            site.work()
                    .progress("job/" + job + " runs"
                            + trouble.map(t -> "; " + t.text()).orElse(""));
            unpullable = trouble.filter(Pods.Trouble::ofTheImage).isEmpty()
                    ? Optional.empty()
                    : unpullable.or(() -> Optional.of(site.work().now()));
            if (unpullable
                    .filter(since ->
                            since.plus(PULL_TROUBLE).isBefore(site.work().now()))
                    .isPresent()) {
                return unpullable(now, trouble.map(Pods.Trouble::text).orElse(""));
            }
            site.work().pause(INTERVAL);
        }
    }

    /** It has run nothing, and must not begin to when nobody waits for it any more. */
    private Outcome unpullable(Job now, String why) throws InterruptedException {
        if (!cluster.delete(site, Kind.JOB, now)) {
            return await();
        }
        return onceEnded(Failed.retryable(
                Failure.IMAGE_NOT_PULLED,
                "job/" + job + " ran nothing and was removed: " + why,
                "Make the image available to the nodes: is it in the registry, may they pull it?"));
    }

    /** A Job may be told failed, or be gone, while its pod still has time to end in. */
    private Outcome onceEnded(Failed failed) throws InterruptedException {
        while (true) {
            List<String> left = pods().stream()
                    .filter(pod -> pod.getStatus() == null
                            || !List.of("Succeeded", "Failed")
                                    .contains(pod.getStatus().getPhase()))
                    .map(pod -> pod.getMetadata().getName())
                    .toList();
            if (left.isEmpty()) {
                return failed;
            }
            if (site.work().left().compareTo(LAST_LOOK) < 0) {
                return new Outcome.Uncertain(failed.reason() + "; still there: " + String.join(", ", left));
            }
            site.work().progress("waiting for the end of " + String.join(", ", left));
            site.work().pause(INTERVAL);
        }
    }

    private Outcome failed(Job now, Optional<Pod> pod) throws InterruptedException {
        String why = status(now).getConditions().stream()
                .filter(c -> c.getType().equals("Failed"))
                .map(c -> c.getReason() + ": " + c.getMessage())
                .findFirst()
                .orElse("");
        String exit = pod.flatMap(Pods::trouble).map(t -> "; " + t.text()).orElse("");
        return onceEnded(Failed.forGood(
                Failure.MIGRATION_FAILED,
                "job/" + job + " failed: " + why + exit
                        + tail(pod).map(t -> "; last lines: " + t).orElse(""),
                "Read: kubectl -n " + site.namespace() + " logs job/" + job));
    }

    private Optional<String> tail(Optional<Pod> pod) throws InterruptedException {
        return pod.isEmpty()
                ? Optional.empty()
                : Pods.tail(cluster, site, pod.get().getMetadata().getName());
    }

    private static String lastLine(String text) {
        return text.lines().reduce("", (before, line) -> line.isBlank() ? before : line.strip());
    }

    private Optional<Pod> pod() throws InterruptedException {
        return pods().stream().max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
    }

    private List<Pod> pods() throws InterruptedException {
        return cluster.ask(
                        "list the pods of job/" + job,
                        () -> cluster.client()
                                .pods()
                                .inNamespace(site.namespace())
                                .withLabel("job-name", job)
                                .list())
                .getItems();
    }

    private Optional<Job> find(String name) throws InterruptedException {
        return cluster.ask(
                "read job/" + name,
                () -> Optional.ofNullable(cluster.client()
                        .batch()
                        .v1()
                        .jobs()
                        .inNamespace(site.namespace())
                        .withName(name)
                        .get()));
    }

    /** What the component's workload is, if it is there. */
    private Optional<HasMetadata> pattern() throws InterruptedException {
        return site.kind() == Kind.JOB
                ? find(site.name()).map(found -> found)
                : Optional.of(cluster.workload(site).object());
    }

    private boolean raisePattern() throws InterruptedException {
        Optional<HasMetadata> pattern = pattern();
        return pattern.isEmpty() || cluster.raise(site, pattern.get());
    }

    private Site onJobs() {
        return new Site(site.request(), site.work(), site.namespace(), Kind.JOB, job);
    }

    private void create(Version version, Optional<HasMetadata> pattern) throws InterruptedException {
        Duration limit = site.work().left().minus(RESERVE);
        Job made = new JobBuilder()
                .withNewMetadata()
                .withName(job)
                .withNamespace(site.namespace())
                .addToLabels(COMPONENT, site.request().target().component().value())
                .addToAnnotations(Workload.TOKEN, site.token().toString())
                .addToAnnotations("upkeep.dev/upgrade", site.request().upgrade().value())
                .addToAnnotations("upkeep.dev/step", site.request().step().value())
                .addToAnnotations("upkeep.dev/version", version.toString())
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(0)
                .withParallelism(1)
                .withCompletions(1)
                .withActiveDeadlineSeconds(Math.max(1, limit.toSeconds()))
                .withNewTemplate()
                .withNewMetadata()
                .addToLabels(COMPONENT, site.request().target().component().value())
                .endMetadata()
                .withSpec(JobPod.of(site, Image.of(site.request(), version).pinned(), pattern))
                .endTemplate()
                .endSpec()
                .build();
        mayRun = true;
        try {
            cluster.ask(
                    "create job/" + job,
                    () -> cluster.client()
                            .resource(made)
                            .inNamespace(site.namespace())
                            .create());
        } catch (Conflict anotherAttemptWasFaster) {
            // The next look finds it.
        }
    }

    /** Why the oldest Jobs could not be removed, if so: it does not make the migration fail. */
    private String prune() throws InterruptedException {
        try {
            removeOldest();
            return "";
        } catch (Refused e) {
            return "; old Jobs were not removed: " + e.failed().reason();
        }
    }

    /** Those of a few upgrades are kept to be read. */
    private void removeOldest() throws InterruptedException {
        int keep = Math.max(1, site.number("keep-jobs").orElse(KEPT));
        List<Job> ended = cluster
                .ask(
                        "list jobs",
                        () -> cluster.client()
                                .batch()
                                .v1()
                                .jobs()
                                .inNamespace(site.namespace())
                                .withLabel(
                                        COMPONENT,
                                        site.request().target().component().value())
                                .list())
                .getItems()
                .stream()
                .filter(found -> ended(found, "Complete") || ended(found, "Failed"))
                .filter(found -> found.getMetadata().getAnnotations().containsKey(Workload.TOKEN))
                .filter(found -> !found.getMetadata().getName().equals(site.name()))
                .sorted(Comparator.comparing((Job found) -> found.getMetadata().getCreationTimestamp())
                        .reversed())
                .toList();
        for (Job old : ended.subList(Math.min(keep, ended.size()), ended.size())) {
            cluster.delete(site, Kind.JOB, old);
        }
    }

    private static boolean ended(Job found, String how) {
        return status(found).getConditions().stream()
                .anyMatch(c -> c.getType().equals(how) && c.getStatus().equals("True"));
    }

    private static JobStatus status(Job found) {
        return Optional.ofNullable(found.getStatus()).orElseGet(JobStatus::new);
    }
}
