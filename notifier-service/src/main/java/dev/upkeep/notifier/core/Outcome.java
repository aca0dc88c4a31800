package dev.upkeep.notifier.core;

import java.time.Duration;
import java.util.Objects;

/** What came of one try to deliver a notice. */
public sealed interface Outcome {

    /** The far end took it. */
    record Accepted() implements Outcome {}

    /** The far end will never take it, whatever is tried: no such mailbox, no such webhook. */
    record Refused(String reason) implements Outcome {
        public Refused {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * It may work later: nobody answered, or the far end asked to wait.
     *
     * @param atLeast how long to wait, as far as the far end said so; otherwise nothing
     */
    record Unavailable(String reason, Duration atLeast) implements Outcome {
        public Unavailable {
            Objects.requireNonNull(reason, "reason");
            if (atLeast.isNegative()) {
                throw new IllegalArgumentException("atLeast " + atLeast + " must not be negative");
            }
        }
    }
}
