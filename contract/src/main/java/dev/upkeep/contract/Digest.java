package dev.upkeep.contract;

import java.util.regex.Pattern;

/** The SHA-256 of an artifact's bytes, written {@code sha256:} and 64 lower-case hexadecimal digits. */
public record Digest(String value) {
    private static final Pattern SHAPE = Pattern.compile("sha256:[0-9a-f]{64}");

    public Digest {
        if (!SHAPE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "digest '" + value + "' must be sha256: and 64 lower-case hexadecimal digits");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
