package dev.upkeep.verifier.core;

import java.util.Map;
import java.util.Objects;

/** What one probe or watch gave in one look. */
public sealed interface Reading {
    /** The probe's or watch's name. */
    String name();

    /** A probe saw what it had to see. */
    record Passed(String name, String found) implements Reading {
        public Passed {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(found, "found");
        }
    }

    /** A probe saw something else, or nobody answered where somebody should. */
    record NotPassed(String name, String found) implements Reading {
        public NotPassed {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(found, "found");
        }
    }

    /** It could not be looked: that says nothing of the tenant. */
    record Blind(String name, String why) implements Reading {
        public Blind {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * A watch read its counters.
     *
     * @param of the counters of its {@code of}, by series
     * @param per those of its {@code per}
     */
    record Counted(String name, Map<String, Double> of, Map<String, Double> per) implements Reading {
        public Counted {
            Objects.requireNonNull(name, "name");
            of = Map.copyOf(of);
            per = Map.copyOf(per);
        }
    }
}
