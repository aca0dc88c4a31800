package dev.upkeep.planner.intake;

import dev.upkeep.planner.desk.Declined;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Query parameters: each is read in one way, and refused with what would be right. */
final class Questions {
    private Questions() {}

    /** A span of time such as {@code P90D} or {@code PT12H}. */
    static Duration span(String name, @Nullable String text, Duration otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            Duration span = Duration.parse(text);
            if (!span.isNegative()) {
                return span;
            }
        } catch (DateTimeException noSpan) {
            // Told below.
        }
        throw refused(name, text, "give a span such as P90D or PT12H");
    }

    /** An instant such as {@code 2026-03-01T22:00:00Z}, or a day in UTC. */
    static Instant instant(String name, @Nullable String text, Instant otherwise) {
        if (text == null) {
            return otherwise;
        }
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
        } catch (DateTimeException noInstant) {
            throw refused(name, text, "give a day such as 2026-03-01, or an instant such as 2026-03-01T22:00:00Z");
        }
    }

    /** A whole number within bounds. */
    static int number(String name, @Nullable String text, int otherwise, int least, int most) {
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            // Told below.
        }
        throw refused(name, text, "give a number from " + least + " to " + most);
    }

    /** One of some words. */
    static <T> Optional<T> word(String name, @Nullable String text, List<T> known, Function<T, String> word) {
        if (text == null) {
            return Optional.empty();
        }
        return Optional.of(known.stream()
                .filter(k -> word.apply(k).equals(text))
                .findFirst()
                .orElseThrow(() -> refused(
                        name, text, "use one of " + known.stream().map(word).toList())));
    }

    /** One that must be there. */
    static String needed(String name, @Nullable String text) {
        if (text == null || text.isBlank()) {
            throw Declined.because(
                    400, "parameter-invalid", "/" + name, "'" + name + "' is missing", "add ?" + name + "=…");
        }
        return text;
    }

    private static Declined refused(String name, String text, String fix) {
        return Declined.because(400, "parameter-invalid", "/" + name, "'" + text + "' is not allowed", fix);
    }
}
