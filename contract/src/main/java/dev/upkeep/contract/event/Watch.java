package dev.upkeep.contract.event;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One figure computed from a component's Prometheus metrics over a bake, and the bounds it must keep.
 *
 * <p>The figure is the increase of {@code of} divided by the increase of {@code per}, both summed over all series that
 * match; so an error ratio is errors per request, a mean latency seconds per request.
 *
 * @param url where the metrics are read, in the Prometheus text format
 * @param atLeast how much {@code per} must have increased for the figure to mean anything; below it there is no verdict
 * @param ceiling the figure must not be above it, whatever it was before
 * @param worsening how many times the baseline's figure it may be, such as 1.5; needs a baseline
 * @param slack added to the baseline's bound, in the figure's unit, so that a baseline of nothing allows something
 */
public record Watch(
        String name,
        String url,
        Selection of,
        Selection per,
        double atLeast,
        Optional<Double> ceiling,
        Optional<Double> worsening,
        double slack) {
    public Watch {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(url, "url");
        Objects.requireNonNull(of, "of");
        Objects.requireNonNull(per, "per");
        Objects.requireNonNull(ceiling, "ceiling");
        Objects.requireNonNull(worsening, "worsening");
        if (!(atLeast > 0)
                || !(slack >= 0)
                || ceiling.filter(c -> !(c >= 0)).isPresent()
                || worsening.filter(w -> !(w > 0)).isPresent()) {
            throw new IllegalArgumentException("watch " + name
                    + ": atLeast and worsening must be above 0, ceiling and slack not below 0, none NaN");
        }
        if (ceiling.isEmpty() && worsening.isEmpty()) {
            throw new IllegalArgumentException("watch " + name + " needs a ceiling or a worsening: it bounds nothing");
        }
    }

    /**
     * Counters of one family.
     *
     * @param metric the sample's name, such as {@code http_requests_total}
     * @param where labels that must have these values; none means all series
     */
    public record Selection(String metric, Map<String, String> where) {
        public Selection {
            Objects.requireNonNull(metric, "metric");
            where = Map.copyOf(where);
        }
    }
}
