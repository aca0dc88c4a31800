package dev.upkeep.notifier.core;

import dev.upkeep.notifier.core.Outcome.Accepted;
import dev.upkeep.notifier.core.Outcome.Refused;
import dev.upkeep.notifier.core.Outcome.Unavailable;
import java.time.Duration;
import java.util.List;

/** What becomes of a notice after a try: delivered, failed for good, or tried again later. */
public sealed interface Course {
    /** The pauses between tries; after the last one there is no further try. About seven hours altogether. */
    List<Duration> PAUSES = List.of(
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(4));

    /** No far end keeps us waiting for longer. */
    Duration LONGEST_PAUSE = Duration.ofHours(6);

    /** The far end has it. */
    record Delivered() implements Course {}

    /** Nothing more is tried. */
    record Failed(String reason) implements Course {}

    /** To be tried again after a pause. */
    record Again(Duration pause, String reason) implements Course {}

    /** Decides after the given try, counted from 1. */
    static Course after(Outcome outcome, int attempt) {
        return switch (outcome) {
            case Accepted() -> new Delivered();
            case Refused(var reason) -> new Failed(reason);
            case Unavailable(var reason, var atLeast) ->
                attempt > PAUSES.size()
                        ? new Failed("gave up after " + attempt + " tries: " + reason)
                        : new Again(pause(attempt, atLeast), reason);
        };
    }

    private static Duration pause(int attempt, Duration atLeast) {
        Duration own = PAUSES.get(attempt - 1);
        Duration asked = atLeast.compareTo(LONGEST_PAUSE) < 0 ? atLeast : LONGEST_PAUSE;
        return own.compareTo(asked) < 0 ? asked : own;
    }
}
