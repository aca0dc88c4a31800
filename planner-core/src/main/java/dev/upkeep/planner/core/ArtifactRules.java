package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import java.util.List;
import java.util.Optional;

/** What a release may carry, and how it names it. */
final class ArtifactRules {
    private ArtifactRules() {}

    /** Every artifact carries the release's number, as far as it is known which it carries. */
    static List<Contradiction> stampsAreOne(Publication publication) {
        if (!publication.policies().versioning().oneStamp()) {
            return List.of();
        }
        return eachArtifact(publication, (component, artifact) -> {
            Optional<String> stated =
                    Optional.ofNullable(publication.release().stamps().get(component));
            Optional<String> stamp = stated.or(() -> FloatingTag.imageTag(artifact.location())
                    .filter(tag -> number(tag).isPresent()));
            return stamp.filter(s -> !isNumberOf(publication.version(), s))
                    .map(s -> new Contradiction(
                            artifact(component, stated.isPresent() ? "stamp" : "location"),
                            "stampsAreOne",
                            "'" + component + "' carries " + s + ", but all artifacts of " + publication.version()
                                    + " carry one number",
                            "build it as " + publication.version()));
        });
    }

    private static Optional<Version> number(String text) {
        try {
            return Optional.of(Version.of(text.startsWith("v") ? text.substring(1) : text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static boolean isNumberOf(Version version, String stamp) {
        return number(stamp).filter(n -> n.compareTo(version) == 0).isPresent();
    }

    /** What is published once is the same for ever, so its bytes are not named by a tag that moves. */
    static List<Contradiction> tagsStandStill(Publication publication) {
        return eachArtifact(
                publication,
                (component, artifact) -> FloatingTag.of(artifact.location())
                        .map(tag -> new Contradiction(
                                artifact(component, "location"),
                                "tagsStandStill",
                                "tag '" + tag + "' of '" + component + "' moves: tomorrow it names other bytes",
                                "name the exact tag, such as " + publication.version() + ", or a digest")));
    }

    /** An image that is named by a digest is the one whose digest is stated; some products name all of them so. */
    static List<Contradiction> digestsArePinned(Publication publication) {
        boolean byDigest = publication.policies().versioning().pin() == Policies.Pin.DIGEST;
        return eachArtifact(publication, (component, artifact) -> {
            Optional<String> named = FloatingTag.imageDigest(artifact.location());
            if (named.isPresent() && !named.get().equals(artifact.digest().value())) {
                return Optional.of(new Contradiction(
                        artifact(component, "location"),
                        "digestsArePinned",
                        "the location of '" + component + "' names another digest than " + artifact.digest(),
                        "make them equal: both are the digest of the image"));
            }
            return byDigest && named.isEmpty() && FloatingTag.isImage(artifact.location())
                    ? Optional.of(new Contradiction(
                            artifact(component, "location"),
                            "digestsArePinned",
                            publication.product().name() + " pins images by digest, but '" + component
                                    + "' is named by a tag",
                            "append @" + artifact.digest()))
                    : Optional.empty();
        });
    }

    /** What has releases of its own, or comes inside of something else, is not in this product's releases. */
    static List<Contradiction> foreignComponentsStayOut(Publication publication) {
        return eachArtifact(
                publication,
                (component, artifact) -> publication
                        .product()
                        .component(component)
                        .flatMap(c -> switch (c.cadence()) {
                            case OWN ->
                                Optional.of("it has releases of its own and is never upgraded together with "
                                        + publication.product().name());
                            case RIDES_ALONG -> Optional.of("it comes inside another component");
                            case PRODUCT, TRAILING -> Optional.<String>empty();
                        })
                        .map(why -> new Contradiction(
                                artifact(component, "component"),
                                "foreignComponentsStayOut",
                                "the release carries '" + component + "', but " + why,
                                "remove the artifact; say under third-party which versions of it are needed")));
    }

    private static String artifact(ComponentName component, String key) {
        return "/artifacts/" + component + "/" + key;
    }

    @FunctionalInterface
    private interface OfArtifact {
        Optional<Contradiction> contradiction(ComponentName component, Artifact artifact);
    }

    private static List<Contradiction> eachArtifact(Publication publication, OfArtifact rule) {
        return publication.release().artifacts().entrySet().stream()
                .sorted((a, b) -> a.getKey().value().compareTo(b.getKey().value()))
                .flatMap(e -> rule.contradiction(e.getKey(), e.getValue()).stream())
                .toList();
    }
}
