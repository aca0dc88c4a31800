package dev.upkeep.executor;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.DriverName;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Target;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.PlannerKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Stands where the planner stands: asks for steps on Kafka and hears what came of them. */
public final class Bench implements AutoCloseable {
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaConsumer<String, byte[]> consumer;
    // By id, as every consumer takes events in: the relay repeats what it could not mark as sent, under the same id.
    private final Map<EventId, Envelope> heard = new LinkedHashMap<>();

    public Bench(String servers) {
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "acks", "all", "linger.ms", "5"),
                new StringSerializer(),
                new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "group.id",
                        "bench-" + UUID.randomUUID(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(Topic.RESULTS.address()));
    }

    /** A tenant's name that no other test uses. */
    public static TenantId tenant(String word) {
        return new TenantId(word + "-" + UUID.randomUUID().toString().substring(0, 8));
    }

    public static Target target(String component, String driver, Map<String, String> settings) {
        return new Target(new ComponentName(component), new DriverName(driver), settings, Map.of());
    }

    public static StepRequested step(TenantId tenant, int number, long token, Action action, Target target) {
        return new StepRequested(
                tenant,
                new UpgradeId("u-" + tenant),
                new StepId("s" + number),
                1,
                new Token(token),
                action,
                new ProductName("inkwell"),
                Version.of("1.0.0"),
                Version.of("1.1.0"),
                target,
                Map.of(),
                List.of(),
                Map.of(),
                Duration.ofSeconds(60));
    }

    public void ask(List<StepRequested> steps) {
        send(steps.stream().map(step -> asked(Topic.STEPS.address(), step)).toList());
    }

    /** A step as the planner asks for it, signed for a topic. */
    public static ProducerRecord<String, byte[]> asked(String topic, StepRequested step) {
        Envelope envelope = new Envelope(
                new EventId(step.upgrade() + ":" + step.step() + ":" + step.attempt() + ":requested"),
                "planner",
                Instant.EPOCH,
                step);
        return signed(topic, step.key(), Wire.headers(envelope), Wire.body(step));
    }

    /** A record as the planner sends it. */
    public static ProducerRecord<String, byte[]> signed(
            String topic, String key, Map<String, String> headers, byte[] body) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, body);
        PlannerKey.signed(topic, key, headers, body)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.ISO_8859_1)));
        return record;
    }

    /** Sends records as they are. */
    public void send(List<ProducerRecord<String, byte[]>> records) {
        for (ProducerRecord<String, byte[]> record : records) {
            var unused = producer.send(record);
        }
        producer.flush();
    }

    /** Hears until so many results satisfy, each event once; fails if they don't within the patience. */
    public List<ResultEvent> hear(int count, Predicate<ResultEvent> wanted) {
        long until = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < until) {
            List<ResultEvent> results = heard.values().stream()
                    .map(envelope -> (ResultEvent) envelope.event())
                    .filter(wanted)
                    .toList();
            if (results.size() >= count) {
                return results;
            }
            consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                Map<String, String> headers = new HashMap<>();
                for (Header header : record.headers()) {
                    headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
                }
                try {
                    Envelope envelope = Wire.read(headers, record.value());
                    Envelope first = heard.putIfAbsent(envelope.id(), envelope);
                    if (first != null && !first.equals(envelope)) {
                        throw new AssertionError("one id says two things: " + first + " and " + envelope);
                    }
                } catch (Wire.Unreadable e) {
                    throw new AssertionError(e);
                }
            });
        }
        throw new AssertionError("heard only " + heard.values());
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
