package dev.upkeep.planner.core;

import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What an upgrade is told. */
public sealed interface News {

    /**
     * Its first or its next hop may begin.
     *
     * @param plan of that hop
     * @param ahead where it goes after it
     * @param known facts from before the hop, such as the schema that a version ran on here
     */
    record MayBegin(Plan plan, List<Version> ahead, Map<String, String> known) implements News {
        public MayBegin {
            Objects.requireNonNull(plan, "plan");
            ahead = List.copyOf(ahead);
            known = Map.copyOf(known);
        }

        /** One that ends with this hop. */
        public MayBegin(Plan plan) {
            this(plan, List.of(), Map.of());
        }
    }

    /** There is no way from where it is, and there won't be one until somebody does something. */
    record HasNoWay(List<String> reasons) implements News {
        public HasNoWay {
            reasons = List.copyOf(reasons);
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

    /** Its rollout was aborted: what has begun goes on to its end, the rest never starts. */
    record GivenUp(String reason) implements News {}

    /**
     * It is to end, and what has begun is to be turned back where that can be done.
     *
     * @param cause who wants it and why: {@code aborted by ada: wrong customer}
     */
    record Abort(String cause) implements News {
        public Abort {
            if (cause.isBlank()) {
                throw new IllegalArgumentException("an abort says who wants it and why");
            }
        }
    }
}
