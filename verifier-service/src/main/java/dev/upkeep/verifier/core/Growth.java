package dev.upkeep.verifier.core;

import java.util.HashMap;
import java.util.Map;

/**
 * How much a set of counters has grown since it was first read.
 *
 * <p>A counter that has become smaller was reset by a restart: what it shows now is what it has grown since. A series
 * that appears later starts from nothing, for a counter is created when it is first counted up.
 *
 * @param last the last value read, by series
 * @param total the growth of all series together
 */
public record Growth(Map<String, Double> last, double total) {
    /** More series than this are a mistake in the selection; they would make a bake grow without bound. */
    static final int MOST_SERIES = 2_000;

    public Growth {
        last = Map.copyOf(last);
    }

    /** The first reading: nothing has grown yet. */
    public static Growth from(Map<String, Double> first) {
        return new Growth(first, 0);
    }

    /** The growth with one more reading. */
    public Growth plus(Map<String, Double> read) {
        double grown = total;
        Map<String, Double> next = new HashMap<>(last);
        for (Map.Entry<String, Double> series : read.entrySet()) {
            double now = series.getValue();
            double before = last.getOrDefault(series.getKey(), 0.0);
            // NaN compares false both ways and so reaches the sum, where the judge finds it.
            grown += now < before ? now : now - before;
            next.put(series.getKey(), now);
        }
        return new Growth(next, grown);
    }
}
