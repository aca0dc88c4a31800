package dev.upkeep.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The least that a durable step could cost here: consume a poll batch, record it in PostgreSQL in one transaction,
 * produce an answer for each, commit the offsets. No state, no leases, no plan, one thread.
 */
final class PlainLoop {
    private static final String IN = "bench.in";
    private static final String OUT = "bench.out";
    private static final int BATCH = 500;
    private static final byte[] BODY = new byte[1024];

    private final String servers;
    private final String url;
    private final String user;
    private final String password;

    PlainLoop(String servers, String url, String user, String password) {
        this.servers = servers;
        this.url = url;
        this.user = user;
        this.password = password;
    }

    Rate run(int records, Supplier<Map<String, Long>> cpu) throws SQLException, InterruptedException {
        try (Connection connection = DriverManager.getConnection(url, user, password);
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", servers, "acks", "all", "linger.ms", 1, "enable.idempotence", true),
                        new StringSerializer(),
                        new ByteArraySerializer());
                KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                servers,
                                "group.id",
                                "bench",
                                "auto.offset.reset",
                                "earliest",
                                "enable.auto.commit",
                                false,
                                "max.poll.records",
                                BATCH),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            prepare(connection);
            send(producer, IN, records);
            consumer.subscribe(List.of(IN));
            // Joining the group is no part of the loop.
            ConsumerRecords<String, byte[]> batch = consumer.poll(Duration.ofSeconds(30));
            Map<String, Long> before = cpu.get();
            long began = System.nanoTime();
            int done = 0;
            while (done < records) {
                done += handle(connection, producer, batch);
                consumer.commitSync();
                batch = consumer.poll(Duration.ofSeconds(5));
            }
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            return new Rate(done, took, Cpu.between(before, cpu.get()));
        }
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("drop table if exists bench_step");
            statement.execute(
                    "create table bench_step (id text primary key, key text not null, done_at timestamptz not null default now())");
        }
        connection.setAutoCommit(false);
    }

    private static int handle(
            Connection connection, KafkaProducer<String, byte[]> producer, ConsumerRecords<String, byte[]> batch)
            throws SQLException, InterruptedException {
        int n = batch.count();
        String[] ids = new String[n];
        String[] keys = new String[n];
        int i = 0;
        for (ConsumerRecord<String, byte[]> record : batch) {
            ids[i] = record.partition() + "@" + record.offset();
            keys[i++] = record.key();
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "insert into bench_step (id, key) select * from unnest(?::text[], ?::text[]) on conflict do nothing")) {
            insert.setArray(1, connection.createArrayOf("text", ids));
            insert.setArray(2, connection.createArrayOf("text", keys));
            insert.executeUpdate();
        }
        connection.commit();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : batch) {
            sent.add(producer.send(new ProducerRecord<>(OUT, record.key(), BODY)));
        }
        await(sent);
        return n;
    }

    private static void send(KafkaProducer<String, byte[]> producer, String topic, int records)
            throws InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            sent.add(producer.send(new ProducerRecord<>(topic, "tenant-" + i % 1000, BODY)));
        }
        await(sent);
    }

    private static void await(List<Future<RecordMetadata>> sent) throws InterruptedException {
        for (Future<RecordMetadata> future : sent) {
            try {
                future.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("the broker did not take a record", e.getCause());
            }
        }
    }
}
