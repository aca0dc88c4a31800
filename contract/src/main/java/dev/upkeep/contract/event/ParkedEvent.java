package dev.upkeep.contract.event;

import java.util.Objects;

/** What a consumer says when it can't go on with one key. */
public sealed interface ParkedEvent extends Event {

    /**
     * A record was dead-lettered; later records with its key wait behind it, so that order is not broken.
     *
     * @param service the consumer
     * @param origin the topic the record came from
     * @param key the record's key, often a tenant's id
     * @param record {@code topic-partition@offset}
     * @param reason why it can't be processed
     */
    record KeyParked(String service, String origin, String key, String record, String reason) implements ParkedEvent {
        public KeyParked {
            Objects.requireNonNull(service, "service");
            Objects.requireNonNull(origin, "origin");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(record, "record");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
