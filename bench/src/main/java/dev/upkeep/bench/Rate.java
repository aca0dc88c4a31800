package dev.upkeep.bench;

import java.time.Duration;
import java.util.Map;

/**
 * How much was done, how long it took and what it cost.
 *
 * @param cpuMillis used meanwhile, by process
 */
record Rate(long done, Duration took, Map<String, Long> cpuMillis) {
    double perSecond() {
        return done / (took.toNanos() / 1e9);
    }

    double cpuMillisEach() {
        return cpuMillis.values().stream().mapToLong(Long::longValue).sum() / (double) done;
    }
}
