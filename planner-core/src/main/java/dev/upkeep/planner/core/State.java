package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Verdict.Finding;
import java.util.List;
import java.util.Objects;

/** Where an upgrade is; every started one ends confirmed, rolled back or held. */
public sealed interface State {

    /** It has not begun: its blockers are looked at again and again. */
    record Waiting() implements State {}

    /** A hop is confirmed and the next has not begun: its blockers are looked at like those of a start. */
    record BetweenHops() implements State {}

    /** A step is under way. */
    sealed interface Moving extends State {
        /** The step's place in its list, from 0. */
        int index();

        /** The current attempt. */
        Try attempt();

        /** How many steps of the way forward were asked for. */
        int asked();

        /** The same place with another attempt. */
        Moving with(Try attempt);
    }

    /** On the way to the new version. */
    record Forward(int index, Try attempt) implements Moving {
        public Forward {
            Objects.requireNonNull(attempt, "attempt");
        }

        @Override
        public int asked() {
            return index + 1;
        }

        @Override
        public Forward with(Try other) {
            return new Forward(index, other);
        }
    }

    /**
     * On the way back.
     *
     * @param reverting the migrations that ran, where they are reverted
     */
    record Backward(Route route, int index, Try attempt, int asked, List<String> reverting, Cause cause)
            implements Moving {
        public Backward {
            Objects.requireNonNull(route, "route");
            Objects.requireNonNull(attempt, "attempt");
            reverting = List.copyOf(reverting);
            Objects.requireNonNull(cause, "cause");
        }

        @Override
        public Backward with(Try other) {
            return new Backward(route, index, other, asked, reverting, cause);
        }
    }

    /**
     * A person adopted what is there: only what was parked or captured is still to be released.
     *
     * @param serves the version that was adopted
     */
    record Closing(int index, Try attempt, int asked, Version serves, Cause cause) implements Moving {
        public Closing {
            Objects.requireNonNull(attempt, "attempt");
            Objects.requireNonNull(serves, "serves");
            Objects.requireNonNull(cause, "cause");
        }

        @Override
        public Closing with(Try other) {
            return new Closing(index, other, asked, serves, cause);
        }
    }

    /** It waits for a person; {@code at} is where it goes on from. */
    record Held(String reason, List<Way> ways, State at) implements State {
        public Held {
            Objects.requireNonNull(reason, "reason");
            ways = List.copyOf(ways);
            if (ways.isEmpty()) {
                throw new IllegalArgumentException("a held upgrade has at least one way out");
            }
            if (at instanceof Held || at instanceof Ended) {
                throw new IllegalArgumentException("only what has not ended can be held, and only once");
            }
        }
    }

    /** Nothing follows. */
    sealed interface Ended extends State {}

    /** It runs the new version. */
    record Confirmed(List<Finding> evidence) implements Ended {
        public Confirmed {
            evidence = List.copyOf(evidence);
            if (evidence.isEmpty()) {
                throw new IllegalArgumentException("nothing is confirmed without evidence");
            }
        }
    }

    /** It runs the old version. */
    record RolledBack(Route route, Cause cause) implements Ended {
        public RolledBack {
            Objects.requireNonNull(route, "route");
            Objects.requireNonNull(cause, "cause");
        }
    }

    /** It was given up with nothing under way: before it began, or between two hops. */
    record Aborted(String reason) implements Ended {
        public Aborted {
            Objects.requireNonNull(reason, "reason");
        }
    }

    /**
     * Why it goes back, or was adopted.
     *
     * @param isForLater whether it lets go only what it holds, to begin anew when there is time: nothing was changed
     */
    record Cause(String reason, List<Finding> because, boolean isForLater) {
        public Cause(String reason, List<Finding> because) {
            this(reason, because, false);
        }

        public Cause {
            Objects.requireNonNull(reason, "reason");
            because = List.copyOf(because);
        }
    }

    /** Which of the phases it counts as. */
    default Phase phase() {
        return switch (this) {
            case Waiting s -> Phase.WAITING;
            case BetweenHops s -> Phase.BETWEEN_HOPS;
            case Forward s -> Phase.RUNNING;
            case Backward s -> Phase.UNDOING;
            case Closing s -> Phase.CLOSING;
            case Held s -> s.at() instanceof Waiting ? Phase.BARRED : Phase.HELD;
            case Confirmed s -> Phase.CONFIRMED;
            case RolledBack s -> Phase.ROLLED_BACK;
            case Aborted s -> Phase.ABORTED;
        };
    }

    /** The states by name, as they are counted and searched for. */
    enum Phase {
        /** Not begun. */
        WAITING,
        /** Held before it began. */
        BARRED,
        /** On the way forward. */
        RUNNING,
        /** A hop is confirmed, the next has not begun. */
        BETWEEN_HOPS,
        /** On the way back. */
        UNDOING,
        /** Adopted by a person; releasing what was parked. */
        CLOSING,
        /** Begun, and waiting for a person. */
        HELD,
        /** Ended on the new version. */
        CONFIRMED,
        /** Ended on the old version. */
        ROLLED_BACK,
        /** Given up: never begun, or ended between two hops. */
        ABORTED;

        /** Whether it has begun and not ended: a tenant has one such upgrade at most. */
        public boolean isActive() {
            return this == RUNNING || this == BETWEEN_HOPS || this == UNDOING || this == CLOSING || this == HELD;
        }

        /** Whether nothing follows. */
        public boolean isEnded() {
            return this == CONFIRMED || this == ROLLED_BACK || this == ABORTED;
        }
    }
}
