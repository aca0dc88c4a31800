package dev.upkeep.sample.writer;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What is known of a write. */
public enum Status {
    /** Noted before it is sent. Where no later line says more, its outcome is unknown. */
    @JsonProperty("sent")
    SENT,
    /** Answered with 2xx: it must never be lost without a word. */
    @JsonProperty("acknowledged")
    ACKNOWLEDGED,
    /** Answered with an error, or never received by anybody: it did not happen. */
    @JsonProperty("refused")
    REFUSED,
    /** Timed out or cut: it may have happened. */
    @JsonProperty("unknown")
    UNKNOWN
}
