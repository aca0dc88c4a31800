package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A version, or a line of versions: {@code 2} is every 2.x.y, {@code 2.1} every 2.1.y. A line holds no pre-release; one
 * is meant only by its full name.
 */
public record Line(String text) {
    private static final Pattern SHAPE = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    /** @throws IllegalArgumentException naming the text, if it is neither */
    public Line {
        Objects.requireNonNull(text, "text");
        if (!SHAPE.matcher(text).matches()) {
            try {
                Version.of(text);
            } catch (IllegalArgumentException neither) {
                throw new IllegalArgumentException(
                        "'" + text + "' is neither a version such as 2.0.0 nor a line such as 2 or 2.1", neither);
            }
        }
    }

    /** Whether a version is meant. */
    public boolean covers(Version version) {
        return version.toString().equals(text)
                || (version.preRelease().isEmpty()
                        && (text.equals(Integer.toString(version.major()))
                                || text.equals(version.major() + "." + version.minor())));
    }

    @Override
    public String toString() {
        return text;
    }
}
