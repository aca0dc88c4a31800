package dev.upkeep.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoardTest {
    private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

    private final Terminal terminal =
            new Terminal(new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), null, false);
    private final Board board = new Board(Map.of("finch", "canary"), "1.0.0", id -> json("""
            {"plan": {"forward": [1, 2, 3, 4], "undo": {"irreversible": [1, 2]}}}
            """));

    @Test
    void showsHowFarATenantIsAndWhatItDoes() {
        happens(0, "upgrade-planned", "1.0.0 → 1.1.0 is planned");
        assertThat(row(0)).isEqualTo("  canary  finch  1.0.0 → 1.1.0  waits for its ring");

        happens(1, "upgrade-started", "1.0.0 → 1.1.0 begins");
        happens(1, "step-requested", "park-traffic gate");
        happens(2, "step-succeeded", "park-traffic gate: traffic is parked");
        happens(2, "step-requested", "stop app");

        assertThat(row(5)).isEqualTo("  canary  finch  1.0.0 → 1.1.0  ████░░░░░░░░░░░░  1/4  stop 3.0 s");
    }

    @Test
    void saysHowLongItTookAndForHowLongTrafficWasParked() {
        happens(0, "upgrade-planned", "1.0.0 → 1.1.0 is planned");
        happens(0, "upgrade-started", "1.0.0 → 1.1.0 begins");
        happens(1, "step-requested", "park-traffic gate");
        happens(2, "step-succeeded", "park-traffic gate: traffic is parked");
        happens(5, "step-requested", "open-traffic gate");
        happens(6, "step-succeeded", "open-traffic gate: traffic is open");
        happens(9, "upgrade-confirmed", "1.1.0 confirmed: health answered 200");

        assertThat(row(20))
                .isEqualTo("  canary  finch  1.1.0          ✔ confirmed after 9.0 s, traffic parked for 4.0 s");
        assertThat(board.outcome("finch")).isEqualTo("confirmed, 9.0 s");
    }

    @Test
    void showsTheWayBackAsAWayOfItsOwn() {
        happens(0, "upgrade-planned", "1.0.0 → 1.1.0 is planned");
        happens(0, "upgrade-started", "1.0.0 → 1.1.0 begins");
        happens(3, "upgrade-undoing", "goes back to 1.0.0: verify-open app: error-ratio 0.2");
        happens(4, "route-chosen", "way back: irreversible, because it drops a column", "irreversible");
        happens(4, "step-requested", "restore-database database");
        happens(5, "step-succeeded", "restore-database database: restored");

        assertThat(row(5)).isEqualTo("  canary  finch  1.0.0 ← 1.1.0  ████████░░░░░░░░  1/2  ".stripTrailing());

        happens(6, "upgrade-rolled-back", "runs 1.0.0 again: error-ratio 0.2");
        assertThat(board.outcome("finch")).isEqualTo("rolled back, 6.0 s");
    }

    private void happens(int second, String kind, String text) {
        happens(second, kind, text, "");
    }

    private void happens(int second, String kind, String text, String route) {
        board.take(
                json("{\"tenant\": \"finch\", \"upgrade\": \"u-1\", \"kind\": \"" + kind + "\", \"text\": \"" + text
                        + "\", \"details\": {\"route\": \"" + route + "\"}}"),
                START.plusSeconds(second));
    }

    private String row(int second) {
        return board.lines(terminal, START.plusSeconds(second), "").get(1).stripTrailing();
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
