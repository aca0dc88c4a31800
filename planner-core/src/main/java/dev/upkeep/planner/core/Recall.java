package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.time.Instant;
import java.util.Objects;

/**
 * A release taken back by whoever published it: nobody goes to it any more.
 *
 * @param by who decided
 * @param reason why, for those who run it
 * @param goBack whether those who run it are to go back
 */
public record Recall(Version version, String by, String reason, boolean goBack, Instant at) {
    public Recall {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(at, "at");
        if (by.isBlank() || reason.isBlank()) {
            throw new IllegalArgumentException("a recall names who made it and why");
        }
    }

    /** What happened, for a person: {@code release 1.1.0 was recalled by ada: it loses notes}. */
    public String told() {
        return "release " + version + " was recalled by " + by + ": " + reason;
    }
}
