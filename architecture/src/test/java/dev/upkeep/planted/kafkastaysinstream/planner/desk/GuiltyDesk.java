package dev.upkeep.planted.kafkastaysinstream.planner.desk;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A desk that knows Kafka. */
interface GuiltyDesk {
    void take(ConsumerRecord<String, byte[]> taken);
}
