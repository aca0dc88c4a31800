package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * How far an upgrade is on its path.
 *
 * @param begun how many hops have begun; 0 before the first
 * @param runs the version that is installed: where the hop under way began, and where its undo goes
 * @param ahead where it goes after the hop under way, or from here if none is; empty before the first hop, because
 *     the path is looked for when it begins
 */
public record Hops(int begun, Version runs, List<Version> ahead) {
    public Hops {
        Objects.requireNonNull(runs, "runs");
        ahead = List.copyOf(ahead);
        if (begun < 0 || (begun == 0 && !ahead.isEmpty())) {
            throw new IllegalArgumentException("a path is chosen when its first hop begins");
        }
    }

    /** Before the first hop. */
    static Hops none(Version runs) {
        return new Hops(0, runs, List.of());
    }

    /** One more hop begins. */
    Hops next(Version from, List<Version> after) {
        return new Hops(begun + 1, from, after);
    }

    /** The hop under way was not gone: it, and what was to come after it, lies ahead. */
    Hops again(Version target) {
        List<Version> all = new ArrayList<>(List.of(target));
        all.addAll(ahead);
        return new Hops(begun, runs, all);
    }

    /** Nothing of the way has been gone: it is chosen anew. */
    Hops anew() {
        return new Hops(begun, runs, List.of());
    }

    /** Another version is installed now. */
    Hops on(Version installed) {
        return new Hops(begun, installed, ahead);
    }

    /** Whether the hop under way is the last one. */
    boolean isLast() {
        return ahead.isEmpty();
    }
}
