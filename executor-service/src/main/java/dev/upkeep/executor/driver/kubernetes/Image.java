package dev.upkeep.executor.driver.kubernetes;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Target;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A version of a component as an image, pinned by its digest.
 *
 * @param repository with its registry: {@code registry.example/app}
 */
record Image(String repository, Optional<String> tag, String digest) {
    private static final Pattern LOCATION =
            Pattern.compile("(?:oci|docker)://([^@]+?)(?::([A-Za-z0-9_][A-Za-z0-9._-]*))?(?:@.*)?");

    /** What the request's component, or the one whose bytes it runs, is in {@code version}. */
    static Image of(StepRequested request, Version version) {
        Target holder = Optional.ofNullable(request.uses().get("artifact")).orElse(request.target());
        Artifact artifact = Optional.ofNullable(holder.artifacts().get(version.toString()))
                .or(() -> Optional.ofNullable(request.target().artifacts().get(version.toString())))
                .orElseThrow(() -> new Refused(Failed.forGood(
                        Failure.ARTIFACT_MISSING,
                        "the request names no artifact of " + holder.component() + " for " + version,
                        "Publish the release with an artifact for this component")));
        Matcher location = LOCATION.matcher(artifact.location());
        if (!location.matches()) {
            throw new Refused(Failed.forGood(
                    Failure.ARTIFACT_UNREACHABLE,
                    "artifact location " + artifact.location() + " is no image",
                    "Publish the release with a location such as oci://REGISTRY/REPOSITORY:TAG"));
        }
        return new Image(
                location.group(1),
                Optional.ofNullable(location.group(2)),
                artifact.digest().value());
    }

    /** As a pod names it: never by a tag, which may move. */
    String pinned() {
        return repository + "@" + digest;
    }

    /**
     * The containers that run it: the named one, or all of them if they run one and the same repository.
     *
     * @throws Refused {@link Failure#SETTING_MISSING} if it can't be told which they are
     */
    static List<Container> runBy(Site site, List<Container> all) {
        Optional<String> named = site.setting("container");
        List<Container> chosen = all.stream()
                .filter(c -> named.isEmpty() || named.get().equals(c.getName()))
                .toList();
        long repositories = chosen.stream().map(Image::repositoryOf).distinct().count();
        if (chosen.isEmpty() || repositories > 1) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    site.called() + " has the containers "
                            + all.stream().map(Container::getName).toList() + ", and "
                            + named.map(name -> "none is named " + name)
                                    .orElse("it is not said which of them runs the release's image"),
                    "Set container to the one that does"));
        }
        return chosen;
    }

    /** The init containers that run it as well: those of the repository of the containers that do. */
    static List<Container> initRunBy(Site site, PodSpec pod) {
        Set<String> repositories = runBy(site, pod.getContainers()).stream()
                .map(Image::repositoryOf)
                .collect(Collectors.toSet());
        return pod.getInitContainers().stream()
                .filter(c -> repositories.contains(repositoryOf(c)))
                .toList();
    }

    /** Whether each of the containers that are to run it is told to run exactly that image. */
    static boolean isRunBy(Site site, PodSpec pod, String pinned) {
        return Stream.concat(runBy(site, pod.getContainers()).stream(), initRunBy(site, pod).stream())
                .allMatch(c -> pinned.equals(c.getImage()));
    }

    private static String repositoryOf(Container container) {
        return Optional.ofNullable(container.getImage())
                .orElse("")
                .replaceFirst("@.*$", "")
                .replaceFirst(":[^/]*$", "");
    }
}
