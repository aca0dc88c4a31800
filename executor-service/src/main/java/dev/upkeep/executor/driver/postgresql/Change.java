package dev.upkeep.executor.driver.postgresql;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One line of what logical decoding gives, in the order of commits. */
sealed interface Change {

    /** A transaction's changes follow. */
    record Begin(String xid) implements Change {}

    /** They were committed. */
    record Commit(String xid, Instant at) implements Change {}

    /**
     * One row was inserted, updated or deleted.
     *
     * @param table as SQL writes it
     * @param old what identified the row before, where that changed or the row is gone; empty if the server does not say
     * @param row as it is now; of a deleted row there is none
     */
    record Write(String table, Op op, Optional<Tuple> old, Optional<Tuple> row) implements Change {}

    /** All rows of these tables were thrown away. */
    record Truncate(List<String> tables) implements Change {
        public Truncate {
            tables = List.copyOf(tables);
        }
    }

    /** Somebody left a note in the log. */
    record Message(boolean transactional, String prefix, String content) implements Change {}

    /** What happened to a row. */
    enum Op {
        INSERT,
        UPDATE,
        DELETE;

        /** The word in reports. */
        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * A row, or its key.
     *
     * @param columns by name, not quoted, in the table's order; a value is its text, or null
     * @param unchanged large values that were not written and are therefore not known here
     */
    record Tuple(Map<String, @Nullable String> columns, Set<String> unchanged) {
        public Tuple {
            Objects.requireNonNull(columns, "columns");
            columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
            unchanged = Set.copyOf(unchanged);
        }
    }
}
