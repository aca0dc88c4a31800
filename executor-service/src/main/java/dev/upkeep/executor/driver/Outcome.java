package dev.upkeep.executor.driver;

import java.util.Map;
import java.util.Objects;

/** What came of carrying a step out. */
public sealed interface Outcome {

    /**
     * Done, or found done.
     *
     * @param found facts by the names in {@link dev.upkeep.contract.step.Fact}, and figures; never a secret
     * @param summary one sentence for a person, with the figures that matter
     */
    record Done(Map<String, String> found, String summary) implements Outcome {
        public Done {
            found = Map.copyOf(found);
            Objects.requireNonNull(summary, "summary");
        }
    }

    /**
     * Not done, and nothing half done that doing it again would trip over.
     *
     * @param reason what happened, for a person
     * @param fix what a person can do about it
     * @param retryable whether it may succeed later without anybody doing anything
     */
    record Failed(Failure code, String reason, String fix, boolean retryable) implements Outcome {
        public Failed {
            Objects.requireNonNull(code, "code");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(fix, "fix");
        }

        /** A failure that time may cure. */
        public static Failed retryable(Failure code, String reason, String fix) {
            return new Failed(code, reason, fix, true);
        }

        /** A failure that somebody has to do something about. */
        public static Failed forGood(Failure code, String reason, String fix) {
            return new Failed(code, reason, fix, false);
        }
    }

    /** Nobody can tell whether it was done. */
    record Uncertain(String reason) implements Outcome {
        public Uncertain {
            Objects.requireNonNull(reason, "reason");
        }
    }
}
