package dev.upkeep.executor.driver.kubernetes;

import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a rolling update goes.
 *
 * @param surge how many pods more than asked for there may be meanwhile, or which share
 * @param unavailable how many fewer, or which share
 * @param onePodAtATime whether no pod is told to go while another is still on its way out: each new one must have been ready
 *     for as long as an old one may take to go before it counts, and the next old one waits for that
 */
record Pace(Optional<Object> surge, Object unavailable, boolean onePodAtATime) {
    /** Kubernetes' own, where nothing is said. */
    private static final long GRACE = 30;

    private static final int PROGRESS = 600;

    static Pace of(Site site) {
        Optional<String> drain = site.setting("drain");
        if (drain.isPresent() && !drain.get().equals("one-pod-at-a-time")) {
            throw Site.malformed(
                    site.request().target(), "drain", drain.get(), "Use one-pod-at-a-time, or leave it out");
        }
        Optional<Object> surge = amount(site, "max-surge");
        Object unavailable = amount(site, "max-unavailable").orElse(0);
        if (drain.isEmpty() || site.kind() != Kind.DEPLOYMENT) {
            return new Pace(surge, unavailable, false);
        }
        // With more than one, several would be told to go at once.
        Object most = surge.orElse(1);
        if (!(most instanceof Integer more && unavailable instanceof Integer fewer && more + fewer == 1)) {
            throw Site.malformed(
                    site.request().target(),
                    "drain",
                    drain.get(),
                    "With it use max-surge 1 and max-unavailable 0, or 0 and 1");
        }
        return new Pace(Optional.of(most), unavailable, true);
    }

    private static Optional<Object> amount(Site site, String key) {
        return site.setting(key).map(text -> {
            if (!text.matches("\\d{1,4}%?")) {
                throw Site.malformed(
                        site.request().target(), key, text, "Use a number such as 1, or a share such as 25%");
            }
            return text.endsWith("%") ? text : Integer.valueOf(text);
        });
    }

    /** As part of a patch of a workload's spec; empty if the workload's own is kept. */
    Map<String, Object> strategy(Site site, Workload found) {
        if (found.object() instanceof StatefulSet set) {
            return ofStatefulSet(site, set);
        }
        Map<String, Object> spec = new HashMap<>();
        surge.ifPresent(most -> spec.put(
                "strategy",
                Map.of(
                        "type",
                        "RollingUpdate",
                        "rollingUpdate",
                        Map.of("maxSurge", most, "maxUnavailable", unavailable))));
        if (onePodAtATime && found.object() instanceof Deployment deployment) {
            Long grace = found.template().getSpec().getTerminationGracePeriodSeconds();
            int seconds = Math.toIntExact((grace == null ? GRACE : grace) + 1);
            spec.put("minReadySeconds", seconds);
            Integer deadline = deployment.getSpec().getProgressDeadlineSeconds();
            if (deadline != null && deadline <= seconds) {
                // The API server refuses one that no pod could meet.
                spec.put("progressDeadlineSeconds", seconds + PROGRESS);
            }
        }
        return spec;
    }

    /** What is started has nothing to wait for. */
    Map<String, Object> atStart() {
        return onePodAtATime ? Map.of("minReadySeconds", 0) : Map.of();
    }

    /** It takes each pod down before that one's successor comes, and has no surge. */
    private Map<String, Object> ofStatefulSet(Site site, StatefulSet set) {
        if (surge.isPresent()) {
            throw Site.malformed(
                    site.request().target(),
                    "max-surge",
                    surge.get().toString(),
                    "Leave it out: a StatefulSet replaces one pod after the other and starts none before its predecessor"
                            + " has gone");
        }
        var strategy = set.getSpec().getUpdateStrategy();
        boolean partial = strategy != null
                && ("OnDelete".equals(strategy.getType())
                        || (strategy.getRollingUpdate() != null
                                && strategy.getRollingUpdate().getPartition() != null
                                && strategy.getRollingUpdate().getPartition() > 0));
        return partial
                ? Map.of("updateStrategy", Map.of("type", "RollingUpdate", "rollingUpdate", Map.of("partition", 0)))
                : Map.of();
    }
}
