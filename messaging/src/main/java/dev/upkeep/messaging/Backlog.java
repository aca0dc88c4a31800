package dev.upkeep.messaging;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * How many records wait for a channel, and for how long none of them has been taken: a long queue that moves is work, a
 * short one that does not is trouble.
 */
final class Backlog {
    private final Map<Part, Standing> standings = new HashMap<>();

    /** One partition as one channel consumes it. */
    record Part(String channel, String topic, int partition) {}

    /**
     * Where a partition stands.
     *
     * @param taken the offset of the first record that is not known to have been taken
     * @param end the offset that the next record will have
     */
    record Offsets(long taken, long end) {}

    /**
     * What waits for a channel.
     *
     * @param records of all its partitions
     * @param still for how long nothing was taken from a partition in which records wait; the longest of them
     */
    record Waiting(long records, Duration still) {}

    private record Standing(long taken, Instant since) {}

    /** Takes in where the partitions stand now; says what waits, by channel. */
    Map<String, Waiting> look(Instant now, Map<Part, Offsets> partitions) {
        Map<String, Waiting> waiting = new HashMap<>();
        partitions.forEach((part, offsets) -> {
            long records = Math.max(0, offsets.end() - offsets.taken());
            Standing before = standings.get(part);
            // While nothing waits, nothing stands still.
            Standing standing = before == null || records == 0 || before.taken() != offsets.taken()
                    ? new Standing(offsets.taken(), now)
                    : before;
            standings.put(part, standing);
            Duration still = records == 0 ? Duration.ZERO : Duration.between(standing.since(), now);
            waiting.merge(
                    part.channel(),
                    new Waiting(records, still),
                    (a, b) -> new Waiting(
                            a.records() + b.records(), a.still().compareTo(b.still()) > 0 ? a.still() : b.still()));
        });
        return waiting;
    }
}
