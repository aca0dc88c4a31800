package dev.upkeep.planner.intake;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** Writes iCalendar (RFC 5545): lines of at most 75 octets that end with CRLF, texts with their commas and breaks escaped. */
final class ICalendar {
    static final String TYPE = "text/calendar";

    private static final int OCTETS = 75;
    private static final DateTimeFormatter INSTANT =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final StringBuilder text = new StringBuilder();
    private final String stamp;

    /** A calendar with a name, written at an instant. */
    ICalendar(String name, Instant now) {
        this.stamp = INSTANT.format(now);
        line("BEGIN:VCALENDAR");
        line("VERSION:2.0");
        line("PRODID:-//Upkeep//planner//EN");
        line("CALSCALE:GREGORIAN");
        line("NAME:" + escaped(name));
        line("X-WR-CALNAME:" + escaped(name));
    }

    /**
     * Adds what happens between two instants, or at one.
     *
     * @param uid the same for the same thing whenever it is written, so that a calendar knows it again
     */
    void event(String uid, Instant from, Optional<Instant> to, String category, String summary, String description) {
        begin(uid);
        line("DTSTART:" + INSTANT.format(from));
        to.ifPresent(end -> line("DTEND:" + INSTANT.format(end)));
        end(category, summary, description);
    }

    /** Adds what happens on a day, wherever one is. */
    void day(String uid, LocalDate day, String category, String summary, String description) {
        begin(uid);
        line("DTSTART;VALUE=DATE:" + DateTimeFormatter.BASIC_ISO_DATE.format(day));
        line("DTEND;VALUE=DATE:" + DateTimeFormatter.BASIC_ISO_DATE.format(day.plusDays(1)));
        end(category, summary, description);
    }

    private void begin(String uid) {
        line("BEGIN:VEVENT");
        line("UID:" + escaped(uid));
        line("DTSTAMP:" + stamp);
    }

    private void end(String category, String summary, String description) {
        line("CATEGORIES:" + escaped(category));
        line("SUMMARY:" + escaped(summary));
        if (!description.isEmpty()) {
            line("DESCRIPTION:" + escaped(description));
        }
        line("TRANSP:TRANSPARENT");
        line("END:VEVENT");
    }

    /** The whole calendar. */
    String written() {
        return text + "END:VCALENDAR\r\n";
    }

    private static String escaped(String value) {
        StringBuilder escaped = new StringBuilder();
        value.codePoints().forEach(c -> {
            switch (c) {
                case '\\', ';', ',' -> escaped.append('\\').appendCodePoint(c);
                case '\n' -> escaped.append("\\n");
                default -> {
                    // Control characters may stand in no line but for the tab.
                    if (c == '\t' || !Character.isISOControl(c)) {
                        escaped.appendCodePoint(c);
                    }
                }
            }
        });
        return escaped.toString();
    }

    /** A line that is too long goes on in the next one, after a space; no character is torn in two. */
    private void line(String line) {
        int octets = 0;
        for (int i = 0; i < line.length(); ) {
            int c = line.codePointAt(i);
            String character = Character.toString(c);
            int size = character.getBytes(StandardCharsets.UTF_8).length;
            if (octets + size > OCTETS) {
                text.append("\r\n ");
                octets = 1;
            }
            text.append(character);
            octets += size;
            i += Character.charCount(c);
        }
        text.append("\r\n");
    }
}
