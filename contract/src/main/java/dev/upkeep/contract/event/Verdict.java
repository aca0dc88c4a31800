package dev.upkeep.contract.event;

import java.util.List;
import java.util.Objects;

/** What the verifier says of a bake. */
public sealed interface Verdict {

    /** Good, on this evidence. */
    record Confirm(List<Finding> evidence) implements Verdict {
        public Confirm {
            evidence = List.copyOf(evidence);
            if (evidence.isEmpty()) {
                throw new IllegalArgumentException("a confirm names its evidence");
            }
        }
    }

    /** Bad, because of these findings; the others are in {@code evidence}. */
    record Rollback(List<Finding> because, List<Finding> evidence) implements Verdict {
        public Rollback {
            because = List.copyOf(because);
            evidence = List.copyOf(evidence);
            if (because.isEmpty()) {
                throw new IllegalArgumentException("a rollback names at least one finding");
            }
        }
    }

    /** Can't be told: this is missing. */
    record Hold(List<Finding> missing, List<Finding> evidence) implements Verdict {
        public Hold {
            missing = List.copyOf(missing);
            evidence = List.copyOf(evidence);
            if (missing.isEmpty()) {
                throw new IllegalArgumentException("a hold names what is missing");
            }
        }
    }

    /**
     * One thing that was looked at.
     *
     * @param name the probe's or watch's
     * @param expected what it had to be, for a person
     * @param found what it was, with the figures
     */
    record Finding(String name, String expected, String found) {
        public Finding {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(expected, "expected");
            Objects.requireNonNull(found, "found");
        }
    }
}
