package dev.upkeep.local;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.cli.Api;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints what happens as the planner tells it, a line each: when, where, what, how long it took, and why. */
final class Timeline {
    private static final int PAGE = 200;
    /** What the board shows already, or what would bury the rest. */
    private static final Set<String> UNTOLD =
            Set.of("tenant-registered", "tenant-changed", "step-requested", "upgrade-planned", "notice-delivered");
    /** What a person has to read to its end. */
    private static final Set<String> TOLD_WHOLE = Set.of(
            "step-failed",
            "step-uncertain",
            "step-refused",
            "verdict-rollback",
            "verdict-hold",
            "upgrade-held",
            "rollout-stopped",
            "route-chosen",
            "notice-failed");

    private final Api planner;
    private final Terminal terminal;
    private final Board board;
    private final int tenantWidth;
    private final Instant began;
    private final Map<String, Instant> asked = new HashMap<>();
    private String cursor = "";

    /** @param began which moment is the timeline's zero */
    Timeline(Api planner, Terminal terminal, Board board, Instant began) {
        this.planner = planner;
        this.terminal = terminal;
        this.board = board;
        this.tenantWidth = board.tenantWidth();
        this.began = began;
    }

    /** Prints what is new. */
    void printNew() {
        JsonNode page;
        do {
            page = planner.get("/v1/timeline?limit=" + PAGE + (cursor.isEmpty() ? "" : "&after=" + cursor));
            page.path("entries").forEach(this::take);
            cursor = page.path("next").asText(cursor);
        } while (page.path("entries").size() == PAGE);
    }

    private void take(JsonNode entry) {
        Instant at = Instant.parse(entry.path("at").asText());
        String kind = entry.path("kind").asText();
        String tenant = entry.path("tenant").asText("");
        String step = entry.path("step").asText("");
        board.take(entry, at);
        if (kind.equals("step-requested")) {
            asked.put(tenant + step, at);
        }
        if (UNTOLD.contains(kind)) {
            return;
        }
        String before = "%7s  %s  ".formatted(clock(Duration.between(began, at)), padded(tenant, tenantWidth));
        String what = step.isEmpty() ? "" : padded(action(entry), 17);
        String took = Optional.ofNullable(asked.remove(tenant + step))
                .map(from -> "%6s  ".formatted(clock(Duration.between(from, at))))
                .orElse(step.isEmpty() ? "" : " ".repeat(8));
        int indent = before.length() + 2 + what.length() + took.length();
        List<String> text = lines(kind, told(entry, tenant, kind), indent);
        terminal.line(
                terminal.dim(before) + mark(kind) + " " + what + terminal.dim(took) + painted(kind, text.getFirst()));
        text.stream().skip(1).forEach(more -> terminal.line(" ".repeat(indent) + painted(kind, more)));
    }

    private List<String> lines(String kind, String text, int indent) {
        int width = terminal.columns();
        if (width == Integer.MAX_VALUE) {
            return List.of(text);
        }
        int room = Math.max(20, width - indent);
        return TOLD_WHOLE.contains(kind) ? Terminal.wrap(text, room) : List.of(Terminal.cut(text, room));
    }

    /** What came of it, without what its line says already. */
    private String told(JsonNode entry, String tenant, String kind) {
        String text = entry.path("text").asText();
        String after = text.contains(": ") ? text.substring(text.indexOf(": ") + 2) : text;
        return switch (kind) {
            case "step-succeeded",
                    "step-failed",
                    "step-uncertain",
                    "step-refused",
                    "verdict-rollback",
                    "verdict-hold" -> after;
            case "verdict-confirm" -> "confirmed: " + figures(entry.path("details"));
            case "upgrade-confirmed" -> text.substring(0, text.indexOf(' ')) + " confirmed " + board.howLong(tenant);
            case "upgrade-undoing" -> text.substring(0, text.length() - after.length() - 2);
            case "upgrade-rolled-back" ->
                text.substring(0, text.length() - after.length() - 2) + " " + board.howLong(tenant);
            default -> text;
        };
    }

    /** What was measured, without what had been expected. */
    private static String figures(JsonNode details) {
        return details.properties().stream()
                .map(detail -> detail.getKey() + " "
                        + detail.getValue()
                                .asText()
                                .replaceAll(" \\(expected .*", "")
                                .replaceAll("(sf1:[0-9a-f]{8})[0-9a-f]+", "$1"))
                // Figures first: that every look passed was to be expected.
                .sorted(Comparator.comparing((String figure) -> figure.endsWith("looks passed"))
                        .thenComparing(Comparator.naturalOrder()))
                .collect(Collectors.joining(", "));
    }

    private static String action(JsonNode entry) {
        return entry.path("text").asText().split("[ :]", 2)[0];
    }

    private String mark(String kind) {
        return switch (kind) {
            case "step-succeeded", "verdict-confirm" -> terminal.good("·");
            case "upgrade-confirmed", "rollout-finished" -> terminal.good("✔");
            case "step-failed", "verdict-rollback", "upgrade-undoing", "rollout-stopped", "notice-failed" ->
                terminal.bad("✗");
            case "upgrade-rolled-back" -> terminal.note("↩");
            case "upgrade-held", "verdict-hold", "step-uncertain" -> terminal.note("‖");
            default -> "▸";
        };
    }

    private String painted(String kind, String text) {
        return switch (kind) {
            case "upgrade-confirmed", "rollout-finished" -> terminal.good(text);
            case "step-failed", "verdict-rollback", "upgrade-undoing", "rollout-stopped", "notice-failed" ->
                terminal.bad(text);
            case "upgrade-held", "verdict-hold", "step-uncertain", "upgrade-rolled-back" -> terminal.note(text);
            default -> text;
        };
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    static String clock(Duration span) {
        return String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0);
    }
}
