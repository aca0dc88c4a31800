package dev.upkeep.messaging;

import static dev.upkeep.messaging.Bench.event;
import static dev.upkeep.messaging.Bench.freshKey;
import static dev.upkeep.messaging.Bench.header;
import static dev.upkeep.messaging.Bench.journal;
import static dev.upkeep.messaging.Bench.onContext;
import static dev.upkeep.messaging.Bench.query;
import static dev.upkeep.messaging.Bench.record;
import static dev.upkeep.messaging.Bench.topic;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ParkedEvent.KeyParked;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.Parts;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.lifecycle:4,upkeep.deliveries:4,upkeep.parked:4,upkeep.dead-letters:4"))
class InboxTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    @Inject
    Inbox inbox;

    @Inject
    Parking parking;

    @Inject
    Housekeeping housekeeping;

    @Inject
    Vertx vertx;

    @Inject
    DataSource database;

    @Test
    void handlesWhatKafkaHoldsAndSaysWhatItDecided() {
        // Given
        String key = freshKey("way");
        List<Envelope> events =
                IntStream.rangeClosed(1, 300).mapToObj(n -> event(key, n)).toList();

        // When
        Bench.publish(events);

        // Then
        List<Integer> all = IntStream.rangeClosed(1, 300).boxed().toList();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(journal(database, JournalStream.CONSUMER, key))
                        .isEqualTo(all));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(topic("upkeep.deliveries", key))
                        .extracting(told -> header(told, "ce_id"))
                        .containsExactlyElementsOf(
                                events.stream().map(e -> e.id() + ":told").toList()));
    }

    @Test
    void handlesABatchInOneTransaction() {
        // Given
        String key = freshKey("batch");
        List<Integer> sizes = new ArrayList<>();
        List<ConsumerRecord<String, byte[]>> records = IntStream.rangeClosed(1, 500)
                .mapToObj(n -> record(n, event(key, n)))
                .toList();

        // When
        onContext(
                vertx,
                () -> inbox.take("batch", records, (session, fresh) -> {
                    sizes.add(fresh.size());
                    return JournalStream.write(session, "batch", fresh);
                }));

        // Then
        assertThat(sizes).containsExactly(500);
        assertThat(query(database, "select count(distinct xmin::text) from journal where key = '" + key + "'"))
                .containsExactly(1);
    }

    @Test
    void handlesARecordOnceWhenItsAcknowledgementWasLost() {
        // Given
        String key = freshKey("again");
        List<ConsumerRecord<String, byte[]>> records = List.of(record(1, event(key, 1)), record(2, event(key, 2)));
        take("again", records);

        // When
        List<ConsumerRecord<String, byte[]>> redelivered = new ArrayList<>(records);
        redelivered.add(record(3, event(key, 3)));
        redelivered.add(record(4, event(key, 3)));
        take("again", redelivered);

        // Then
        assertThat(journal(database, "again", key)).containsExactly(1, 2, 3);
    }

    @Test
    void keepsNothingOfARecordThatAGuardRefusesButADeadLetter() {
        // Given
        String key = freshKey("guarded");
        ConsumerRecord<String, byte[]> forged = record(1, event(key, 1));
        forged.headers().add("padding", new byte[200_000]);
        ConsumerRecord<String, byte[]> unreadable = new ConsumerRecord<>("upkeep.lifecycle", 0, 2, key, new byte[1]);
        Guard guard = record -> record.offset() < 3 ? Optional.of("refused, for a test") : Optional.empty();

        // When
        onContext(
                vertx,
                () -> inbox.take(
                        "guarded",
                        List.of(forged, unreadable, record(3, event(key, 1)), record(4, event(key, 2))),
                        guard,
                        (session, fresh) -> JournalStream.write(session, "guarded", fresh)));

        // Then
        assertThat(journal(database, "guarded", key)).containsExactly(1, 2);
        assertThat(query(database, "select count(*)::int from parked_key where key = '" + key + "'"))
                .containsExactly(0);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(topic("upkeep.dead-letters", key))
                        .hasSize(2)
                        .allSatisfy(letter ->
                                assertThat(header(letter, "upkeep-dead-reason")).isEqualTo("refused, for a test"))
                        .extracting(letter -> header(letter, "upkeep-dead-headers-dropped"))
                        .containsExactly("1", ""));
        assertThat(topic("upkeep.parked", key)).isEmpty();
    }

    @Test
    void isolatesTheRecordThatFailsAndParksWhatComesBehindItInOrder() {
        // Given
        String bad = freshKey("bad");
        String good = freshKey("good");
        AtomicInteger tries = new AtomicInteger();
        boolean[] mended = {false};
        Handler handler = (session, fresh) -> {
            for (Envelope envelope : fresh) {
                if (envelope.id().value().equals(bad + ":2") && !mended[0]) {
                    if (fresh.size() == 1) {
                        tries.incrementAndGet();
                    }
                    return Uni.createFrom().failure(new IllegalStateException("planted"));
                }
            }
            return JournalStream.write(session, "isolate", fresh);
        };

        // When
        onContext(
                vertx,
                () -> inbox.take(
                        "isolate",
                        List.of(
                                record(1, event(bad, 1)),
                                record(2, event(good, 1)),
                                record(3, event(bad, 2)),
                                record(4, event(bad, 3)),
                                record(5, event(good, 2))),
                        handler));
        onContext(
                vertx,
                () -> inbox.take("isolate", List.of(record(6, event(bad, 4)), record(7, event(good, 3))), handler));

        // Then
        assertThat(tries).hasValue(5);
        assertThat(journal(database, "isolate", good)).containsExactly(1, 2, 3);
        assertThat(journal(database, "isolate", bad)).containsExactly(1);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(topic("upkeep.dead-letters", bad))
                        .singleElement()
                        .satisfies(letter -> {
                            assertThat(letter.value())
                                    .isEqualTo(Wire.body(event(bad, 2).event()));
                            assertThat(header(letter, "ce_id")).isEqualTo(bad + ":2");
                            assertThat(header(letter, "upkeep-dead-reason")).contains("planted");
                            assertThat(header(letter, "upkeep-dead-record")).isEqualTo("upkeep.lifecycle-0@3");
                        }));
        // It is said once more for each record that comes to wait: whoever forgot to release the key hears of it.
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(topic("upkeep.parked", bad))
                        .hasSize(3)
                        .allSatisfy(said -> assertThat(open(said).event())
                                .isEqualTo(new KeyParked(
                                        "isolate",
                                        "upkeep.lifecycle",
                                        bad,
                                        "upkeep.lifecycle-0@3",
                                        "IllegalStateException: planted"))));

        // When it is released too early
        var early = onContext(vertx, () -> parking.release("isolate", bad, Parking.Failed.RETRY));

        // Then
        assertThat(early).isEqualTo(new Parking.StillBroken(0, "IllegalStateException: planted"));
        assertThat(journal(database, "isolate", bad)).containsExactly(1);

        // When its cause is gone
        mended[0] = true;
        var release = onContext(vertx, () -> parking.release("isolate", bad, Parking.Failed.RETRY));
        onContext(vertx, () -> inbox.take("isolate", List.of(record(8, event(bad, 5))), handler));

        // Then
        assertThat(release).isEqualTo(new Parking.Released(3));
        assertThat(journal(database, "isolate", bad)).containsExactly(1, 2, 3, 4, 5);
        assertThat(onContext(vertx, () -> parking.release("isolate", bad, Parking.Failed.RETRY)))
                .isEqualTo(new Parking.NotParked());
    }

    @Test
    void leavesTheFailedRecordOutWhenAPersonSaysSo() {
        // Given
        String key = freshKey("skip");
        Handler handler = (session, fresh) -> fresh.stream().anyMatch(e -> JournalStream.number(e) == 1)
                ? Uni.createFrom().failure(new IllegalStateException("planted"))
                : JournalStream.write(session, "skip", fresh);
        onContext(
                vertx, () -> inbox.take("skip", List.of(record(1, event(key, 1)), record(2, event(key, 2))), handler));

        // When
        var release = onContext(vertx, () -> parking.release("skip", key, Parking.Failed.SKIP));

        // Then
        assertThat(release).isEqualTo(new Parking.Released(1));
        assertThat(journal(database, "skip", key)).containsExactly(2);
    }

    @Test
    void putsTheFailedRecordFirstInLineThoughTheNextCameInItsBatch() {
        // Given
        String key = freshKey("line");
        ConsumerRecord<String, byte[]> unreadable = record(1, event(key, 1));
        unreadable.headers().remove("ce_type");

        // When
        take("line", List.of(unreadable, record(2, event(key, 2)), record(3, event(key, 3))));

        // Then
        assertThat(query(
                        database,
                        "select count(*) from parked_record where failed and id = (select min(id) from"
                                + " parked_record where consumer = 'line' and key = '" + key + "')"))
                .containsExactly(1);
        var release = onContext(vertx, () -> parking.release("line", key, Parking.Failed.RETRY));
        assertThat(release).isInstanceOf(Parking.StillBroken.class);
        assertThat(journal(database, "line", key)).isEmpty();
    }

    @Test
    void goesOnWithAKeyWhoseOrderDoesNotMatter() {
        // Given
        String key = freshKey("regardless");
        inbox.goesOnRegardless("regardless");
        ConsumerRecord<String, byte[]> unreadable = record(1, event(key, 1));
        unreadable.headers().remove("ce_type");

        // When
        take("regardless", List.of(unreadable, record(2, event(key, 2))));

        // Then
        assertThat(journal(database, "regardless", key)).containsExactly(2);
        assertThat(query(database, "select count(*) from parked_key where key = '" + key + "'"))
                .containsExactly(0);
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(topic("upkeep.dead-letters", key)).hasSize(1);
            assertThat(topic("upkeep.parked", key)).hasSize(1);
        });
    }

    @Test
    void passesOverWhatALooseConsumerCannotProcessAndHoldsNobodyUp() {
        // Given
        String key = freshKey("loose");
        inbox.takesLoosely("loose");
        Handler handler = (session, fresh) -> fresh.stream().anyMatch(e -> JournalStream.number(e) == 2)
                ? Uni.createFrom().failure(new IllegalStateException("planted"))
                : JournalStream.write(session, "loose", fresh);
        List<ConsumerRecord<String, byte[]>> records =
                List.of(record(1, event(key, 1)), record(2, event(key, 2)), record(3, event(key, 3)));

        // When
        onContext(vertx, () -> inbox.take("loose", records, handler));

        // Then
        assertThat(journal(database, "loose", key)).containsExactly(1, 3);
        assertThat(query(database, "select count(*) from inbox where consumer = 'loose'"))
                .containsExactly(0);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(topic("upkeep.dead-letters", key)).hasSize(1));
        assertThat(topic("upkeep.parked", key)).isEmpty();
    }

    @Test
    void deadLettersAtOnceWhatNobodyCanRead() {
        // Given
        String key = freshKey("poison");
        ConsumerRecord<String, byte[]> unknownType = record(1, event(key, 1));
        unknownType.headers().remove("ce_type").add("ce_type", bytes("dev.upkeep.never-heard-of.v1"));
        String other = freshKey("garbage");
        ConsumerRecord<String, byte[]> garbage =
                new ConsumerRecord<>("upkeep.lifecycle", 1, 9, other, new byte[] {0, (byte) 0xff, 17});
        garbage.headers().add("ce_id", bytes("with\0nul")).add("weird", new byte[] {0, (byte) 0xfe});
        ConsumerRecord<String, byte[]> tombstone = new ConsumerRecord<>("upkeep.lifecycle", 1, 10, null, null);
        String good = freshKey("good");

        // When
        take("poison", List.of(unknownType, garbage, tombstone, record(2, event(key, 2)), record(3, event(good, 1))));

        // Then
        assertThat(journal(database, "poison", good)).containsExactly(1);
        assertThat(journal(database, "poison", key)).isEmpty();
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(topic("upkeep.dead-letters", key))
                    .singleElement()
                    .satisfies(letter -> assertThat(header(letter, "upkeep-dead-reason"))
                            .contains("unknown type 'dev.upkeep.never-heard-of.v1'"));
            assertThat(topic("upkeep.dead-letters", other)).singleElement().satisfies(letter -> {
                assertThat(letter.value()).containsExactly(0, 0xff, 17);
                assertThat(letter.headers().lastHeader("weird").value()).containsExactly(0, 0xfe);
            });
        });
    }

    @Test
    void waitsForALostDatabaseWithoutBlamingTheRecord() {
        // Given
        String key = freshKey("wire");
        AtomicInteger cuts = new AtomicInteger();
        Handler handler = (session, fresh) -> cuts.incrementAndGet() <= 8
                ? Sql.rows(session, "select pg_terminate_backend(pg_backend_pid())")
                        .replaceWithVoid()
                : JournalStream.write(session, "wire", fresh);

        // When
        onContext(vertx, () -> inbox.take("wire", List.of(record(1, event(key, 1))), handler));

        // Then
        assertThat(journal(database, "wire", key)).containsExactly(1);
        assertThat(query(database, "select count(*) from parked_key where consumer = 'wire'"))
                .containsExactly(0);
        assertThat(inbox.waits()).doesNotContainKey("wire");
    }

    @Test
    void forgetsTakenEventsOnlyWhenTheyAreOld() {
        // Given
        String key = freshKey("old");
        take("old", List.of(record(1, event(key, 1)), record(2, event(key, 2))));
        Bench.execute(
                database, "update inbox set taken_at = now() - interval '8 days' where event_id = '" + key + ":1'");

        // When
        onContext(vertx, () -> housekeeping.prune());

        // Then
        assertThat(query(database, "select count(*) from inbox where event_id like '" + key + ":%'"))
                .containsExactly(1);
    }

    private void take(String consumer, List<ConsumerRecord<String, byte[]>> records) {
        onContext(
                vertx,
                () -> inbox.take(consumer, records, (session, fresh) -> JournalStream.write(session, consumer, fresh)));
    }

    private static Envelope open(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        try {
            return Wire.read(headers, record.value());
        } catch (Wire.Unreadable e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
