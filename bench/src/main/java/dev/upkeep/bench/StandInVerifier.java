package dev.upkeep.bench;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.contract.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Answers every bake with a confirm at once: the bench measures steps, and there is no tenant to look at.
 *
 * <p>Its evidence says so; it is started by the bench alone.
 */
final class StandInVerifier implements AutoCloseable {
    private final String servers;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::answer);

    StandInVerifier(String servers) {
        this.servers = servers;
    }

    void start() {
        thread.start();
    }

    private void answer() {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", servers, "acks", "all"),
                        new StringSerializer(),
                        new ByteArraySerializer());
                KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", servers, "group.id", "verifier", "auto.offset.reset", "earliest"),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.subscribe(List.of("upkeep.bakes"));
            while (stop.getCount() > 0) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    sent.add(producer.send(answer(record)));
                }
                for (Future<RecordMetadata> future : sent) {
                    future.get();
                }
            }
        } catch (Wire.Unreadable | ExecutionException bug) {
            throw new IllegalStateException(bug);
        } catch (InterruptedException asked) {
            Thread.currentThread().interrupt();
        }
    }

    private static ProducerRecord<String, byte[]> answer(ConsumerRecord<String, byte[]> record) throws Wire.Unreadable {
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        Envelope asked = Wire.read(headers, record.value());
        BakeRequested bake = (BakeRequested) asked.event();
        VerdictReached verdict = new VerdictReached(
                bake.tenant(),
                bake.upgrade(),
                bake.step(),
                bake.attempt(),
                bake.token(),
                new Verdict.Confirm(List.of(new Verdict.Finding("bench", "an answer", "the bench's stand-in"))),
                Duration.ZERO);
        Envelope said = new Envelope(
                new EventId(bake.upgrade().value() + ":" + bake.step().value() + ":" + bake.attempt() + ":verdict"),
                "bench",
                Instant.EPOCH,
                verdict);
        ProducerRecord<String, byte[]> answer =
                new ProducerRecord<>(verdict.topic().address(), verdict.key(), Wire.body(verdict));
        Wire.headers(said).forEach((name, value) -> answer.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return answer;
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
