package dev.upkeep.planner.calendar;

import dev.upkeep.planner.core.Window;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.Freq;
import org.dmfs.rfc5545.recur.InvalidRecurrenceRuleException;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recur.RecurrenceRuleIterator;

/**
 * The local times that a window's rule names from a local time on. The library only ever sees local times: what the
 * zone's clocks make of them is decided elsewhere.
 */
final class Recurrence {
    private static final Set<Freq> COARSE = Set.of(Freq.DAILY, Freq.WEEKLY, Freq.MONTHLY, Freq.YEARLY);

    private final String text;
    private final RecurrenceRuleIterator times;

    /** @throws IllegalArgumentException if the rule can't be read or names no time */
    Recurrence(Window window, LocalDateTime from) {
        this.text = window.rule();
        RecurrenceRule rule = parsed(window);
        this.times = searched(() -> {
            RecurrenceRuleIterator iterator = rule.iterator(floating(window.first()));
            iterator.fastForward(floating(from));
            return iterator;
        });
    }

    /** The next of them; none if the rule has ended. */
    Optional<LocalDateTime> next() {
        return searched(() -> times.hasNext() ? Optional.of(local(times.nextDateTime())) : Optional.empty());
    }

    private static RecurrenceRule parsed(Window window) {
        String text = window.rule();
        RecurrenceRule rule;
        try {
            rule = new RecurrenceRule(text, RecurrenceRule.RfcMode.RFC5545_STRICT);
        } catch (InvalidRecurrenceRuleException | IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "'" + text + "' is no RRULE of RFC 5545: " + malformed.getMessage(), malformed);
        }
        if (!COARSE.contains(rule.getFreq())) {
            throw new IllegalArgumentException("'" + text + "' has FREQ=" + rule.getFreq()
                    + "; a window opens DAILY, WEEKLY, MONTHLY or YEARLY, and several times a day by BYHOUR");
        }
        DateTime until = rule.getUntil();
        if (until != null) {
            rule.setUntil(end(until, window));
        }
        return rule;
    }

    /** A rule's end as a local time; a date alone is all of that day. */
    private static DateTime end(DateTime until, Window window) {
        if (until.isAllDay()) {
            return new DateTime(until.getYear(), until.getMonth(), until.getDayOfMonth(), 23, 59, 59);
        }
        return until.isFloating()
                ? until
                : floating(Instant.ofEpochMilli(until.getTimestamp())
                        .atZone(window.zone())
                        .toLocalDateTime());
    }

    /** The library gives up, by an exception, after some thousand periods in which a rule names no time. */
    private <T> T searched(Supplier<T> search) {
        try {
            return search.get();
        } catch (IllegalArgumentException | IllegalStateException endless) {
            throw new IllegalArgumentException("'" + text + "' names no time that ever comes", endless);
        }
    }

    private static DateTime floating(LocalDateTime time) {
        return new DateTime(
                time.getYear(),
                time.getMonthValue() - 1,
                time.getDayOfMonth(),
                time.getHour(),
                time.getMinute(),
                time.getSecond());
    }

    private static LocalDateTime local(DateTime time) {
        return LocalDateTime.of(
                time.getYear(),
                time.getMonth() + 1,
                time.getDayOfMonth(),
                time.getHours(),
                time.getMinutes(),
                time.getSeconds());
    }
}
