package dev.upkeep.planner.document;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.calendar.RuleOpenings;
import dev.upkeep.planner.core.Openings;
import dev.upkeep.planner.core.Window;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;

/** Reads a tenant's windows. */
final class WindowDocument {
    private static final List<String> KEYS = List.of("rrule", "from", "length", "zone");
    private static final Openings OPENINGS = new RuleOpenings();

    private WindowDocument() {}

    static void check(String pointer, JsonNode node, Problems problems) {
        problems.zone(pointer + "/zone", node.path("zone"));
        problems.span(pointer + "/length", node.path("length"));
        if (!KEYS.stream().allMatch(key -> node.path(key).isTextual())) {
            return;
        }
        Window window;
        try {
            window = window(node);
        } catch (DateTimeException told) {
            // The schema, or one of the two above, has complained of it.
            return;
        } catch (IllegalArgumentException refusal) {
            problems.add(pointer + "/length", String.valueOf(refusal.getMessage()), "give a span such as PT4H");
            return;
        }
        try {
            Instant before = window.first().atZone(window.zone()).toInstant().minusSeconds(1);
            if (OPENINGS.after(List.of(window), before, 1).isEmpty()) {
                problems.add(pointer + "/rrule", "the window never opens", "let the rule end after 'from'");
            }
        } catch (IllegalArgumentException refusal) {
            problems.add(
                    pointer + "/rrule",
                    String.valueOf(refusal.getMessage()),
                    "write a rule such as FREQ=WEEKLY;BYDAY=SA,SU");
        }
    }

    static Window window(JsonNode node) {
        return new Window(
                node.get("rrule").asText(),
                LocalDateTime.parse(node.get("from").asText()),
                Duration.parse(node.get("length").asText()),
                ZoneId.of(node.get("zone").asText()));
    }
}
