package dev.upkeep.contract.event;

import dev.upkeep.contract.EventId;
import java.time.Instant;
import java.util.Objects;

/**
 * An event with what CloudEvents says about it.
 *
 * @param id by which a consumer recognises a redelivery; the same decision always gives the same id
 * @param source the service that says it, such as {@code planner}
 * @param time when it was decided
 */
public record Envelope(EventId id, String source, Instant time, Event event) {
    public Envelope {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(event, "event");
        if (source.isBlank()) {
            throw new IllegalArgumentException("source must not be blank");
        }
    }
}
