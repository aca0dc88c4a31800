package dev.upkeep.planner.store;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values as the PostgreSQL client takes and gives them; a batch is a column of each. */
final class Columns {
    private Columns() {}

    static <T> @Nullable String[] texts(List<T> rows, Function<T, @Nullable String> column) {
        @Nullable String[] values = new @Nullable String[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.apply(rows.get(i));
        }
        return values;
    }

    static <T> Long[] numbers(List<T> rows, Function<T, Long> column) {
        return rows.stream().map(column).toArray(Long[]::new);
    }

    static <T> @Nullable OffsetDateTime[] times(List<T> rows, Function<T, Optional<Instant>> column) {
        @Nullable OffsetDateTime[] values = new @Nullable OffsetDateTime[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.apply(rows.get(i)).map(Columns::time).orElse(null);
        }
        return values;
    }

    static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static Instant instant(@Nullable Object column) {
        return optional(column).orElseThrow(() -> new IllegalStateException("a column that must not be null is"));
    }

    static Optional<Instant> optional(@Nullable Object column) {
        return column == null ? Optional.empty() : Optional.of(((OffsetDateTime) column).toInstant());
    }

    static String text(@Nullable Object column) {
        if (column == null) {
            throw new IllegalStateException("a column that must not be null is");
        }
        return column.toString();
    }

    static long number(@Nullable Object column) {
        if (column == null) {
            throw new IllegalStateException("a column that must not be null is");
        }
        return ((Number) column).longValue();
    }
}
