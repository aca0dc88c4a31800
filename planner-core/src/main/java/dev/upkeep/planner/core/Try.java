package dev.upkeep.planner.core;

import dev.upkeep.contract.Token;
import java.time.Instant;
import java.util.Objects;

/** How far the current attempt of a step is. */
public sealed interface Try {
    /** Which attempt of the step it is, from 1. */
    int number();

    /** How many of the attempts since a person last looked have failed. */
    int failures();

    /**
     * It was asked for and not answered yet.
     *
     * @param overdue when an answer is no longer expected
     */
    record InFlight(int number, int failures, Token token, Instant overdue) implements Try {
        public InFlight {
            Objects.requireNonNull(token, "token");
            Objects.requireNonNull(overdue, "overdue");
        }
    }

    /** It failed and is asked for again at {@code due}. */
    record Backoff(int number, int failures, Instant due) implements Try {
        public Backoff {
            Objects.requireNonNull(due, "due");
        }
    }

    /** It was not asked for: a person does it, or something it needs is missing. */
    record Unasked(int number, int failures) implements Try {}
}
