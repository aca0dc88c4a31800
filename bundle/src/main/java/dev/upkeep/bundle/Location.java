package dev.upkeep.bundle;

import dev.upkeep.contract.Digest;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an image lies: {@code oci://REGISTRY/REPOSITORY:TAG} or {@code @DIGEST}.
 *
 * @param tag empty if it has none
 * @param digest empty if it has none
 */
record Location(String registry, String repository, String tag, String digest) {
    private static final String SCHEME = "oci://";
    private static final Pattern SHAPE =
            Pattern.compile("([A-Za-z0-9.-]+(?::\\d{1,5})?)/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
                    + "(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");

    static boolean isImage(String location) {
        return location.startsWith(SCHEME);
    }

    /** Reads one; nothing if it is none. As container engines do, what names no registry is Docker Hub's. */
    static Optional<Location> of(String location) {
        if (!isImage(location)) {
            return Optional.empty();
        }
        String text = location.substring(SCHEME.length());
        int slash = text.indexOf('/');
        String first = slash < 0 ? "" : text.substring(0, slash);
        boolean named = first.contains(".") || first.contains(":") || first.equals("localhost");
        Matcher parts = SHAPE.matcher(named ? text : "registry-1.docker.io/" + (slash < 0 ? "library/" : "") + text);
        return parts.matches()
                ? Optional.of(new Location(parts.group(1), parts.group(2), text(parts.group(3)), text(parts.group(4))))
                : Optional.empty();
    }

    /** The same image in another registry. */
    Location at(String other) {
        return new Location(other, repository, tag, digest);
    }

    /** The same, named by what it must be if it is named by nothing. */
    Location naming(Digest pinned) {
        return tag.isEmpty() && digest.isEmpty() ? new Location(registry, repository, tag, pinned.value()) : this;
    }

    private static String text(@org.jspecify.annotations.Nullable String part) {
        return part == null ? "" : part;
    }

    @Override
    public String toString() {
        return SCHEME + registry + "/" + repository + (tag.isEmpty() ? "" : ":" + tag)
                + (digest.isEmpty() ? "" : "@" + digest);
    }
}
