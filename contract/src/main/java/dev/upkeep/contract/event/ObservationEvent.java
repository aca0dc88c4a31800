package dev.upkeep.contract.event;

import dev.upkeep.contract.TenantId;
import java.time.Instant;
import java.util.Objects;

/** Readings; exempt from the inbox, deduplicated by series and time. */
public sealed interface ObservationEvent extends Event {
    /** Who was observed. */
    TenantId tenant();

    @Override
    default String key() {
        return tenant().value();
    }

    /**
     * One reading.
     *
     * @param series what was read: a probe's or watch's name and its part, such as {@code error-ratio.of}
     * @param value the reading; a probe gives 1 for passed and 0 for not
     * @param text what was found, for a person; may be empty
     */
    record Observed(TenantId tenant, String series, Instant at, double value, String text) implements ObservationEvent {
        public Observed {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(series, "series");
            Objects.requireNonNull(at, "at");
            Objects.requireNonNull(text, "text");
        }
    }
}
