package dev.upkeep.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where each tenant is now: drawn below the timeline while a rollout runs. */
final class Board {
    private static final int BAR = 16;

    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Function<String, JsonNode> upgrades;

    /**
     * A board of tenants.
     *
     * @param rings of the tenants, by name, in the order they are shown
     * @param version that all of them run
     * @param upgrades shows an upgrade by its id, with its plan
     */
    Board(Map<String, String> rings, String version, Function<String, JsonNode> upgrades) {
        rings.forEach((tenant, ring) -> rows.put(tenant, new Row(ring, version)));
        this.upgrades = upgrades;
    }

    int tenantWidth() {
        return rows.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    /** Changes what an entry of the planner's timeline changes. */
    void take(JsonNode entry, Instant at) {
        Row row = rows.get(entry.path("tenant").asText(""));
        if (row != null) {
            row.take(entry, at, upgrades);
        }
    }

    /** How long a tenant's upgrade took, and for how much of that its traffic was parked. */
    String howLong(String tenant) {
        Row row = rows.get(tenant);
        return row == null ? "" : row.howLong();
    }

    /** What became of a tenant's latest upgrade, in two or three words. */
    String outcome(String tenant) {
        Row row = rows.get(tenant);
        return row == null ? "" : row.outcome();
    }

    /** As lines for a footer, the last of them what is given. */
    List<String> lines(Terminal terminal, Instant now, String last) {
        int names = tenantWidth();
        int rings =
                rows.values().stream().mapToInt(row -> row.ring.length()).max().orElse(0);
        List<String> lines = new ArrayList<>();
        lines.add("");
        rows.forEach((tenant, row) -> lines.add("  %s  %s  %s  %s"
                .formatted(
                        terminal.dim(padded(row.ring, rings)),
                        terminal.bold(padded(tenant, names)),
                        padded(row.versions(), 13),
                        row.now(terminal, now))));
        lines.add("");
        lines.add("  " + terminal.dim(last));
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private enum Phase {
        IDLE,
        WAITING,
        FORWARD,
        BACK,
        CONFIRMED,
        ROLLED_BACK,
        HELD
    }

    private static final class Row {
        private final String ring;
        private String version;
        private String target = "";
        private Phase phase = Phase.IDLE;
        private String step = "";
        private JsonNode plan = MissingNode.getInstance();
        private int done;
        private int steps;
        private @Nullable Instant stepBegan;
        private @Nullable Instant began;
        private @Nullable Instant ended;
        private @Nullable Instant parkedAt;
        private Duration parked = Duration.ZERO;

        Row(String ring, String version) {
            this.ring = ring;
            this.version = version;
        }

        void take(JsonNode entry, Instant at, Function<String, JsonNode> upgrades) {
            String text = entry.path("text").asText();
            switch (entry.path("kind").asText()) {
                case "upgrade-planned" -> {
                    target = text.replaceAll(".*→ (\\S+).*", "$1");
                    phase = Phase.WAITING;
                    parked = Duration.ZERO;
                    parkedAt = null;
                }
                case "upgrade-started" -> {
                    phase = Phase.FORWARD;
                    began = at;
                    ended = null;
                    plan = upgrades.apply(entry.path("upgrade").asText()).path("plan");
                    begin(plan.path("forward").size());
                }
                case "step-requested" -> {
                    step = text.split(" ", 2)[0];
                    stepBegan = at;
                }
                case "step-succeeded", "verdict-confirm" -> {
                    done++;
                    park(step, at);
                    step = "";
                }
                case "upgrade-undoing" -> {
                    phase = Phase.BACK;
                    begin(0);
                }
                case "route-chosen" ->
                    begin(plan.path("undo")
                            .path(entry.path("details").path("route").asText())
                            .size());
                case "upgrade-confirmed" -> {
                    end(Phase.CONFIRMED, at);
                    version = target;
                }
                case "upgrade-rolled-back" -> end(Phase.ROLLED_BACK, at);
                case "upgrade-held" -> phase = Phase.HELD;
                default -> {
                    // What does not move the tenant.
                }
            }
        }

        private void begin(int planned) {
            done = 0;
            steps = planned;
            step = "";
        }

        private void end(Phase last, Instant at) {
            phase = last;
            ended = at;
            step = "";
        }

        private void park(String action, Instant at) {
            if (action.equals("park-traffic")) {
                parkedAt = at;
            } else if (action.equals("open-traffic") && parkedAt != null) {
                parked = parked.plus(Duration.between(parkedAt, at));
                parkedAt = null;
            }
        }

        String versions() {
            return switch (phase) {
                case IDLE, CONFIRMED -> version;
                case WAITING, FORWARD, HELD -> version + " → " + target;
                case BACK, ROLLED_BACK -> version + " ← " + target;
            };
        }

        String now(Terminal terminal, Instant now) {
            return switch (phase) {
                case IDLE -> "";
                case WAITING -> terminal.dim("waits for its ring");
                case FORWARD -> terminal.good(bar()) + " " + count() + doing(terminal, now);
                case BACK -> terminal.note(bar()) + " " + count() + doing(terminal, now);
                case CONFIRMED -> terminal.good("✔ confirmed ") + terminal.dim(howLong());
                case ROLLED_BACK -> terminal.note("↩ rolled back ") + terminal.dim(howLong());
                case HELD -> terminal.bad("‖ held: ./upkeep upgrade show says why");
            };
        }

        private String bar() {
            int full = steps == 0 ? 0 : Math.min(BAR, done * BAR / steps);
            return "█".repeat(full) + "░".repeat(BAR - full);
        }

        private String count() {
            return steps == 0 ? "      " : "%2d/%-2d ".formatted(done, steps);
        }

        private String doing(Terminal terminal, Instant now) {
            return step.isEmpty() || stepBegan == null
                    ? ""
                    : step + terminal.dim(" " + Timeline.clock(atLeastNothing(stepBegan, now)));
        }

        String howLong() {
            if (began == null || ended == null) {
                return "";
            }
            return "after " + Timeline.clock(Duration.between(began, ended))
                    + (parked.isZero() ? "" : ", traffic parked for " + Timeline.clock(parked));
        }

        String outcome() {
            return switch (phase) {
                case IDLE -> "-";
                case WAITING -> "never touched";
                case FORWARD, BACK -> "under way";
                case CONFIRMED -> "confirmed, " + span();
                case ROLLED_BACK -> "rolled back, " + span();
                case HELD -> "held";
            };
        }

        private String span() {
            return began == null || ended == null ? "" : Timeline.clock(Duration.between(began, ended));
        }

        /** The planner's clock may be a moment ahead of what was asked for here. */
        private static Duration atLeastNothing(Instant from, Instant to) {
            return from.isBefore(to) ? Duration.between(from, to) : Duration.ZERO;
        }
    }
}
