package dev.upkeep.gate;

import java.time.Instant;

/**
 * How the gate stands, and the highest token that put it so.
 *
 * @param retryAfter seconds after which a caller that was turned away may come again
 * @param since when the state last changed
 */
record Position(State state, long token, int retryAfter, Instant since) {
    static final int DEFAULT_RETRY_AFTER = 5;
    static final int LONGEST_RETRY_AFTER = 86_400;

    Position {
        if (token < 0) {
            throw new IllegalArgumentException("token is " + token + "; give 0 or more");
        }
        if (retryAfter < 1 || retryAfter > LONGEST_RETRY_AFTER) {
            throw new IllegalArgumentException(
                    "retryAfter is " + retryAfter + "; give seconds from 1 to " + LONGEST_RETRY_AFTER);
        }
    }

    static Position initial(Instant now) {
        return new Position(State.OPEN, 0, DEFAULT_RETRY_AFTER, now);
    }
}
