package dev.upkeep.messaging;

import dev.upkeep.messaging.Backlog.Offsets;
import dev.upkeep.messaging.Backlog.Part;
import dev.upkeep.messaging.Backlog.Waiting;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * Watches the broker from beside the consumers: whether it answers, and what waits for them there.
 *
 * <p>Failure: a broker that is away is said by {@link #trouble()}; it is asked again for as long as the service runs.
 */
@ApplicationScoped
class Broker {
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Pattern TOPIC = Pattern.compile("mp\\.messaging\\.incoming\\.([^.]+)\\.topic");

    private final Map<String, Object> kafka;
    private final InstantSource clock;
    private final Meters meters;
    private final Map<String, Channel> channels;
    private final Backlog backlog = new Backlog();
    private volatile boolean stopping;
    private volatile @Nullable String trouble = "the broker has not been asked yet";
    private volatile Map<String, Waiting> waiting = Map.of();
    private @Nullable Thread thread;

    private record Channel(String topic, String group) {}

    Broker(
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            InstantSource clock,
            Meters meters,
            Config config) {
        this.kafka = kafka;
        this.clock = clock;
        this.meters = meters;
        this.channels = channels(config);
    }

    /** What keeps the broker from answering, null if nothing does. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** What waited for each channel when it was last looked at. */
    Map<String, Waiting> waiting() {
        return waiting;
    }

    void onStart(@Observes StartupEvent started) {
        thread = Thread.ofPlatform().name("broker-watch").daemon().start(this::run);
    }

    void onStop(@Observes ShutdownEvent stopped) {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    private void run() {
        try (Admin admin = admin()) {
            while (!stopping) {
                try {
                    look(admin);
                    trouble = null;
                } catch (ExecutionException | TimeoutException | RuntimeException e) {
                    trouble = "the broker does not answer: " + Wires.reason(e);
                }
                TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(Admin admin) throws ExecutionException, TimeoutException, InterruptedException {
        Map<Part, Offsets> partitions = new HashMap<>();
        if (channels.isEmpty()) {
            admin.describeCluster().nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        }
        for (Map.Entry<String, Channel> entry : channels.entrySet()) {
            look(admin, entry.getKey(), entry.getValue(), partitions);
        }
        Map<String, Waiting> found = backlog.look(clock.instant(), partitions);
        found.forEach((channel, what) -> meters.inboxWaiting(channel, what.records()));
        waiting = Map.copyOf(found);
    }

    private static void look(Admin admin, String name, Channel channel, Map<Part, Offsets> into)
            throws ExecutionException, TimeoutException, InterruptedException {
        Map<TopicPartition, OffsetSpec> latest = admin
                .describeTopics(List.of(channel.topic()))
                .allTopicNames()
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .values()
                .stream()
                .flatMap(topic -> topic.partitions().stream())
                .collect(Collectors.toMap(
                        p -> new TopicPartition(channel.topic(), p.partition()), p -> OffsetSpec.latest()));
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(channel.group())
                .partitionsToOffsetAndMetadata()
                .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        Map<TopicPartition, Long> ends = offsets(admin, latest);
        Map<TopicPartition, Long> begins = offsets(
                admin,
                latest.keySet().stream()
                        .filter(partition -> committed.get(partition) == null)
                        .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.earliest())));
        ends.forEach((partition, end) -> {
            OffsetAndMetadata taken = committed.get(partition);
            // Of a partition from which nothing was ever taken, all that it still has waits.
            long from = taken == null ? begins.getOrDefault(partition, end) : taken.offset();
            into.put(new Part(name, partition.topic(), partition.partition()), new Offsets(from, end));
        });
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, Map<TopicPartition, OffsetSpec> wanted)
            throws ExecutionException, TimeoutException, InterruptedException {
        if (wanted.isEmpty()) {
            return Map.of();
        }
        Map<TopicPartition, ListOffsetsResultInfo> found =
                admin.listOffsets(wanted).all().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        Map<TopicPartition, Long> offsets = new HashMap<>();
        found.forEach((partition, info) -> offsets.put(partition, info.offset()));
        return offsets;
    }

    private static Map<String, Channel> channels(Config config) {
        Map<String, Channel> channels = new HashMap<>();
        for (String property : config.getPropertyNames()) {
            Matcher topic = TOPIC.matcher(property);
            if (topic.matches()) {
                String channel = topic.group(1);
                config.getOptionalValue("mp.messaging.incoming." + channel + ".group.id", String.class)
                        .ifPresent(group ->
                                channels.put(channel, new Channel(config.getValue(property, String.class), group)));
            }
        }
        return Map.copyOf(channels);
    }

    private Admin admin() {
        Map<String, Object> config = new HashMap<>(kafka);
        config.keySet().removeIf(key -> !AdminClientConfig.configNames().contains(key));
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        return Admin.create(config);
    }
}
