package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Artifact;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image as a release names it.
 *
 * @param repository where it is from, without tag or digest
 * @param tag the tag that its location has; empty if it has none
 */
public record ImageName(String repository, String tag, String digest) {
    private static final Pattern SCHEME = Pattern.compile("^(docker|oci)://");

    /** The image that an artifact is, if it is one and no file. */
    public static Optional<ImageName> of(Artifact artifact) {
        if (!SCHEME.matcher(artifact.location()).find()) {
            return Optional.empty();
        }
        String name = SCHEME.matcher(artifact.location()).replaceFirst("");
        String repository = name.replaceFirst("[:@][^/]*$", "");
        String tag =
                name.substring(repository.length()).replaceFirst("@.*$", "").replaceFirst("^:", "");
        return Optional.of(new ImageName(repository, tag, artifact.digest().value()));
    }

    /** By its digest: the bytes that the release names, and no others. */
    public String reference() {
        return repository + "@" + digest;
    }
}
