package dev.upkeep.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.cli.Api;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Prints what happens as the planner tells it, one line each, with how long the step took. */
final class Timeline {
    private static final int PAGE = 200;

    private final Api planner;
    private final Terminal terminal;
    private final Map<String, String> rings;
    private final Instant began;
    private final Map<String, Instant> asked = new HashMap<>();
    private String cursor = "";

    /** @param rings of the tenants, by name */
    Timeline(Api planner, Terminal terminal, Map<String, String> rings, Instant began) {
        this.planner = planner;
        this.terminal = terminal;
        this.rings = Map.copyOf(rings);
        this.began = began;
    }

    /** Prints what is new. */
    void printNew() {
        JsonNode page;
        do {
            page = planner.get("/v1/timeline?limit=" + PAGE + (cursor.isEmpty() ? "" : "&after=" + cursor));
            page.path("entries").forEach(this::print);
            cursor = page.path("next").asText(cursor);
        } while (page.path("entries").size() == PAGE);
    }

    private void print(JsonNode entry) {
        Instant at = Instant.parse(entry.path("at").asText());
        String tenant = entry.path("tenant").asText("");
        String kind = entry.path("kind").asText();
        String step = entry.path("step").asText("");
        if (kind.equals("step-requested")) {
            asked.put(tenant + step, at);
            return;
        }
        Optional<Duration> took =
                Optional.ofNullable(asked.remove(tenant + step)).map(from -> Duration.between(from, at));
        String line = "%7s  %-8s %-9s %s %s%s"
                .formatted(
                        clock(Duration.between(began, at)),
                        rings.getOrDefault(tenant, ""),
                        tenant,
                        mark(kind),
                        painted(kind, entry.path("text").asText()),
                        took.map(t -> terminal.dim("  (" + clock(t) + ")")).orElse(""));
        terminal.line(line.stripTrailing());
    }

    private String mark(String kind) {
        return switch (kind) {
            case "step-succeeded", "verdict-confirm" -> terminal.good("·");
            case "upgrade-confirmed", "rollout-finished" -> terminal.good("✔");
            case "step-failed", "verdict-rollback", "upgrade-undoing", "rollout-stopped" -> terminal.bad("✗");
            case "upgrade-rolled-back" -> terminal.note("↩");
            case "upgrade-held", "verdict-hold" -> terminal.note("‖");
            default -> "▸";
        };
    }

    private String painted(String kind, String text) {
        return switch (kind) {
            case "upgrade-confirmed", "rollout-finished" -> terminal.good(text);
            case "step-failed", "verdict-rollback", "rollout-stopped" -> terminal.bad(text);
            case "upgrade-held", "verdict-hold", "upgrade-rolled-back" -> terminal.note(text);
            default -> text;
        };
    }

    static String clock(Duration span) {
        return "%.1f s".formatted(span.toMillis() / 1000.0);
    }
}
