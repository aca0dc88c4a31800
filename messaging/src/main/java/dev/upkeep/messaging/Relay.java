package dev.upkeep.messaging;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import io.vertx.core.buffer.Buffer;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends what the outbox holds, on one thread, for the shards this process has leased.
 *
 * <p>Ordering: a batch is read from the lowest sequence up, sent in that order by one idempotent producer, and its rows
 * go only when the broker has acknowledged them; the next batch is read after that. A row with a lower sequence that
 * becomes visible later is of another key, since {@link Outbox#say} runs under its aggregate's lock. Sending stops at
 * the first record that the producer refuses. If a relay stalls beyond its lease and wakes up, it repeats records
 * that its successor has sent; their first appearance is still in order, and consumers drop repetitions.
 *
 * <p>Failure: the broker or the database being away delays rows and is said by {@link #trouble()}; an acknowledgement is
 * waited for without end, since a record given up on while later ones go out would be overtaken. A crash between an
 * acknowledgement and the deletion repeats a batch.
 */
@ApplicationScoped
class Relay {
    private static final Logger LOG = Logger.getLogger(Relay.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration SHORTEST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

    private static final String LEASE = """
            update outbox_lease set owner = $1, until = now() + $2::bigint * interval '1 millisecond'
            where shard in (select shard from outbox_lease where owner = $1 or until < now() for update skip locked)
            returning shard
            """;
    private static final String YIELD = "update outbox_lease set until = '-infinity' where owner = $1";
    private static final String READ = """
            select sequence, topic, key, headers, body from outbox where shard = any($1) order by sequence limit $2
            """;
    private static final String DELETE = "delete from outbox where sequence = any($1)";
    private static final String LOOK = """
            select count(*), coalesce(extract(epoch from now() - min(said_at)), 0)::float8 from outbox
            """;

    private final Pool pool;
    private final Map<String, Object> kafka;
    private final InstantSource clock;
    private final Meters meters;
    private final int batch;
    private final Duration poll;
    private final Duration lease;
    private final String owner = UUID.randomUUID().toString();
    private final Semaphore wakes = new Semaphore(0);
    private volatile boolean stopping;
    private volatile @Nullable String trouble = "the relay has not started";
    private volatile Duration oldest = Duration.ZERO;
    private @Nullable Thread thread;
    private @Nullable Producer<String, byte[]> producer;
    private Short[] held = {};
    private Instant leaseAt = Instant.MIN;
    private Instant lookAt = Instant.MIN;

    Relay(
            Pool pool,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            InstantSource clock,
            Meters meters,
            @ConfigProperty(name = "upkeep.outbox.batch", defaultValue = "500") int batch,
            @ConfigProperty(name = "upkeep.outbox.poll", defaultValue = "PT0.2S") Duration poll,
            @ConfigProperty(name = "upkeep.outbox.lease", defaultValue = "PT10S") Duration lease) {
        this.pool = pool;
        this.kafka = kafka;
        this.clock = clock;
        this.meters = meters;
        this.batch = batch;
        this.poll = poll;
        this.lease = lease;
    }

    /** Says that there is something to send; returns at once. */
    void wake() {
        if (wakes.availablePermits() == 0) {
            wakes.release();
        }
    }

    /** What keeps rows from being sent, null if nothing does. */
    @Nullable
    String trouble() {
        return trouble;
    }

    /** How long the oldest row had waited when it was last looked at. */
    Duration oldest() {
        return oldest;
    }

    void onStart(@Observes @Priority(10) StartupEvent started) {
        start();
    }

    void onStop(@Observes ShutdownEvent stopped) throws InterruptedException {
        stop();
    }

    /** Begins to send; returns at once. */
    void start() {
        stopping = false;
        thread = Thread.ofPlatform().name("outbox-relay").daemon().start(this::run);
    }

    /** Ends sending and yields the leases. */
    void stop() throws InterruptedException {
        stopping = true;
        Thread running = thread;
        if (running != null) {
            running.interrupt();
            running.join(5_000);
        }
    }

    private void run() {
        Duration backoff = SHORTEST_BACKOFF;
        while (!stopping) {
            try {
                turn();
                trouble = null;
                backoff = SHORTEST_BACKOFF;
            } catch (InterruptedException asked) {
                break;
            } catch (Exception e) {
                if (stopping) {
                    break;
                }
                String reason = Wires.reason(e);
                if (!reason.equals(trouble)) {
                    LOG.warnf(e, "outbox relay can't go on, will try again: %s", reason);
                }
                trouble = reason;
                // What the producer still has in hand is sent again by the next one, in order.
                discardProducer();
                try {
                    Thread.sleep(backoff);
                } catch (InterruptedException asked) {
                    break;
                }
                backoff = shorter(backoff.multipliedBy(2), LONGEST_BACKOFF);
            }
        }
        discardProducer();
        yieldLease();
    }

    private void turn() throws InterruptedException, ExecutionException {
        renew();
        look();
        List<Entry> entries = held.length == 0 ? List.of() : read();
        if (entries.isEmpty()) {
            if (wakes.tryAcquire(poll.toMillis(), TimeUnit.MILLISECONDS)) {
                wakes.drainPermits();
            }
            return;
        }
        send(entries);
    }

    /** Sends in order; removes the rows that the broker has. */
    void send(List<Entry> entries) throws InterruptedException, ExecutionException {
        Producer<String, byte[]> out = producer();
        List<Future<RecordMetadata>> acks = new ArrayList<>(entries.size());
        @Nullable ExecutionException refused = null;
        for (Entry entry : entries) {
            Future<RecordMetadata> ack = out.send(entry.record());
            acks.add(ack);
            if (ack.isDone() && ack.state() == Future.State.FAILED) {
                // What follows must not overtake it.
                break;
            }
        }
        List<Long> sent = new ArrayList<>(acks.size());
        for (int i = 0; i < acks.size() && refused == null; i++) {
            try {
                await(acks.get(i));
                sent.add(entries.get(i).sequence());
            } catch (ExecutionException e) {
                refused = e;
            }
        }
        if (!sent.isEmpty()) {
            run(DELETE, Tuple.of(sent.toArray(Long[]::new)));
            meters.relayed(sent.size());
        }
        if (refused != null) {
            throw refused;
        }
    }

    private void await(Future<RecordMetadata> ack) throws InterruptedException, ExecutionException {
        Instant since = clock.instant();
        while (true) {
            try {
                ack.get(1, TimeUnit.SECONDS);
                return;
            } catch (TimeoutException slow) {
                Duration waited = Duration.between(since, clock.instant());
                trouble = "the broker has not acknowledged a record for " + waited.toSeconds() + " s";
                renew();
                look();
            }
        }
    }

    /** Takes or keeps the lease of every shard that is free. */
    void renew() {
        Instant now = clock.instant();
        if (now.isBefore(leaseAt)) {
            return;
        }
        List<Short> shards = new ArrayList<>();
        run(LEASE, Tuple.of(owner, lease.toMillis())).forEach(row -> shards.add(row.getShort(0)));
        held = shards.toArray(Short[]::new);
        leaseAt = now.plus(lease.dividedBy(3));
    }

    private void look() {
        Instant now = clock.instant();
        if (now.isBefore(lookAt)) {
            return;
        }
        Row row = run(LOOK, Tuple.tuple()).iterator().next();
        meters.waiting(row.getLong(0));
        oldest = Duration.ofMillis((long) (row.getDouble(1) * 1000));
        lookAt = now.plusSeconds(5);
    }

    /** The next rows of the leased shards. */
    List<Entry> read() {
        List<Entry> entries = new ArrayList<>();
        for (Row row : run(READ, Tuple.of(held, batch))) {
            Buffer body = (Buffer) row.getDelegate().getValue("body");
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                    row.getString("topic"), row.getString("key"), body == null ? null : body.getBytes());
            Letter.read(row.getString("headers"))
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.ISO_8859_1)));
            entries.add(new Entry(row.getLong("sequence"), record));
        }
        return entries;
    }

    private RowSet<Row> run(String statement, Tuple parameters) {
        return pool.preparedQuery(statement).execute(parameters).await().atMost(PATIENCE);
    }

    private Producer<String, byte[]> producer() {
        Producer<String, byte[]> open = producer;
        if (open == null) {
            Map<String, Object> config = new HashMap<>(kafka);
            config.keySet().removeIf(key -> !ProducerConfig.configNames().contains(key));
            config.put(ProducerConfig.ACKS_CONFIG, "all");
            config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
            config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
            config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
            config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
            config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
            open = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
            producer = open;
        }
        return open;
    }

    private void discardProducer() {
        Producer<String, byte[]> open = producer;
        producer = null;
        if (open != null) {
            open.close(Duration.ZERO);
        }
    }

    private void yieldLease() {
        try {
            run(YIELD, Tuple.of(owner));
        } catch (RuntimeException e) {
            LOG.debugf(e, "outbox leases are left to run out");
        }
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** One row, ready to be sent. */
    record Entry(long sequence, ProducerRecord<String, byte[]> record) {}
}
