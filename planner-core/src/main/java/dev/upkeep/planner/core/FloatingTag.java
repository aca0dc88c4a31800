package dev.upkeep.planner.core;

import dev.upkeep.planner.core.Policies.Tag;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tags that move: what they name today is not what they name tomorrow. */
public final class FloatingTag {
    private static final Set<String> OF_IMAGES =
            Set.of("latest", "snapshot", "nightly", "edge", "main", "master", "stable");
    // A folder may well be called main or stable; these as part of a path promise something else each day.
    private static final Set<String> OF_PATHS = Set.of("latest", "snapshot", "nightly");
    private static final Pattern MAJOR = Pattern.compile("v?\\d+");
    private static final Pattern MINOR = Pattern.compile("v?\\d+\\.\\d+");
    // An image is REGISTRY/REPOSITORY[:TAG][@DIGEST]; a colon before the last slash belongs to a port.
    private static final Pattern IMAGE = Pattern.compile("oci://[^@]*?/[^/:@]+(?::([^@/]+))?(?:@(.+))?");

    private FloatingTag() {}

    /** The shape of a tag that a tenant may follow, if it floats. */
    public static Optional<Tag> shape(String tag) {
        if (tag.equals("snapshot")) {
            return Optional.of(Tag.SNAPSHOT);
        }
        if (MAJOR.matcher(tag).matches()) {
            return Optional.of(Tag.MAJOR);
        }
        return MINOR.matcher(tag).matches() ? Optional.of(Tag.MINOR) : Optional.empty();
    }

    /**
     * The tag by which a location floats, if it does.
     *
     * <p>An image without a tag floats as {@code latest}, one with a digest never; elsewhere a part of the path may be such a word.
     */
    static Optional<String> of(String location) {
        Matcher image = IMAGE.matcher(location);
        if (image.matches()) {
            String tag = image.group(1) == null ? "latest" : image.group(1);
            return image.group(2) == null && floats(tag) ? Optional.of(tag) : Optional.empty();
        }
        for (String part : location.split("[/?#]", -1)) {
            if (OF_PATHS.contains(part)) {
                return Optional.of(part);
            }
        }
        return Optional.empty();
    }

    private static boolean floats(String tag) {
        return OF_IMAGES.contains(tag) || shape(tag).isPresent();
    }

    /** The tag of an image's location. */
    static Optional<String> imageTag(String location) {
        Matcher image = IMAGE.matcher(location);
        return image.matches() ? Optional.ofNullable(image.group(1)) : Optional.empty();
    }

    /** The digest of an image's location. */
    static Optional<String> imageDigest(String location) {
        Matcher image = IMAGE.matcher(location);
        return image.matches() ? Optional.ofNullable(image.group(2)) : Optional.empty();
    }

    static boolean isImage(String location) {
        return location.startsWith("oci:");
    }
}
