package dev.upkeep.verifier.core;

import java.util.Map;
import java.util.Optional;

/** How a tenant did before the change: the figure of each watch that could be computed. */
public record Baselined(Map<String, Double> figures) {
    /** Nothing is known of before. */
    public static final Baselined NONE = new Baselined(Map.of());

    public Baselined {
        figures = Map.copyOf(figures);
    }

    Optional<Double> figure(String watch) {
        return Optional.ofNullable(figures.get(watch)).filter(Double::isFinite);
    }
}
