package dev.upkeep.messaging;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Keeps records away from a consumer before anything of them is believed or kept: neither their ids count as taken nor do
 * their keys wait.
 *
 * <p>It is asked once for each record that Kafka hands over, on a thread that may compute for a while.
 */
@FunctionalInterface
public interface Guard {
    /** Why the record must not be taken, for a person; empty if it may be. */
    Optional<String> refusal(ConsumerRecord<String, byte[]> record);
}
