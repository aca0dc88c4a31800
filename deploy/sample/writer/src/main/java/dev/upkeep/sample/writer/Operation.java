package dev.upkeep.sample.writer;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a write does to its note. */
public enum Operation {
    @JsonProperty("insert")
    INSERT,
    @JsonProperty("update")
    UPDATE,
    @JsonProperty("delete")
    DELETE
}
