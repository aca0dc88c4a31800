package dev.upkeep.executor;

import static dev.upkeep.executor.Bench.asked;
import static dev.upkeep.executor.Bench.step;
import static dev.upkeep.executor.Bench.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.event.Topic;
import dev.upkeep.contract.signature.Parcel;
import dev.upkeep.contract.signature.StepCheck.Refusal;
import dev.upkeep.contract.step.Action.RunTask;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever can write to the topic of steps does not thereby run commands, nor keep the planner's from running. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
class SignedStepsTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    @Inject
    MeterRegistry meters;

    @TempDir
    Path home;

    Bench bench;

    @BeforeEach
    void listen() {
        bench = new Bench(kafka.bootstrapServers());
    }

    @AfterEach
    void stopListening() {
        bench.close();
    }

    @Test
    void runsTheGoodStepBehindAForgedOneWithItsId() throws Exception {
        TenantId tenant = Bench.tenant("forged");
        ProducerRecord<String, byte[]> forged = asked(topic(), note(tenant, 1, "forged"));
        forged.headers().remove(Parcel.SIGNATURE);
        double before = refused(Refusal.UNSIGNED);

        bench.send(List.of(forged, asked(topic(), note(tenant, 1, "good"))));

        assertThat(bench.hear(1, r -> r.tenant().equals(tenant)))
                .singleElement()
                .isInstanceOf(StepSucceeded.class);
        assertThat(home.resolve("good")).exists();
        assertThat(home.resolve("forged")).doesNotExist();
        assertThat(refused(Refusal.UNSIGNED)).isEqualTo(before + 1);
    }

    @Test
    void keepsARefusedStepForPeopleToSeeAndParksNothing() throws Exception {
        TenantId tenant = Bench.tenant("unread");
        ProducerRecord<String, byte[]> poison =
                new ProducerRecord<>(topic(), tenant.value(), "no step at all".getBytes(StandardCharsets.UTF_8));

        bench.send(List.of(poison, asked(topic(), note(tenant, 1, "behind"))));

        bench.hear(1, r -> r.tenant().equals(tenant));
        assertThat(home.resolve("behind")).exists();
        ConsumerRecord<String, byte[]> dead = deadLetter(tenant);
        assertThat(header(dead, "upkeep-dead-reason")).isEqualTo("refused, unsigned: it has no signature");
        assertThat(dead.value()).isEqualTo(poison.value());
        assertThat(count("select count(*) from parked_key where key = ?", tenant.value()))
                .isZero();
        RestAssured.given()
                .auth()
                .oauth2(Tokens.everyRole())
                .get("/q/metrics")
                .then()
                .body(org.hamcrest.Matchers.containsString("upkeep_steps_refused_total{reason=\"unsigned\"}"));
    }

    @Test
    void refusesAStepThatIsSentOnForAnotherTenant() throws Exception {
        TenantId tenant = Bench.tenant("victim");
        ProducerRecord<String, byte[]> good = asked(topic(), note(Bench.tenant("other"), 1, "stolen"));
        ProducerRecord<String, byte[]> moved = new ProducerRecord<>(topic(), null, tenant.value(), good.value());
        good.headers().forEach(moved.headers()::add);

        bench.send(List.of(moved, asked(topic(), note(tenant, 1, "own"))));

        bench.hear(1, r -> r.tenant().equals(tenant));
        assertThat(header(deadLetter(tenant), "upkeep-dead-reason")).contains(Refusal.WRONG_SIGNATURE.word());
        assertThat(home.resolve("stolen")).doesNotExist();
    }

    @Test
    void refusesStepsInWhichABitFlippedOnTheWayAndKeepsNothingOfThem() throws Exception {
        TenantId tenant = Bench.tenant("flipped");
        Random random = new Random(20261128);
        List<ProducerRecord<String, byte[]>> flipped = IntStream.rangeClosed(1, 200)
                .mapToObj(n -> flipped(asked(topic(), note(tenant, n, "never")), random))
                .toList();

        bench.send(flipped);
        bench.send(List.of(asked(topic(), note(tenant, 201, "after"))));

        assertThat(bench.hear(1, r -> r.tenant().equals(tenant))).hasSize(1);
        assertThat(count("select count(*) from step_run where tenant = ?", tenant.value()))
                .isEqualTo(1);
        assertThat(count("select count(*) from inbox where event_id like ?", "u-" + tenant + ":%"))
                .isEqualTo(1);
        assertThat(home.resolve("never")).doesNotExist();
    }

    /** A signed step stays signed for ever: what keeps an old one from running again is not its signature. */
    @Test
    void runsNoStepTwiceThatIsSentAgain() throws Exception {
        TenantId tenant = Bench.tenant("replayed");
        ProducerRecord<String, byte[]> first = asked(topic(), counted(tenant, 1));
        bench.send(List.of(first));
        bench.hear(1, r -> r.tenant().equals(tenant));
        bench.send(List.of(asked(topic(), counted(tenant, 2))));
        bench.hear(2, r -> r.tenant().equals(tenant));

        // Its id was taken.
        bench.send(List.of(copy(first)));
        bench.send(List.of(asked(topic(), counted(tenant, 3))));
        bench.hear(3, r -> r.tenant().equals(tenant));
        assertThat(Files.readString(home.resolve("count"))).isEqualTo("1\n2\n3\n");
    }

    /** A dead letter that the broker took for too large would keep the executor's results behind it for ever. */
    @Test
    void saysItsResultsBehindARefusedRecordThatIsAsLargeAsTheBrokerTakes() throws Exception {
        TenantId tenant = Bench.tenant("large");
        ProducerRecord<String, byte[]> large = new ProducerRecord<>(topic(), tenant.value(), new byte[890_000]);
        large.headers().add("upkeep-signature", new byte[150_000]);

        bench.send(List.of(large, asked(topic(), note(tenant, 1, "behind"))));

        bench.hear(1, r -> r.tenant().equals(tenant));
        ConsumerRecord<String, byte[]> dead = deadLetter(tenant);
        assertThat(header(dead, "upkeep-dead-headers-dropped")).isEqualTo("1");
        assertThat(header(dead, "upkeep-dead-reason")).contains(Refusal.MALFORMED_SIGNATURE.word());
    }

    private static String topic() {
        return Topic.STEPS.address();
    }

    private StepRequested note(TenantId tenant, int number, String file) {
        return task(tenant, number, "/usr/bin/touch " + home.resolve(file));
    }

    private StepRequested counted(TenantId tenant, int number) {
        return task(tenant, number, "/bin/sh -c 'echo " + number + " >> " + home.resolve("count") + "'");
    }

    private StepRequested task(TenantId tenant, int number, String command) {
        return step(
                tenant,
                number,
                number,
                new RunTask("do"),
                target("task", "command", Map.of("home", home.toString(), "task.do", command)));
    }

    /** Kafka's client lets a record's headers be sent once. */
    private static ProducerRecord<String, byte[]> copy(ProducerRecord<String, byte[]> record) {
        ProducerRecord<String, byte[]> copy = new ProducerRecord<>(record.topic(), record.key(), record.value());
        record.headers().forEach(copy.headers()::add);
        return copy;
    }

    private static ProducerRecord<String, byte[]> flipped(ProducerRecord<String, byte[]> record, Random random) {
        List<String> names = List.of("ce_id", "ce_type", "ce_source", "ce_time", Parcel.SIGNATURE, "");
        String name = names.get(random.nextInt(names.size()));
        byte[] bytes = name.isEmpty()
                ? record.value()
                : record.headers().lastHeader(name).value().clone();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        if (!name.isEmpty()) {
            record.headers().remove(name).add(name, bytes);
        }
        return record;
    }

    private double refused(Refusal refusal) {
        return meters.counter("upkeep_steps_refused", "reason", refusal.word()).count();
    }

    private ConsumerRecord<String, byte[]> deadLetter(TenantId tenant) {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        "dead-" + UUID.randomUUID(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.DEAD_LETTERS));
            return await().atMost(SOON)
                    .until(
                            () -> {
                                for (var record : consumer.poll(Duration.ofMillis(200))) {
                                    if (tenant.value().equals(record.key())) {
                                        return record;
                                    }
                                }
                                return null;
                            },
                            found -> found != null);
        }
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.ISO_8859_1);
    }

    private int count(String query, String value) throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, value);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }
}
