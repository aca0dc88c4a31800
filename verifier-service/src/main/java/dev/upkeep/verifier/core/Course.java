package dev.upkeep.verifier.core;

import dev.upkeep.contract.event.Verdict;
import java.util.Objects;

/** How a bake goes on after a look. */
public sealed interface Course {
    /** Another look is needed. */
    record LookAgain() implements Course {}

    /** It is over. */
    record Judged(Verdict verdict) implements Course {
        public Judged {
            Objects.requireNonNull(verdict, "verdict");
        }
    }
}
