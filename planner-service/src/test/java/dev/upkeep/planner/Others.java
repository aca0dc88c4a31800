package dev.upkeep.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.LifecycleEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.Pem;
import dev.upkeep.contract.signature.StepCheck;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.PlannerKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Plays the executor and the verifier over Kafka, for the tenants whose names begin in one way. */
final class Others implements AutoCloseable {
    static final String BEFORE = "sf1:" + "a".repeat(64);
    static final String AFTER = "sf1:" + "b".repeat(64);

    private final String prefix;
    private final KafkaConsumer<String, byte[]> consumer;
    private final KafkaProducer<String, byte[]> producer;
    private final Thread thread;
    private final StepCheck check = trusting();
    final List<StepRequested> steps = new CopyOnWriteArrayList<>();
    final List<BakeRequested> bakes = new CopyOnWriteArrayList<>();
    final List<LifecycleEvent> lifecycle = new CopyOnWriteArrayList<>();
    private final Map<String, Boolean> seen = new ConcurrentHashMap<>();

    /** How steps and bakes are answered; no answer if nothing is returned. */
    private final Function<StepRequested, Optional<Event>> executor;

    private final BiFunction<BakeRequested, Boolean, Optional<Event>> verifier;

    Others(
            String servers,
            String prefix,
            Function<StepRequested, Optional<Event>> executor,
            Function<BakeRequested, Optional<Event>> verifier) {
        this.prefix = prefix;
        this.executor = executor;
        this.verifier = (bake, again) -> verifier.apply(bake);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        servers,
                        "group.id",
                        "others-" + UUID.randomUUID(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "linger.ms", "0"),
                new StringSerializer(),
                new ByteArraySerializer());
        consumer.subscribe(List.of(Topic.STEPS.address(), Topic.BAKES.address(), Topic.LIFECYCLE.address()));
        thread = Thread.ofPlatform().daemon().start(this::play);
    }

    private void play() {
        try {
            while (true) {
                consumer.poll(Duration.ofMillis(200)).forEach(this::take);
            }
        } catch (WakeupException closing) {
            consumer.close();
        }
    }

    private static StepCheck trusting() {
        try {
            return new StepCheck(List.of(Pem.publicKey(Files.readString(PlannerKey.publicFile()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What an executor would refuse is no step. */
    private void check(ConsumerRecord<String, byte[]> record) {
        Parcel parcel = new Parcel(
                record.topic(),
                record.key(),
                Stream.of(record.headers().toArray())
                        .map(header -> new Parcel.Header(header.key(), header.value()))
                        .toList(),
                record.value());
        if (record.topic().startsWith(Topic.STEPS.address())) {
            assertThat(check.refusal(parcel))
                    .as("the step on " + record.topic())
                    .isEmpty();
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        check(record);
        Map<String, String> headers = new HashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        Envelope envelope;
        try {
            envelope = Wire.read(headers, record.value());
        } catch (Wire.Unreadable e) {
            throw new AssertionError("the planner said what can't be read", e);
        }
        if (seen.putIfAbsent(envelope.id().value(), true) != null) {
            return;
        }
        switch (envelope.event()) {
            case StepRequested step
            when step.tenant().value().startsWith(prefix) -> {
                steps.add(step);
                executor.apply(step).ifPresent(this::say);
            }
            case BakeRequested bake
            when bake.tenant().value().startsWith(prefix) -> {
                bakes.add(bake);
                verifier.apply(bake, false).ifPresent(this::say);
            }
            case LifecycleEvent event -> {
                if (!(event instanceof LifecycleEvent.OfUpgrade of)
                        || of.subject().tenant().value().startsWith(prefix)) {
                    lifecycle.add(event);
                }
            }
            default -> {}
        }
    }

    /** Sends an event, twice, as Kafka may. */
    void say(Event event) {
        Envelope envelope = new Envelope(new EventId("t-" + UUID.randomUUID()), "others", Instant.EPOCH, event);
        for (int i = 0; i < 2; i++) {
            ProducerRecord<String, byte[]> record =
                    new ProducerRecord<>(event.topic().address(), event.key(), Wire.body(event));
            Wire.headers(envelope)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            var unused = producer.send(record);
        }
        producer.flush();
    }

    /** Sends what is no event at all. */
    void poison(Topic topic, String key) {
        var unused =
                producer.send(new ProducerRecord<>(topic.address(), key, "poison".getBytes(StandardCharsets.UTF_8)));
        producer.flush();
    }

    static Optional<Event> done(StepRequested step) {
        return Optional.of(new StepSucceeded(
                step.tenant(),
                step.upgrade(),
                step.step(),
                step.attempt(),
                step.token(),
                found(step),
                "done " + step.action().word(),
                Duration.ofMillis(1)));
    }

    static Optional<Event> failed(StepRequested step, boolean retryable) {
        return Optional.of(new StepFailed(
                step.tenant(),
                step.upgrade(),
                step.step(),
                step.attempt(),
                step.token(),
                "planted",
                "it was told to fail",
                "tell it otherwise",
                retryable,
                Duration.ofMillis(1)));
    }

    static Optional<Event> judged(BakeRequested bake, Verdict verdict) {
        return Optional.of(new VerdictReached(
                bake.tenant(),
                bake.upgrade(),
                bake.step(),
                bake.attempt(),
                bake.token(),
                verdict,
                Duration.ofMillis(1)));
    }

    static Verdict good() {
        return new Verdict.Confirm(List.of(new Verdict.Finding("error-ratio", "at most 0.02", "0 of 100")));
    }

    static Verdict bad() {
        return new Verdict.Rollback(
                List.of(new Verdict.Finding("error-ratio", "at most 0.02", "20 of 100")), List.of());
    }

    private static Map<String, String> found(StepRequested step) {
        return switch (step.action()) {
            case Action.CheckSchema a
            when a.moment() == Action.Moment.BEFORE && step.goesBack() ->
                Map.of(Fact.SCHEMA_BEFORE, AFTER, Fact.MIGRATIONS_BEFORE, "1,2");
            case Action.CheckSchema a
            when a.moment() == Action.Moment.BEFORE -> Map.of(Fact.SCHEMA_BEFORE, BEFORE, Fact.MIGRATIONS_BEFORE, "1");
            case Action.CheckSchema a -> Map.of(Fact.SCHEMA_FAILED, AFTER, Fact.MIGRATIONS_FAILED, "1,2");
            case Action.BackupDatabase a when a.moment() == Action.Moment.FAILED -> Map.of(Fact.BACKUP_FAILED, "b-2");
            case Action.BackupDatabase a -> Map.of(Fact.BACKUP_BEFORE, "b-1", Fact.CAPTURE_SLOT, "s-1");
            case Action.ProveBackup a ->
                Map.of(
                        Fact.BACKUP_PROVEN,
                        "true",
                        Fact.SCHEMA_AFTER,
                        step.migrations().isEmpty() || step.goesBack() ? BEFORE : AFTER);
            case Action.ExportWrites a -> Map.of(Fact.GAP_REPORT, "/gap/1.jsonl", Fact.GAP_WRITES, "7");
            default -> Map.of();
        };
    }

    @Override
    public void close() {
        consumer.wakeup();
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        producer.close();
    }
}
