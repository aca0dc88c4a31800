package dev.upkeep.messaging;

import static dev.upkeep.messaging.Bench.freshKey;
import static dev.upkeep.messaging.Bench.header;
import static dev.upkeep.messaging.Bench.onContext;
import static dev.upkeep.messaging.Bench.query;
import static dev.upkeep.messaging.Bench.topic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ParkedEvent.KeyParked;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Pool;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.hibernate.reactive.mutiny.Mutiny;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.lifecycle:4,upkeep.deliveries:4,upkeep.parked:4,upkeep.dead-letters:4"))
class RelayTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Duration LEASE = Duration.ofMillis(300);

    @Inject
    Relay applicationsOwn;

    @Inject
    Outbox outbox;

    @Inject
    Mutiny.SessionFactory sessions;

    @Inject
    Pool pool;

    @Inject
    Meters meters;

    @Inject
    InstantSource clock;

    @Inject
    Vertx vertx;

    @Inject
    DataSource database;

    @BeforeEach
    void restTheApplicationsOwnRelay() throws InterruptedException {
        applicationsOwn.stop();
    }

    @AfterEach
    void startTheApplicationsOwnRelay() {
        applicationsOwn.start();
    }

    @Test
    void saysNothingWhenTheTransactionIsRolledBack() {
        // Given
        String key = freshKey("undone");

        // When
        onContext(
                vertx,
                () -> sessions.withTransaction((session, transaction) ->
                        outbox.say(session, List.of(said(key, 1))).invoke(transaction::markForRollback)));

        // Then
        assertThat(waiting(key)).isEmpty();
    }

    @Test
    void repeatsButNeverReordersWhenAStalledRelayWakesUp() throws Exception {
        // Given a relay that read a batch, and stalls until its lease has run out
        String key = freshKey("stall");
        Relay stalled = relay(Parts.kafka().bootstrapServers());
        say(key, 1, 2);
        // The shards may still be leased to the relay of another test.
        List<Relay.Entry> batch = await().atMost(SOON)
                .until(
                        () -> {
                            stalled.renew();
                            return stalled.read();
                        },
                        read -> !read.isEmpty());
        Relay successor = relay(Parts.kafka().bootstrapServers());
        await().atMost(SOON).until(() -> {
            successor.renew();
            return !successor.read().isEmpty();
        });

        // When
        successor.send(successor.read());
        say(key, 3);
        successor.send(successor.read());
        stalled.send(batch);

        // Then
        List<String> ids = topic("upkeep.parked", key).stream()
                .map(r -> header(r, "ce_id"))
                .toList();
        assertThat(ids).hasSize(5);
        assertThat(ids.stream().distinct()).containsExactly(key + ":1", key + ":2", key + ":3");
        assertThat(waiting(key)).isEmpty();
        successor.stop();
        stalled.stop();
    }

    @Test
    void keepsTheOrderOfEachKeyWhenTwoRelaysTakeTurnsAndManyTransactionsSay() throws Exception {
        // Given
        String prefix = freshKey("turns");
        List<String> keys =
                IntStream.range(0, 5).mapToObj(n -> prefix + "-" + n).toList();
        keys.forEach(key -> Bench.execute(database, "insert into aggregate values ('" + key + "', 0)"));
        Relay one = relay(Parts.kafka().bootstrapServers());
        Relay two = relay(Parts.kafka().bootstrapServers());
        one.start();

        // When
        try (var writers = Executors.newFixedThreadPool(8)) {
            List<Callable<Object>> work = new ArrayList<>();
            for (int n = 0; n < 40; n++) {
                keys.forEach(key -> work.add(() -> sayNext(key)));
            }
            List<Future<Object>> done = work.stream().map(writers::submit).toList();
            for (int turn = 0; turn < 6; turn++) {
                Relay from = turn % 2 == 0 ? one : two;
                Relay to = turn % 2 == 0 ? two : one;
                to.start();
                from.stop();
            }
            for (Future<Object> one_ : done) {
                one_.get();
            }
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(waiting(prefix)).isEmpty());
        one.stop();
        two.stop();

        // Then
        var sent = topic("upkeep.parked", prefix);
        for (String key : keys) {
            assertThat(sent.stream()
                            .filter(r -> r.key().equals(key))
                            .map(r -> header(r, "ce_id"))
                            .distinct())
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 40)
                            .mapToObj(n -> key + ":" + n)
                            .toList());
        }
    }

    @Test
    void keepsTheRowsAndSaysWhyWhenTheBrokerIsAway() throws Exception {
        // Given
        String key = freshKey("away");
        Relay cut = relay("127.0.0.1:1");
        say(key, 1);

        // When
        cut.start();

        // Then
        await().atMost(SOON).untilAsserted(() -> assertThat(cut.trouble()).contains("not present in metadata"));
        assertThat(waiting(key)).hasSize(1);

        // When the broker is back
        cut.stop();
        Relay whole = relay(Parts.kafka().bootstrapServers());
        whole.start();

        // Then
        await().atMost(SOON).untilAsserted(() -> assertThat(waiting(key)).isEmpty());
        assertThat(whole.trouble()).isNull();
        whole.stop();
    }

    @Test
    void queuesTheSameDecisionOnce() {
        // Given
        String key = freshKey("same");

        // When
        say(key, 1, 2);
        say(key, 2);

        // Then
        assertThat(waiting(key)).hasSize(2);
    }

    private Object sayNext(String key) {
        return onContext(
                vertx,
                () -> sessions.withTransaction((session, transaction) -> Sql.rows(
                                session, "update aggregate set said = said + 1 where key = $1 returning said", key)
                        .chain(rows -> outbox.say(session, List.of(said(key, (Integer) rows.getFirst()[0]))))
                        .replaceWith(key)));
    }

    /** Of a topic that nobody in this application takes in, so that these rows are all there are. */
    private static Envelope said(String key, int number) {
        return new Envelope(
                new EventId(key + ":" + number),
                "messaging-test",
                Instant.EPOCH,
                new KeyParked("messaging-test", "nowhere", key, "nowhere-0@" + number, "said in a test"));
    }

    private void say(String key, int... numbers) {
        onContext(
                vertx,
                () -> sessions.withTransaction((session, transaction) -> outbox.say(
                        session,
                        IntStream.of(numbers).mapToObj(n -> said(key, n)).toList())));
    }

    private List<Integer> waiting(String keyPrefix) {
        return query(
                database,
                "select sequence from outbox where topic = 'upkeep.parked' and key like '" + keyPrefix
                        + "%' order by sequence");
    }

    private Relay relay(String bootstrapServers) {
        return new Relay(
                pool, Map.of("bootstrap.servers", bootstrapServers), clock, meters, 50, Duration.ofMillis(20), LEASE);
    }
}
