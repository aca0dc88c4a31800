package dev.upkeep.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.icegreen.greenmail.util.GreenMail;
import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeHeld;
import dev.upkeep.contract.event.LifecycleEvent.UpgradeStarted;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.notifier.channel.Webhook;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole notifier, from the broker and REST to a mail server and a webhook. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.lifecycle:4,upkeep.deliveries:4,upkeep.parked:4,upkeep.dead-letters:4"))
@WithTestResource(FarEnds.class)
class NotifierTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TestHTTPResource
    URI root;

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    GreenMail mail;

    private final Webhook webhook = new Webhook();
    private final String tenant = "t-" + UUID.randomUUID().toString().substring(0, 8);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void end() {
        webhook.close();
        http.close();
    }

    @Test
    void tellsASubscriberByMailAndSlackAndThePlannerThatItDid() throws Exception {
        // Given
        subscribe("mail", "ops@example.com");
        subscribe("slack", webhook.good());

        // When
        publish(held("held"));

        // Then
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(mails()).hasSize(1);
            assertThat(webhook.posts()).hasSize(1);
            assertThat(deliveries()).hasSize(2);
        });
        assertThat(mails().getFirst().getSubject()).startsWith("ACTION NEEDED: " + tenant + " is held");
        assertThat(webhook.posts().getFirst()).contains(tenant).contains("--way retry");
        assertThat(deliveries()).allSatisfy(said -> {
            assertThat(said.path("cause").asText()).isEqualTo(tenant + ":held");
            assertThat(said.path("attempt").asInt()).isEqualTo(1);
        });
        assertThat(get("/v1/notices?about=" + tenant).path("items"))
                .hasSize(2)
                .allSatisfy(notice -> assertThat(notice.path("state").asText()).isEqualTo("delivered"));
    }

    @Test
    void tellsOnceWhenTheEventIsRedelivered() throws Exception {
        // Given
        subscribe("mail", "ops@example.com");
        publish(held("twice"));
        await().atMost(SOON).untilAsserted(() -> assertThat(mails()).hasSize(1));

        // When
        publish(held("twice"));
        publish(started("after"));

        // Then
        await().atMost(SOON).untilAsserted(() -> assertThat(mails()).hasSize(2));
        assertThat(mails().stream().map(NotifierTest::id).distinct()).hasSize(2);
    }

    @Test
    void repeatsWithTheSameIdWhenItCrashedBetweenAcceptanceAndRecord() throws Exception {
        // Given a notice that the mail server has, and of which the record was lost
        subscribe("mail", "ops@example.com");
        publish(held("crash"));
        await().atMost(SOON).untilAsserted(() -> assertThat(deliveries()).hasSize(1));

        // When
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("update notice set state = 'waiting', lease_owner = 'crashed',"
                    + " lease_until = now() - interval '1 second' where about = '" + tenant + "'");
        }

        // Then
        await().atMost(SOON).untilAsserted(() -> assertThat(mails()).hasSize(2));
        assertThat(mails().stream().map(NotifierTest::id).distinct()).hasSize(1);
    }

    @Test
    void triesAgainWhenTheFarEndIsBusyAndSaysInWhichTryItGotThrough() throws Exception {
        // Given
        webhook.busy(1);
        subscribe("slack", webhook.good());

        // When
        publish(started("busy"));

        // Then
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(deliveries())
                        .singleElement()
                        .satisfies(
                                said -> assertThat(said.path("attempt").asInt()).isEqualTo(2)));
        assertThat(webhook.posts()).hasSize(1);
    }

    @Test
    void saysThatANoticeFailedWhenTheFarEndWillNeverTakeIt() throws Exception {
        // Given
        subscribe("slack", webhook.gone());

        // When
        publish(started("gone"));

        // Then
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(deliveries())
                        .singleElement()
                        .satisfies(
                                said -> assertThat(said.path("reason").asText()).contains("404 no_service")));
        assertThat(get("/v1/notices?state=failed&limit=500").toString()).contains(tenant);
    }

    @Test
    void namesEveryMistakeInASubscriptionAndChangesNothing() throws Exception {
        // When
        HttpResponse<String> refused = put("/v1/subscriptions/" + tenant, """
                {"channel": "pigeon", "to": "", "tenant": "Not A Name", "events": ["upgrade-held", "lunch"], "colour": 1}
                """);

        // Then
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.headers().firstValue("content-type").orElse("")).startsWith("application/problem+json");
        assertThat(new ObjectMapper().readTree(refused.body()).path("errors").findValuesAsText("pointer"))
                .containsExactlyInAnyOrder("/colour", "/channel", "/to", "/tenant", "/events/1");
        assertThat(send(HttpRequest.newBuilder(root.resolve("/v1/subscriptions/" + tenant))
                                .build())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void keepsASubscriptionAsItWasWhenSomebodyElseHasChangedIt() throws Exception {
        // Given
        String path = "/v1/subscriptions/" + tenant;
        String one = "{\"channel\": \"mail\", \"to\": \"one@example.com\", \"tenant\": \"" + tenant + "\"}";
        String two = one.replace("one@", "two@");

        // When
        HttpResponse<String> made = put(path, one);
        HttpResponse<String> same = put(path, one);
        HttpResponse<String> changed = put(path, two);
        HttpResponse<String> late = putIf(made.headers().firstValue("etag").orElseThrow(), path, one);
        HttpResponse<String> unquoted = putIf("2", path, one);
        // A proxy that compresses makes a tag weak: it still is the one that was read.
        HttpResponse<String> weak =
                putIf("W/" + changed.headers().firstValue("etag").orElseThrow(), path, two);

        // Then
        assertThat(List.of(made.statusCode(), same.statusCode(), changed.statusCode(), late.statusCode()))
                .containsExactly(201, 200, 200, 412);
        assertThat(unquoted.statusCode()).isEqualTo(400);
        assertThat(unquoted.body()).contains("/If-Match", "with its quotes");
        assertThat(weak.statusCode()).isEqualTo(200);
        assertThat(made.headers().firstValue("etag")).isEqualTo(same.headers().firstValue("etag"));
        assertThat(get(path).path("to").asText()).isEqualTo("two@example.com");
        assertThat(send(HttpRequest.newBuilder(root.resolve(path)).DELETE().build())
                        .statusCode())
                .isEqualTo(204);
    }

    private HttpResponse<String> putIf(String match, String path, String body) throws Exception {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Content-Type", "application/json")
                .header("If-Match", match)
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    @Test
    void neverShowsAWebhooksUrl() throws Exception {
        // When
        HttpResponse<String> made = put(
                "/v1/subscriptions/" + tenant,
                "{\"channel\": \"slack\", \"to\": \"https://hooks.example.com/services/T0/B0/secret\", \"tenant\": \""
                        + tenant + "\"}");

        // Then
        assertThat(made.statusCode()).isEqualTo(201);
        assertThat(made.body()).contains("https://hooks.example.com/…").doesNotContain("secret");
    }

    @Test
    void isReadyAndShowsItsFiguresAndItsInterface() throws Exception {
        await().atMost(SOON).untilAsserted(() -> {
            HttpResponse<String> ready =
                    send(HttpRequest.newBuilder(root.resolve("/q/health/ready")).build());
            assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
            assertThat(ready.body()).contains("\"courier\"").contains("\"messaging\"");
        });
        assertThat(send(HttpRequest.newBuilder(root.resolve("/q/metrics")).build())
                        .body())
                .contains("upkeep_notices_waiting");
        assertThat(send(HttpRequest.newBuilder(root.resolve("/q/openapi")).build())
                        .body())
                .contains("/v1/subscriptions/{id}");
    }

    private void subscribe(String channel, String to) throws Exception {
        HttpResponse<String> made = put(
                "/v1/subscriptions/" + tenant + "-" + channel,
                "{\"channel\": \"" + channel + "\", \"to\": \"" + to + "\", \"tenant\": \"" + tenant + "\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    }

    private Envelope held(String id) {
        return envelope(
                id,
                new UpgradeHeld(subject(), "nobody can tell whether it ran", List.of("retry: runs the step again")));
    }

    private Envelope started(String id) {
        return envelope(id, new UpgradeStarted(subject()));
    }

    private Envelope envelope(String id, dev.upkeep.contract.event.LifecycleEvent event) {
        return new Envelope(new EventId(tenant + ":" + id), "planner", Instant.parse("2026-01-01T04:00:00Z"), event);
    }

    private Subject subject() {
        return new Subject(
                new TenantId(tenant),
                new AccountId("acme-inc"),
                new ProductName("inkwell"),
                Version.of("1.0.0"),
                Version.of("1.1.0"),
                new UpgradeId("u-" + tenant),
                new RolloutId("r-1"));
    }

    private void publish(Envelope envelope) throws ExecutionException, InterruptedException {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                    envelope.event().topic().address(), envelope.event().key(), Wire.body(envelope.event()));
            Wire.headers(envelope)
                    .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
            producer.send(record).get();
        }
    }

    private List<MimeMessage> mails() {
        return Arrays.stream(mail.getReceivedMessages())
                .filter(message -> {
                    try {
                        return message.getSubject().contains(tenant);
                    } catch (jakarta.mail.MessagingException e) {
                        throw new AssertionError(e);
                    }
                })
                .toList();
    }

    private static String id(MimeMessage message) {
        try {
            return message.getMessageID();
        } catch (jakarta.mail.MessagingException e) {
            throw new AssertionError(e);
        }
    }

    /** What the notifier has said of this test's tenant. */
    private List<JsonNode> deliveries() throws IOException {
        try (var consumer = new KafkaConsumer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor("upkeep.deliveries").stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<JsonNode> found = new ArrayList<>();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (tenant.equals(record.key())) {
                        found.add(new ObjectMapper().readTree(record.value()));
                    }
                }
            }
            return found;
        }
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(
                        send(HttpRequest.newBuilder(root.resolve(path)).build()).body());
    }

    private HttpResponse<String> put(String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(root.resolve(path))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(request, (name, value) -> true)
                        .header("Authorization", "Bearer " + Tokens.everyRole())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
