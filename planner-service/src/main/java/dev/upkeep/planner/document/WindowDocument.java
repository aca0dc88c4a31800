package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Window;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;

/** Reads a tenant's windows: by days of the week, or by a recurrence rule. */
final class WindowDocument {
    private static final List<String> DAYS = List.of("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN");

    private WindowDocument() {}

    static void check(String pointer, JsonNode window, Problems problems) {
        problems.zone(pointer + "/zone", window.path("zone"));
        problems.span(pointer + "/length", window.path("length"));
        boolean recurs = window.has("rrule");
        if (recurs == window.has("days")) {
            problems.add(pointer, "a window opens by days or by rrule", "give exactly one of them");
            return;
        }
        for (String other : List.of(recurs ? "to" : "length")) {
            if (window.has(other)) {
                problems.add(
                        pointer + "/" + other,
                        "'" + other + "' does not go with '" + (recurs ? "rrule" : "days") + "'",
                        recurs ? "give 'length', such as PT4H" : "give 'to', such as \"05:00\"");
            }
        }
        String needed = recurs ? "length" : "to";
        if (!window.has(needed)) {
            problems.add(
                    pointer + "/" + needed,
                    "'" + needed + "' is missing",
                    recurs ? "add 'length': how long it is open, such as PT4H" : "add 'to': when it closes");
        }
        String from = window.path("from").asText("");
        if (window.has("from") && from.contains("T") != recurs) {
            problems.add(
                    pointer + "/from",
                    "'" + from + "' does not go with '" + (recurs ? "rrule" : "days") + "'",
                    recurs
                            ? "give the local date-time of the first, such as 2026-01-03T01:00"
                            : "give a local time in quotes, such as \"01:00\"");
        }
        if (recurs) {
            problems.add(
                    pointer + "/rrule", "recurrence rules can't be read yet", "give 'days', 'from' and 'to' instead");
        }
    }

    static Window window(JsonNode node) {
        return new Window(
                new HashSet<>(Nodes.list(node.get("days"), day -> DayOfWeek.of(DAYS.indexOf(day.asText()) + 1))),
                LocalTime.parse(node.get("from").asText()),
                LocalTime.parse(node.get("to").asText()),
                ZoneId.of(node.get("zone").asText()));
    }
}
