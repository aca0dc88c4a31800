package dev.upkeep.planner.core;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.event.Verdict;
import java.util.Map;
import java.util.Objects;

/** What an upgrade is told. */
public sealed interface News {

    /** It may begin, by this plan. */
    record MayBegin(Plan plan) implements News {
        public MayBegin {
            Objects.requireNonNull(plan, "plan");
        }
    }

    /** An attempt was answered. */
    sealed interface Answer extends News {
        /** Which attempt. */
        Asked of();
    }

    /** An attempt's identity: an answer that bears another one is stale. */
    record Asked(StepId step, int attempt, Token token) {
        public Asked {
            Objects.requireNonNull(step, "step");
            Objects.requireNonNull(token, "token");
        }
    }

    /** It was done. */
    record Done(Asked of, Map<String, String> found, String summary) implements Answer {
        public Done {
            found = Map.copyOf(found);
        }
    }

    /** It was not done. */
    record NotDone(Asked of, String code, String reason, String fix, boolean retryable) implements Answer {}

    /** Nobody can tell. */
    record Unclear(Asked of, String reason) implements Answer {}

    /** The verifier judged. */
    record Judged(Asked of, Verdict verdict) implements Answer {}

    /** The time that it waits for may have come. */
    record Woken() implements News {}

    /** A service can't process a record about this tenant; what comes after it waits. */
    record KeyWasParked(String service, String reason) implements News {}

    /** A person chose a way out. */
    record Resolved(Way way, String by, String note) implements News {
        public Resolved {
            Objects.requireNonNull(way, "way");
            if (by.isBlank()) {
                throw new IllegalArgumentException("a resolution names who made it");
            }
        }
    }

    /** Its rollout was aborted. */
    record GivenUp(String reason) implements News {}
}
