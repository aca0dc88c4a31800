package dev.upkeep.contract.step;

import java.time.Duration;

/** A span of time that is longer than nothing. */
final class Positive {
    private Positive() {}

    static void check(String what, Duration span) {
        if (span.isNegative() || span.isZero()) {
            throw new IllegalArgumentException(what + " " + span + " must be longer than nothing");
        }
    }
}
