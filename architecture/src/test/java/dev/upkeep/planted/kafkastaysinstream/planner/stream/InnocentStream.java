package dev.upkeep.planted.kafkastaysinstream.planner.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A stream, which may. */
interface InnocentStream {
    void take(ConsumerRecord<String, byte[]> taken);
}
