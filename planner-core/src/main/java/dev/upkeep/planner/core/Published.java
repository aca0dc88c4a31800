package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.Objects;

/** A release that is out, and since when. */
public record Published(Version version, Instant at) {
    public Published {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(at, "at");
    }
}
