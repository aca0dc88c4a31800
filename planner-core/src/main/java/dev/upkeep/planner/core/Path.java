package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The way from one version to a later one, hop by hop, or the proof that there is none. */
public sealed interface Path {

    /**
     * There is a way.
     *
     * @param stops where each hop ends; the last one is the target
     */
    record Way(List<Version> stops) implements Path {
        public Way {
            stops = List.copyOf(stops);
            if (stops.isEmpty()) {
                throw new IllegalArgumentException("a way has at least one hop");
            }
        }
    }

    /** There is none; each reason alone would be enough. */
    record NoWay(List<String> reasons) implements Path {
        public NoWay {
            reasons = List.copyOf(reasons);
            if (reasons.isEmpty()) {
                throw new IllegalArgumentException("where there is no way, there is a reason");
            }
        }
    }

    /**
     * The way that stops no more often than it must, each time at the latest release that will do.
     *
     * <p>A recalled release is no stop and no target, and its recall never makes a way shorter: a line of versions all of
     * whose releases were recalled still lies in between. A pre-release is a stop only where it is asked for.
     *
     * @param stops where the product's versions must stop
     * @param required versions that can't be jumped over either
     * @param floor no target lies below it; stops on the way up may
     */
    static Path of(
            Version from,
            Version target,
            Releases releases,
            Policies.Stops stops,
            Collection<Version> required,
            Optional<Version> floor) {
        return new Walk(from, target, releases, stops, required, floor).walk();
    }
}
