package dev.upkeep.contract.step;

import dev.upkeep.contract.Digest;
import java.util.Objects;

/**
 * One version of one component as bytes.
 *
 * @param location where it is fetched from: a {@code file:} or {@code http(s):} URL
 * @param digest of its bytes; what was fetched and does not have it is refused
 */
public record Artifact(String location, Digest digest) {
    public Artifact {
        Objects.requireNonNull(digest, "digest");
        if (location.isBlank()) {
            throw new IllegalArgumentException("location must not be blank");
        }
    }
}
