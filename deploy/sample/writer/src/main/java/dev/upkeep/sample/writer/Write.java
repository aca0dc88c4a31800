package dev.upkeep.sample.writer;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One write to one note, as the journal keeps it.
 *
 * @param seq grows with each write of a journal; the writes of one note are never under way together, so it is their
 *     order
 * @param writeId the name of this write, which the service stores with the row
 * @param title null where the write is a delete, as are body and colour
 * @param sentAt when it was sent, as an ISO instant
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"seq", "writeId", "op", "noteId", "title", "body", "colour", "sentAt", "status"})
public record Write(
        long seq,
        UUID writeId,
        @JsonProperty("op") Operation operation,
        UUID noteId,
        @Nullable String title,
        @Nullable String body,
        @Nullable String colour,
        String sentAt,
        Status status) {

    Write with(Status outcome) {
        return new Write(seq, writeId, operation, noteId, title, body, colour, sentAt, outcome);
    }
}
