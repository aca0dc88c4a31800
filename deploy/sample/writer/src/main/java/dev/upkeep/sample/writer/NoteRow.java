package dev.upkeep.sample.writer;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A note as a database or a gap report shows it.
 *
 * @param columns the values by column; a column that the schema does not have is not there
 */
record NoteRow(@Nullable UUID writeId, Map<String, @Nullable String> columns) {
    NoteRow {
        columns = Collections.unmodifiableMap(new HashMap<>(columns));
    }

    static NoteRow of(Map<String, @Nullable String> columns) {
        String writeId = columns.get("write_id");
        return new NoteRow(writeId == null ? null : UUID.fromString(writeId), columns);
    }

    /** Whether what the write said is in the row, as far as the row has a place for it. */
    boolean keeps(Write write) {
        return same("title", write.title()) && same("colour", write.colour()) && keepsBody(write.body());
    }

    private boolean same(String column, @Nullable String said) {
        return !columns.containsKey(column) || Objects.equals(columns.get(column), said);
    }

    /** Where the colour has lost its column a migration may have told it at the end of the body. */
    private boolean keepsBody(@Nullable String said) {
        String kept = columns.get("body");
        if (kept == null || said == null || columns.containsKey("colour")) {
            return same("body", said);
        }
        return kept.startsWith(said);
    }
}
