package dev.upkeep.verifier.core;

import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A bake under way.
 *
 * @param began when the first look was taken; empty before it
 */
public record Bake(BakeRequested asked, Progress seen, Baselined before, Optional<Instant> began) {
    public Bake {
        Objects.requireNonNull(asked, "asked");
        Objects.requireNonNull(seen, "seen");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(began, "began");
    }

    /** The bake after one more look, taken at {@code at}. */
    public Bake looked(List<Reading> readings, Instant at) {
        return new Bake(asked, seen.plus(readings), before, Optional.of(began.orElse(at)));
    }

    /** How it goes on at {@code now}. */
    public Course course(Instant now) {
        return Judge.after(asked, seen, before, lasted(now));
    }

    /** How long it has lasted since the first look. */
    public Duration lasted(Instant now) {
        return began.map(b -> Duration.between(b, now))
                .filter(d -> !d.isNegative())
                .orElse(Duration.ZERO);
    }
}
