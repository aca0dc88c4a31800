package dev.upkeep.verifier.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * All that a bake has seen so far, in bounded space: it is a fold over looks.
 *
 * <p>Ordering: looks are added in the order of their time. Failure: it is saved with every look, so a verifier that
 * was killed goes on from the last one.
 *
 * @param looks how many were taken
 * @param probes by name
 * @param of growth of each watch's {@code of}, by the watch's name
 * @param per growth of each watch's {@code per}
 * @param unread why a watch could not be read when it was last tried and could not
 */
public record Progress(
        int looks,
        Map<String, Sight> probes,
        Map<String, Growth> of,
        Map<String, Growth> per,
        Map<String, String> unread) {
    /** Before the first look. */
    public static final Progress NONE = new Progress(0, Map.of(), Map.of(), Map.of(), Map.of());

    public Progress {
        probes = Map.copyOf(probes);
        of = Map.copyOf(of);
        per = Map.copyOf(per);
        unread = Map.copyOf(unread);
    }

    /** What has been seen with one more look. */
    public Progress plus(List<Reading> look) {
        Map<String, Sight> probesNow = new HashMap<>(probes);
        Map<String, Growth> ofNow = new HashMap<>(of);
        Map<String, Growth> perNow = new HashMap<>(per);
        Map<String, String> unreadNow = new HashMap<>(unread);
        for (Reading reading : look) {
            switch (reading) {
                case Reading.Passed r -> probesNow.put(r.name(), sight(r.name()).passed(r.found()));
                case Reading.NotPassed r ->
                    probesNow.put(r.name(), sight(r.name()).notPassed(r.found()));
                case Reading.Blind r -> {
                    probesNow.put(r.name(), sight(r.name()).blind(r.why()));
                    unreadNow.put(r.name(), r.why());
                }
                case Reading.Counted r -> {
                    if (r.of().size() + r.per().size() > Growth.MOST_SERIES) {
                        unreadNow.put(r.name(), "its selections match more than " + Growth.MOST_SERIES + " series");
                    } else {
                        ofNow.put(r.name(), grow(of.get(r.name()), r.of()));
                        perNow.put(r.name(), grow(per.get(r.name()), r.per()));
                        unreadNow.remove(r.name());
                    }
                }
            }
        }
        return new Progress(looks + 1, probesNow, ofNow, perNow, unreadNow);
    }

    private static Growth grow(@org.jspecify.annotations.Nullable Growth before, Map<String, Double> read) {
        return before == null ? Growth.from(read) : before.plus(read);
    }

    private Sight sight(String probe) {
        return Objects.requireNonNull(probes.getOrDefault(probe, Sight.NONE));
    }

    /** What has been seen of a probe, if it was looked at. */
    Optional<Sight> seen(String probe) {
        return Optional.ofNullable(probes.get(probe));
    }

    /**
     * The figure of a watch: growth of {@code of} per growth of {@code per}; empty without both, with too little, or
     * if the last look could not read it: what happened since then is not known.
     */
    Optional<Double> figure(String watch, double atLeast) {
        if (unread.containsKey(watch)) {
            return Optional.empty();
        }
        Growth of = this.of.get(watch);
        Growth per = this.per.get(watch);
        if (of == null || per == null || !(per.total() >= atLeast)) {
            return Optional.empty();
        }
        double figure = of.total() / per.total();
        return Double.isFinite(figure) ? Optional.of(figure) : Optional.empty();
    }
}
