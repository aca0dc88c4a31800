package dev.upkeep.executor.driver.compose;

import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.MigrationLog;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Watches a service come up, tells what it says of its migrations meanwhile, and stops it if it does not come up. */
final class Rising {
    private static final Duration INTERVAL = Duration.ofMillis(250);
    /** What is left of the deadline for stopping what did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(15);
    /** How long a service that nobody looks after must run to be taken for up. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    private final Engine engine;
    private final Standing standing;

    Rising(Engine engine, Standing standing) {
        this.engine = engine;
        this.standing = standing;
    }

    /**
     * What the containers should be made of.
     *
     * @param image the pin's id on this engine; empty if the engine does not have it
     */
    record Wanted(Optional<ImageName> pin, Optional<String> image, Version version) {
        /** A checkout has no image of its own: there the mark on the container counts. */
        boolean isBy(Container container) {
            return pin.isEmpty()
                    ? container.version().equals(version.toString())
                    : image.filter(container.image()::equals).isPresent();
        }
    }

    /**
     * What there was before it was watched whether it comes up.
     *
     * @param restarts of the containers there were, by id
     * @param older those that an earlier attempt made: what they logged before is no news
     */
    record Watch(Instant began, Map<String, Integer> restarts, Set<String> older) {
        static Watch from(List<Container> there, Token token, Work work) {
            return new Watch(
                    work.now(),
                    there.stream().collect(Collectors.toMap(Container::id, Container::restarts)),
                    there.stream()
                            .filter(c -> c.token() != token.value())
                            .map(Container::id)
                            .collect(Collectors.toSet()));
        }
    }

    /** Waits until it is up; stops it if it does not come up, so that nothing half started goes on trying. */
    Outcome await(Project project, List<String> ids, Watch watch, Wanted wanted, Work work)
            throws InterruptedException {
        Optional<Instant> runsSince = Optional.empty();
        while (true) {
            List<Container> now = standing.inspected(project, ids, work);
            Optional<Container> broken = now.stream()
                    .filter(c -> c.failed(watch.restarts().getOrDefault(c.id(), 0)))
                    .findFirst();
            if (broken.isPresent() || now.isEmpty()) {
                String told = broken.map(Container::told).orElse("it has no container");
                return down(project, now, broken, told, watch, work);
            }
            Optional<Container> other =
                    now.stream().filter(c -> !wanted.isBy(c)).findFirst();
            if (other.isPresent()) {
                return down(
                        project,
                        now,
                        other,
                        "it runs " + other.get().image() + ", not what the release names"
                                + project.setting("image-variable")
                                        .map(name -> "; does the file's image read ${" + name + "}?")
                                        .orElse(""),
                        watch,
                        work);
            }
            if (now.stream().allMatch(Container::up)) {
                Instant since = runsSince.orElse(work.now());
                runsSince = Optional.of(since);
                boolean lookedAfter = now.stream().noneMatch(c -> c.health().isEmpty());
                if (lookedAfter || !work.now().isBefore(since.plus(STEADY))) {
                    return started(project, now, watch, wanted, work);
                }
            } else {
                runsSince = Optional.empty();
            }
            if (work.left().compareTo(RESERVE) < 0) {
                return down(
                        project,
                        now,
                        now.stream().findFirst(),
                        "it was not up in time: " + now.getFirst().told(),
                        watch,
                        work);
            }
            work.pause(INTERVAL);
        }
    }

    private Outcome started(Project project, List<Container> now, Watch watch, Wanted wanted, Work work)
            throws InterruptedException {
        Map<String, String> found = new HashMap<>();
        wanted.pin().ifPresent(pin -> found.put("artifact.digest", pin.digest()));
        String how = project.service() + " " + wanted.version() + " is up"
                + (now.getFirst().health().isEmpty() ? "" : " and healthy") + " after "
                + Duration.between(watch.began(), work.now()).toMillis() + " ms";
        if (!Workload.migratesOnStart(project)) {
            return new Done(found, how);
        }
        MigrationLog.Summary summary = project.migrationLog().read(log(project, now.getFirst(), watch, work));
        found.putAll(summary.found());
        return new Done(found, how + (summary.silent() ? "" : "; " + summary.told()));
    }

    private Outcome down(
            Project project, List<Container> there, Optional<Container> container, String why, Watch watch, Work work)
            throws InterruptedException {
        List<String> log = container.isPresent() ? log(project, container.get(), watch, work) : List.of();
        Optional<Failed> comesBack = standing.keepDown(project, there, work);
        List<String> stop = new ArrayList<>(project.chosen());
        stop.addAll(List.of("stop", project.service()));
        engine.act(project, stop, work);
        if (Workload.migratesOnStart(project)) {
            Optional<Failed> migration =
                    MigrationLog.failure(project.migrationLog().read(log));
            if (migration.isPresent()) {
                return migration.get();
            }
        }
        return Failed.retryable(
                Failure.START_FAILED,
                project.service() + " did not come up and was stopped: " + why
                        + comesBack.map(failed -> "; " + failed.reason()).orElse("")
                        + (log.isEmpty()
                                ? ""
                                : "; last lines of its log: "
                                        + String.join("\n", log.subList(Math.max(0, log.size() - 10), log.size()))),
                "Read docker logs " + container.map(Container::name).orElse(project.service()));
    }

    /** What a container has logged since this start. */
    private List<String> log(Project project, Container container, Watch watch, Work work) throws InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("logs", "--tail", "20000"));
        if (watch.older().contains(container.id())) {
            arguments.addAll(List.of("--since", watch.began().toString()));
        }
        arguments.add(container.id());
        return engine.look(project, arguments, work).lines().stream()
                .map(project::masked)
                .toList();
    }
}
