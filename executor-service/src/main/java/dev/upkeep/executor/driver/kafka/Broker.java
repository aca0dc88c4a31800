package dev.upkeep.executor.driver.kafka;

import static java.util.Objects.requireNonNull;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A tenant's Kafka, as the settings of its component name it: {@code bootstrap}, {@code topics}, {@code client.*}. */
final class Broker implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final String CLIENT = "client.";

    private final String servers;
    private final Map<String, Object> client;
    private final Admin admin;

    private Broker(String servers, Map<String, Object> client, Admin admin) {
        this.servers = servers;
        this.client = client;
        this.admin = admin;
    }

    /**
     * Connects, when it is first asked something.
     *
     * @throws Refused {@link Failure#SETTING_MISSING} if a setting is missing or none of Kafka's clients
     */
    static Broker of(StepRequested request, Work work) {
        String servers = work.secrets().need(request.target(), "bootstrap");
        Map<String, Object> client = new HashMap<>();
        request.target().settings().forEach((key, value) -> {
            if (key.startsWith(CLIENT)) {
                client.put(key.substring(CLIENT.length()), work.secrets().resolve(value));
            }
        });
        client.put("bootstrap.servers", servers);
        client.put("client.id", "upkeep-" + request.upgrade());
        client.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
        client.put("request.timeout.ms", (int) PATIENCE.toMillis() / 3);
        try {
            return new Broker(servers, client, Admin.create(client));
        } catch (org.apache.kafka.common.KafkaException malformed) {
            throw new Refused(Failed.forGood(
                    Failure.SETTING_MISSING,
                    "a client of Kafka can't be made of bootstrap and client.*: " + innermost(malformed),
                    "Correct components." + request.target().component() + ".settings of the tenant"));
        }
    }

    /** The topics that the setting {@code topics} names, a comma between two. */
    static List<String> topics(StepRequested request, Work work) {
        return Arrays.stream(work.secrets().need(request.target(), "topics").split(",", -1))
                .map(String::strip)
                .filter(topic -> !topic.isEmpty())
                .toList();
    }

    String servers() {
        return servers;
    }

    /** Their partitions. */
    List<TopicPartition> partitions(Collection<String> topics) throws InterruptedException {
        Map<String, TopicDescription> found =
                ask(admin -> admin.describeTopics(topics).allTopicNames());
        List<TopicPartition> partitions = new ArrayList<>();
        topics.forEach(topic -> requireNonNull(found.get(topic))
                .partitions()
                .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition()))));
        return partitions;
    }

    /** How a topic was set up, where that differs from the broker's own defaults. */
    Map<String, String> settings(String topic) throws InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = requireNonNull(
                ask(admin -> admin.describeConfigs(List.of(resource)).all()).get(resource));
        Map<String, String> settings = new HashMap<>();
        config.entries().stream()
                .filter(entry -> !entry.isDefault() && !entry.isSensitive() && entry.value() != null)
                .forEach(entry -> settings.put(entry.name(), entry.value()));
        return settings;
    }

    /** The offsets behind the last records, or of the first ones. */
    Map<TopicPartition, Long> offsets(Collection<TopicPartition> of, OffsetSpec which) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        of.forEach(partition -> wanted.put(partition, which));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        ask(admin -> admin.listOffsets(wanted).all())
                .forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /** How far a group has come, where it said so. */
    Map<TopicPartition, Long> committed(String group) throws InterruptedException {
        Map<TopicPartition, Long> committed = new HashMap<>();
        Map<TopicPartition, OffsetAndMetadata> found =
                ask(admin -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        found.forEach((partition, offset) -> {
            if (offset != null) {
                committed.put(partition, offset.offset());
            }
        });
        return committed;
    }

    /** Reads without being of a group: nobody's offsets move, no topic is made. */
    KafkaConsumer<byte[], byte[]> reader() {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private <T> T ask(Function<Admin, KafkaFuture<T>> question) throws InterruptedException {
        try {
            return question.apply(admin).get();
        } catch (ExecutionException e) {
            throw trouble(e.getCause() == null ? e : e.getCause());
        }
    }

    /** What Kafka's clients say, by its name. */
    Refused trouble(Throwable said) {
        String reason = "Kafka at " + servers + ": " + innermost(said);
        return new Refused(
                switch (said) {
                    case UnknownTopicOrPartitionException e ->
                        Failed.forGood(
                                Failure.SETTING_MISSING, reason, "Correct topics: it names one that is not there");
                    case AuthenticationException e ->
                        Failed.forGood(Failure.FORBIDDEN, reason, "Correct the client.* settings of the component");
                    case AuthorizationException e ->
                        Failed.forGood(
                                Failure.FORBIDDEN,
                                reason,
                                "Let the executor describe and read the topics and the group");
                    case RetriableException e ->
                        Failed.retryable(Failure.BROKER_DOWN, reason, "Start it, or correct bootstrap");
                    case ConfigException e ->
                        Failed.forGood(Failure.SETTING_MISSING, reason, "Correct the client.* settings");
                    default -> Failed.retryable(Failure.BROKER_DOWN, reason, "Look at the broker's log");
                },
                said);
    }

    private static String innermost(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
