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
import dev.upkeep.executor.driver.podman.Pods.Pod;
import dev.upkeep.executor.driver.podman.Rising.Wanted;
import dev.upkeep.executor.driver.podman.Rising.Watch;
import dev.upkeep.executor.driver.podman.Shop.Said;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Stops and brings up one pod by its name, or all of the set by its profile. */
final class Moves {
    private final Shop shop;
    private final Pods pods;
    private final Images images;
    private final Rising rising;

    Moves(Shop shop, Pods pods, Images images) {
        this.shop = shop;
        this.pods = pods;
        this.images = images;
        this.rising = new Rising(shop, pods);
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
            return rising.await(site, wanted, version, Watch.from(there, work), work);
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
        return bring(request, site, version, schema, wanted, there, work);
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
            return rising.await(site, wanted, version, Watch.again(there, work), work);
        }
        return bring(request, site, version, schema, wanted, there, work);
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
        Note note = Note.of(request, site);
        // Where make was killed while it waited, a pod may run by this attempt's token that was never seen to be up.
        boolean made = note.hasEnded(request)
                || (!note.hasBegun() && !there.isEmpty() && there.stream().allMatch(p -> p.token() == token));
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

    private Outcome bring(
            StepRequested request, Site site, Version version, Moment schema, Wanted wanted, List<Pod> there, Work work)
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
        Watch watch = Watch.from(there, work);
        Said said = shop.make(site, words, work);
        if (!said.well()) {
            return said.contains("no rule to make target")
                    ? Failed.forGood(
                            Failure.START_FAILED,
                            "the Makefile of " + site.directory() + " has no target " + words.getFirst() + ": "
                                    + said.last(site),
                            "Correct the setting directory, or the Makefile")
                    : rising.down(site, "make " + String.join(" ", words) + " " + ended(said, site), watch, work);
        }
        Outcome outcome = rising.await(site, wanted, version, watch, work);
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
