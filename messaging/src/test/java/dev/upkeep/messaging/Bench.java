package dev.upkeep.messaging;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStarted;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.Parts;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What the tests work with: events, records, and the real parts they go through. */
final class Bench {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private Bench() {}

    /** A key that no other test uses. */
    static String freshKey(String what) {
        return what + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    static Envelope event(String key, int number) {
        return new Envelope(
                new EventId(key + ":" + number),
                "planner",
                Instant.parse("2026-01-01T00:00:00Z"),
                new RolloutStarted(new RolloutId(key), new ProductName("inkwell"), Version.of("1.1.0"), number));
    }

    /** The record that Kafka would hand over for an event. */
    static ConsumerRecord<String, byte[]> record(long offset, Envelope envelope) {
        ConsumerRecord<String, byte[]> record = new ConsumerRecord<>(
                "upkeep.lifecycle", 0, offset, envelope.event().key(), Wire.body(envelope.event()));
        Wire.headers(envelope)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    /** Runs reactive work as Kafka's channel and REST do: on a Vert.x context of its own. */
    static <T> T onContext(Vertx vertx, Supplier<Uni<T>> work) {
        Context context = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
        VertxContextSafetyToggle.setContextSafe(context, true);
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(started ->
                Uni.createFrom().deferred(work::get).subscribe().with(done::complete, done::completeExceptionally));
        return done.orTimeout(DEADLINE.toSeconds(), TimeUnit.SECONDS).join();
    }

    static void publish(List<Envelope> envelopes) {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", Parts.kafka().bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            List<Future<RecordMetadata>> acks = new ArrayList<>();
            for (Envelope envelope : envelopes) {
                ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                        envelope.event().topic().address(), envelope.event().key(), Wire.body(envelope.event()));
                Wire.headers(envelope)
                        .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
                acks.add(producer.send(record));
            }
            for (Future<RecordMetadata> ack : acks) {
                ack.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("can't publish", e);
        }
    }

    /** All records of a topic with one of these keys, in the order of their partitions, as far as it goes now. */
    static List<ConsumerRecord<String, byte[]>> topic(String topic, String keyPrefix) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", Parts.kafka().bootstrapServers()),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (record.key() != null && record.key().startsWith(keyPrefix)) {
                        found.add(record);
                    }
                }
            }
            return found;
        }
    }

    static String header(ConsumerRecord<String, byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** The numbers of a key's events that a consumer handled, in the order it did. */
    static List<Integer> journal(DataSource database, String consumer, String key) {
        return query(
                database,
                "select number from journal where consumer = '" + consumer + "' and key = '" + key
                        + "' order by place");
    }

    static List<Integer> query(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<Integer> numbers = new ArrayList<>();
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
            return numbers;
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
