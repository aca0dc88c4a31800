package dev.upkeep.planner.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What RFC 5545 asks of a calendar's lines. */
class ICalendarTest {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.123Z");

    @Test
    void writesEventsAndDays() {
        ICalendar calendar = new ICalendar("acme", NOW);
        calendar.event(
                "acme-window-1@upkeep",
                Instant.parse("2026-03-07T22:00:00Z"),
                Optional.of(Instant.parse("2026-03-08T02:00:00Z")),
                "window",
                "Maintenance window",
                "");
        calendar.day("inkwell-1.3-end@upkeep", LocalDate.parse("2026-12-31"), "support", "Support of 1.3 ends", "why");

        assertThat(calendar.written())
                .isEqualTo(String.join(
                        "\r\n",
                        List.of(
                                "BEGIN:VCALENDAR",
                                "VERSION:2.0",
                                "PRODID:-//Upkeep//planner//EN",
                                "CALSCALE:GREGORIAN",
                                "NAME:acme",
                                "X-WR-CALNAME:acme",
                                "BEGIN:VEVENT",
                                "UID:acme-window-1@upkeep",
                                "DTSTAMP:20260302T100000Z",
                                "DTSTART:20260307T220000Z",
                                "DTEND:20260308T020000Z",
                                "CATEGORIES:window",
                                "SUMMARY:Maintenance window",
                                "TRANSP:TRANSPARENT",
                                "END:VEVENT",
                                "BEGIN:VEVENT",
                                "UID:inkwell-1.3-end@upkeep",
                                "DTSTAMP:20260302T100000Z",
                                "DTSTART;VALUE=DATE:20261231",
                                "DTEND;VALUE=DATE:20270101",
                                "CATEGORIES:support",
                                "SUMMARY:Support of 1.3 ends",
                                "DESCRIPTION:why",
                                "TRANSP:TRANSPARENT",
                                "END:VEVENT",
                                "END:VCALENDAR",
                                "")));
    }

    @Test
    void escapesWhatWouldMeanSomething() {
        assertThat(summary("freeze; year's end, \\o/\nsecond line\rEND:VEVENT\u0007"))
                .isEqualTo("SUMMARY:freeze\\; year's end\\, \\\\o/\\nsecond lineEND:VEVENT");
    }

    /** Whatever stands in a text: no line is longer than 75 octets, none tears a character, and unfolded it is the text. */
    @Test
    void foldsLinesSoThatTheyUnfoldToWhatTheyWere() {
        Random random = new Random(3);
        String alphabet = "abc ,;üß漢🛠\t";
        int[] letters = alphabet.codePoints().toArray();
        for (int i = 0; i < 2_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = 0; j < random.nextInt(200); j++) {
                text.appendCodePoint(letters[random.nextInt(letters.length)]);
            }
            ICalendar calendar = new ICalendar("x", NOW);
            calendar.event("uid", NOW, Optional.empty(), "c", text.toString(), "");
            String written = calendar.written();

            for (String line : written.split("\r\n", -1)) {
                byte[] octets = line.getBytes(StandardCharsets.UTF_8);
                assertThat(octets.length).isLessThanOrEqualTo(75);
                assertThat(new String(octets, StandardCharsets.UTF_8))
                        .isEqualTo(line)
                        .doesNotContain("\ufffd", "?");
            }
            String escaped =
                    text.toString().replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,");
            assertThat(written.replace("\r\n ", "")).contains("\r\nSUMMARY:" + escaped + "\r\n");
        }
    }

    private static String summary(String text) {
        ICalendar calendar = new ICalendar("x", NOW);
        calendar.event("uid", NOW, Optional.empty(), "c", text, "");
        return calendar.written()
                .replace("\r\n ", "")
                .lines()
                .filter(line -> line.startsWith("SUMMARY:"))
                .findFirst()
                .orElseThrow();
    }
}
