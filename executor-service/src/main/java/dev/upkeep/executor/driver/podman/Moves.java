package dev.upkeep.executor.driver.podman;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.executor.driver.Artifacts;
import dev.upkeep.executor.driver.EnvFile;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.ImageName;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.OwnSchema;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import dev.upkeep.executor.driver.podman.Pods.Container;
import dev.upkeep.executor.driver.podman.Pods.Pod;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Stops and brings up one pod by its name, or all of the set by its profile. */
final class Moves {
    /** How long a container without a health check has to run to be taken for up. */
    private static final Duration STEADY = Duration.ofSeconds(2);

    private static final Duration INTERVAL = Duration.ofMillis(200);

    /** What is kept of the time to stop what did not come up. */
    private static final Duration RESERVE = Duration.ofSeconds(5);

    private final Shop shop;
    private final Pods pods;
    private final Images images;

    Moves(Shop shop, Pods pods, Images images) {
        this.shop = shop;
        this.pods = pods;
        this.images = images;
    }

    /**
     * What a pod should run.
     *
     * @param pin none for a pod that has no artifact, and for the set
     * @param image the pin's id; empty if podman does not have it
     */
    private record Wanted(Optional<ImageName> pin, Optional<String> image) {
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

    Outcome stop(StepRequested request, Site site, Work work) throws InterruptedException {
        List<String> names = named(site, "stop");
        List<Pod> running =
                standing(request, site, work).stream().filter(Pod::alive).toList();
        if (running.isEmpty()) {
            return new Done(Map.of(), String.join(", ", names) + " was not running");
        }
        for (Pod pod : running.reversed()) {
            Said said = shop.podman(site, List.of("pod", "stop", pod.name()), work);
            Optional<Pod> now = pods.find(site, pod.name(), work);
            if (now.filter(Pod::alive).isPresent()) {
                return Failed.retryable(
                        Failure.STOP_FAILED,
                        pod.name() + " did not stop: " + said.tail(site) + "; "
                                + Pods.told(now.stream().toList()),
                        "Look at what it waits for: podman pod ps, podman pod logs");
            }
        }
        return new Done(Map.of(), "stopped " + running.stream().map(Pod::name).collect(Collectors.joining(", ")));
    }

    boolean isStopped(Site site, Work work) throws InterruptedException {
        return pods.all(site, named(site, "stop"), work).stream().noneMatch(Pod::alive);
    }

    /** Takes the whole set down; what is stored stays, if the Makefile sees to that. */
    Outcome tearDown(StepRequested request, Site site, Work work) throws InterruptedException {
        if (site.pod().isPresent()) {
            return Failed.forGood(
                    Failure.UNSUPPORTED_ACTION,
                    "make teardown takes everything of " + site.directory() + " down, and "
                            + request.target().component() + " is one pod of it",
                    "Tear the component down that the others name as their set");
        }
        standing(request, site, work);
        if (isTornDown(request, site, work)) {
            return new Done(Map.of(), "nothing of " + site.directory() + " was there");
        }
        Note note = Note.of(request, site);
        note.begin(request);
        Said said = shop.make(site, withProfile(site, "teardown"), work);
        List<Pod> left = pods.all(site, site.pods(), work);
        if (!said.well() || !left.isEmpty()) {
            return Failed.retryable(
                    Failure.STOP_FAILED,
                    "make teardown "
                            + (said.well()
                                    ? "left " + left.stream().map(Pod::name).collect(Collectors.joining(", "))
                                    : ended(said, site)),
                    "Look at what holds it: podman pod ps");
        }
        note.end();
        return new Done(Map.of(), "took " + site.directory() + " down");
    }

    /** By its pods where they are named, else by what make said. */
    boolean isTornDown(StepRequested request, Site site, Work work) throws InterruptedException {
        return site.pods().isEmpty()
                ? Note.of(request, site).hasEnded()
                : pods.all(site, site.pods(), work).isEmpty();
    }

    Outcome start(StepRequested request, Site site, Version version, Moment schema, Work work)
            throws InterruptedException {
        Wanted wanted = wanted(request, site, version, work);
        List<Pod> there = standing(request, site, work);
        if (isStarted(request, site, version, wanted, there)) {
            if (!site.migratesOnStart()) {
                OwnSchema.checkStart(request, false, version, schema, work);
            }
            return await(site, wanted, version, restarts(there), work);
        }
        Optional<String> other = there.stream()
                .filter(Pod::alive)
                .flatMap(p -> wanted.misses(p).stream())
                .findFirst();
        if (other.isPresent()) {
            return Failed.forGood(
                    Failure.START_FAILED,
                    other.get(),
                    "Stop it first; a procedure stops a component before it starts another version of it");
        }
        return bring(request, site, version, schema, wanted, work);
    }

    /** As a start, in place of what runs. */
    Outcome redeploy(StepRequested request, Site site, Version version, Moment schema, Work work)
            throws InterruptedException {
        Wanted wanted = wanted(request, site, version, work);
        List<Pod> there = standing(request, site, work);
        if (isRedeployed(request, site, version, wanted, there)) {
            if (!site.migratesOnStart()) {
                OwnSchema.checkStart(request, false, version, schema, work);
            }
            return await(site, wanted, version, restarts(there), work);
        }
        return bring(request, site, version, schema, wanted, work);
    }

    boolean isStarted(StepRequested request, Site site, Version version, Work work) throws InterruptedException {
        return isStarted(
                request, site, version, wanted(request, site, version, work), pods.all(site, site.pods(), work));
    }

    boolean isRedeployed(StepRequested request, Site site, Version version, Work work) throws InterruptedException {
        return isRedeployed(
                request, site, version, wanted(request, site, version, work), pods.all(site, site.pods(), work));
    }

    /** A set is only up when make has said so: what a profile brings up besides pods, only make knows. */
    private static boolean isStarted(
            StepRequested request, Site site, Version version, Wanted wanted, List<Pod> there) {
        return (site.pod().isPresent() || Note.of(request, site).hasEnded()) && stands(site, version, wanted, there);
    }

    private static boolean isRedeployed(
            StepRequested request, Site site, Version version, Wanted wanted, List<Pod> there) {
        long token = request.token().value();
        boolean made = Note.of(request, site).hasEnded(request)
                || (!there.isEmpty() && there.stream().allMatch(p -> p.token() == token));
        return made && stands(site, version, wanted, there);
    }

    private static boolean stands(Site site, Version version, Wanted wanted, List<Pod> there) {
        return there.size() == site.pods().size()
                && there.stream().allMatch(p -> p.runs() && wanted.misses(p).isEmpty())
                && site.tagVariable()
                        .map(name -> site.tag(version)
                                .equals(EnvFile.read(site.variables()).get(name)))
                        .orElse(true);
    }

    private List<Pod> standing(StepRequested request, Site site, Work work) throws InterruptedException {
        List<Pod> there = pods.all(site, site.pods(), work);
        Pods.fence(site, there, request.token());
        return there;
    }

    private Wanted wanted(StepRequested request, Site site, Version version, Work work) throws InterruptedException {
        Optional<ImageName> pin = Images.of(request, version);
        return new Wanted(pin, pin.isPresent() ? pods.image(site, pin.get().reference(), work) : Optional.empty());
    }

    private Outcome bring(StepRequested request, Site site, Version version, Moment schema, Wanted wanted, Work work)
            throws InterruptedException {
        OwnSchema.checkStart(request, site.migratesOnStart(), version, schema, work);
        List<String> words = words(request, site);
        // What is brought up is what was fetched and checked: make would pull what is missing, whatever it is now.
        if (wanted.pin().isPresent() && !images.isThere(site, wanted.pin().get(), work)) {
            return Failed.forGood(
                    Failure.ARTIFACT_MISSING,
                    "podman has no image " + wanted.pin().get().reference() + " under its tag",
                    "Fetch the artifact before the start");
        }
        Optional<Definition.Next> definition = Definition.next(site, version, wanted.pin());
        Note note = Note.of(request, site);
        note.begin(request);
        setTag(site, version);
        definition.ifPresent(Definition.Next::write);
        Said said = shop.make(site, words, work);
        if (!said.well()) {
            return said.contains("no rule to make target")
                    ? Failed.forGood(
                            Failure.START_FAILED,
                            "the Makefile of " + site.directory() + " has no target " + words.getFirst() + ": "
                                    + said.last(site),
                            "Correct the setting directory, or the Makefile")
                    : Failed.retryable(
                            Failure.START_FAILED,
                            "make " + String.join(" ", words) + " " + ended(said, site),
                            "Correct what it complains of");
        }
        Outcome outcome = await(site, wanted, version, Map.of(), work);
        if (outcome instanceof Done) {
            note.end();
        }
        return outcome;
    }

    private static List<String> words(StepRequested request, Site site) {
        if (site.pod().isPresent()) {
            return List.of("redeploy", "POD=" + site.pod().get());
        }
        if (site.profile().isEmpty()) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "component " + request.target().component() + " says neither pod nor profile",
                    "Set components." + request.target().component() + ".settings.pod, or profile for a set"));
        }
        return withProfile(site, "deploy");
    }

    private static List<String> withProfile(Site site, String target) {
        List<String> words = new ArrayList<>(List.of(target));
        site.profile().ifPresent(profile -> words.add("PROFILE=" + profile));
        return words;
    }

    private static void setTag(Site site, Version version) {
        try {
            if (site.tagVariable().isPresent()) {
                EnvFile.set(site.variables(), site.tagVariable().get(), site.tag(version));
            }
        } catch (IOException e) {
            throw Artifacts.trouble("can't set " + site.tagVariable().get() + " in " + site.variables(), e);
        }
    }

    private static Map<String, Integer> restarts(List<Pod> there) {
        Map<String, Integer> restarts = new HashMap<>();
        there.forEach(p -> p.containers().forEach(c -> restarts.put(p.id() + c.name(), c.restarts())));
        return restarts;
    }

    /** Waits until it is up; a pod that does not come up is stopped, so that nothing half started goes on trying. */
    private Outcome await(Site site, Wanted wanted, Version version, Map<String, Integer> restarts, Work work)
            throws InterruptedException {
        Instant began = work.now();
        Optional<Instant> runsSince = Optional.empty();
        if (site.pods().isEmpty()) {
            return new Done(Map.of(), "make said that all of it is up");
        }
        while (true) {
            List<Pod> now = pods.all(site, site.pods(), work);
            Optional<String> broken = broken(site, wanted, restarts, now);
            if (broken.isPresent()) {
                return down(site, broken.get(), now, work);
            }
            boolean up = now.stream().allMatch(Pod::runs)
                    && now.stream()
                            .flatMap(p -> p.containers().stream())
                            .noneMatch(c -> c.health().equals("starting"));
            runsSince = up ? Optional.of(runsSince.orElse(work.now())) : Optional.empty();
            if (runsSince.isPresent() && !work.now().isBefore(runsSince.get().plus(STEADY))) {
                Map<String, String> found = new HashMap<>();
                wanted.pin().ifPresent(pin -> found.put("artifact.digest", pin.digest()));
                return new Done(
                        found,
                        String.join(", ", site.pods()) + " " + version + " is up after "
                                + Duration.between(began, work.now()).toMillis() + " ms");
            }
            if (work.left().compareTo(RESERVE) < 0) {
                return down(site, "it was not up in time: " + Pods.told(now), now, work);
            }
            work.pause(INTERVAL);
        }
    }

    private static Optional<String> broken(Site site, Wanted wanted, Map<String, Integer> restarts, List<Pod> now) {
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
                        .filter(c -> c.failed(restarts.getOrDefault(p.id() + c.name(), 0)))
                        .map(Container::told))
                .findFirst();
    }

    private Outcome down(Site site, String why, List<Pod> now, Work work) throws InterruptedException {
        StringBuilder logs = new StringBuilder();
        if (site.pod().isPresent()) {
            for (Pod pod : now) {
                Said log = shop.look(site, List.of("pod", "logs", "--tail", "10", pod.name()), work);
                logs.append("; last lines: ").append(log.tail(site));
                shop.podman(site, List.of("pod", "stop", "--time", "3", pod.name()), work);
            }
        }
        return Failed.retryable(
                Failure.START_FAILED,
                why + logs + (site.pod().isPresent() && !now.isEmpty() ? "; it was stopped" : ""),
                "Read its log; correct what it complains of, or let the upgrade be undone");
    }

    private static List<String> named(Site site, String action) {
        List<String> names = site.pods();
        if (names.isEmpty()) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "component " + site.target().component() + " names no pod to " + action,
                    "Set components." + site.target().component() + ".settings.pod, or pods for a set"));
        }
        return names;
    }

    private static String ended(Said said, Site site) {
        return "ended with exit code " + said.exit() + "; last lines: " + said.tail(site);
    }
}
