package dev.upkeep.verifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.upkeep.contract.EventId;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Token;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.BakeEvent.Purpose;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.Event;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.contract.event.Probe;
import dev.upkeep.contract.event.Verdict;
import dev.upkeep.contract.event.VerdictEvent.VerdictReached;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.event.Watch.Selection;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The verifier with its real database and broker, looking at a tenant that answers over HTTP. */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value =
                                "upkeep.bakes:2,upkeep.verdicts:2,upkeep.observations:2,upkeep.parked:1,upkeep.dead-letters:1"))
class BakesTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @Part
    KafkaPart kafka;

    @Part
    Database database;

    @ConfigProperty(name = "quarkus.http.test-port")
    int port;

    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private final String id = "t" + UUID.randomUUID().toString().substring(0, 8);
    private HttpServer tenant;
    private KafkaProducer<String, byte[]> producer;
    private KafkaConsumer<String, byte[]> consumer;
    private final List<VerdictReached> verdicts = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        tenant = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        answer("/healthz", () -> "ok");
        // Every scrape shows more traffic, as a tenant under load does.
        answer("/metrics", () -> {
            int total = requests.addAndGet(20);
            return "requests_total{outcome=\"ok\"} " + (total - errors.get()) + "\nrequests_total{outcome=\"error\"} "
                    + errors.get() + "\n";
        });
        tenant.start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
        consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "group.id", id, "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of("upkeep.verdicts"));
    }

    @AfterEach
    void stop() {
        consumer.close();
        producer.close();
        tenant.stop(0);
    }

    @Test
    void confirmsAHealthyTenantWithTheFiguresAndSaysSoOnceThoughAskedTwice() throws Exception {
        BakeRequested bake = bake("u-1", Purpose.OPEN, 1);

        say("e-1", bake);
        say("e-1", bake);
        VerdictReached reached = verdict();

        assertThat(reached.step()).isEqualTo(bake.step());
        assertThat(reached.token()).isEqualTo(bake.token());
        assertThat(reached.verdict())
                .isInstanceOfSatisfying(
                        Verdict.Confirm.class,
                        confirm -> assertThat(confirm.evidence())
                                .extracting(Verdict.Finding::name)
                                .containsExactly("health", "error-ratio"));
        say("e-2", bake("u-2", Purpose.SHUT, 2));
        assertThat(verdict().upgrade()).isEqualTo(new UpgradeId(id + "-u-2"));
        assertThat(verdicts).hasSize(2);
        assertThat(ids).as("ids by which the planner tells a repetition").doesNotHaveDuplicates();
        assertThat(get("/v1/tenants/" + id + "/bakes")).containsPattern("\"kind\": ?\"confirm\"");
        assertThat(get("/v1/tenants/" + id + "/observations?series=health")).contains("\"value\":1.0");
    }

    @Test
    void rollsBackATenantThatAnswersOneRequestInFiveWithAnError() throws Exception {
        answer("/bad-metrics", () -> {
            int total = requests.addAndGet(20);
            return "requests_total{outcome=\"ok\"} " + total * 4 / 5 + "\nrequests_total{outcome=\"error\"} "
                    + total / 5 + "\n";
        });

        say("e-1", bake("u-1", Purpose.OPEN, 1, base() + "/bad-metrics"));

        assertThat(verdict().verdict())
                .isInstanceOfSatisfying(
                        Verdict.Rollback.class,
                        rollback -> assertThat(rollback.because().getFirst().found())
                                .startsWith("0.2000"));
    }

    @Test
    void takesUpABakeWhoseVerifierDied() throws Exception {
        // Given a bake that another verifier had taken before it died
        BakeRequested bake = bake("u-1", Purpose.SHUT, 1);
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                PreparedStatement insert = connection.prepareStatement("""
                        insert into bake (upgrade, step, attempt, tenant, token, state, request, progress, figures,
                                          lease_owner, lease_until)
                        values (?, ?, 1, ?, 1, 'baking', ?::jsonb,
                                '{"looks":0,"probes":{},"of":{},"per":{},"unread":{}}', '{"figures":{}}',
                                'the dead', now() + interval '1 second')
                        """)) {
            insert.setString(1, bake.upgrade().value());
            insert.setString(2, bake.step().value());
            insert.setString(3, id);
            insert.setString(4, new String(Wire.body(bake), StandardCharsets.UTF_8));
            insert.executeUpdate();
        }

        // Then its lease runs out and it is judged here
        assertThat(verdict().verdict()).isInstanceOf(Verdict.Confirm.class);
    }

    @Test
    void givesUpABakeThatANewerAttemptOnTheTenantSupersedes() throws Exception {
        say("e-1", bake("u-1", Purpose.OPEN, 1));
        say("e-2", bake("u-2", Purpose.SHUT, 2));

        assertThat(verdict().upgrade()).isEqualTo(new UpgradeId(id + "-u-2"));
        assertThat(state(id + "-u-1")).isEqualTo("superseded");
    }

    @Test
    void keepsAReadingOnceHoweverOftenItIsTold() throws Exception {
        Observed observed = new Observed(new TenantId(id), "queue", Instant.parse("2026-01-02T03:04:05Z"), 7, "");
        for (int i = 0; i < 3; i++) {
            say("e-" + i, observed);
        }
        say("e-9", new Observed(new TenantId(id), "queue", Instant.parse("2026-01-02T03:04:06Z"), 8, ""));

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(count("observation")).isEqualTo(2));
    }

    @Test
    void deadLettersWhatIsNoReadingAndWhatNoTableTakesAndGoesOn() throws Exception {
        // Given a record that nobody can read, and one with a character that PostgreSQL refuses
        producer.send(new ProducerRecord<>("upkeep.observations", id, "poison".getBytes(StandardCharsets.UTF_8)))
                .get();
        say("e-8", new Observed(new TenantId(id), "with\0nul", Instant.parse("2026-01-02T03:04:05Z"), 7, ""));

        // When
        say("e-9", new Observed(new TenantId(id), "queue", Instant.parse("2026-01-02T03:04:06Z"), 8, ""));

        // Then
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(count("observation")).isEqualTo(1));
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(deadLetters())
                        .hasSize(2)
                        .anyMatch(reason -> reason.contains("ce_type is missing"))
                        .anyMatch(reason -> reason.contains("invalid byte sequence")));
        assertThat(one("select count(*) from parked_key where key = ?", id)).isEqualTo("0");
    }

    @Test
    void refusesALimitThatIsNone() throws Exception {
        assertThat(get("/v1/tenants/" + id + "/bakes?limit=0"))
                .contains("\"pointer\":\"/limit\"")
                .contains("\"fix\":");
    }

    @Test
    void listsInPagesOfAnySizeWithEachOneOnceAndTheNewestFirst() throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                PreparedStatement bakes = connection.prepareStatement("""
                        insert into bake (upgrade, step, attempt, tenant, token, state, request, progress, figures, asked_at)
                        values (?, 's', ?, ?, 1, 'superseded', '{}', '{}', '{}', '2026-01-02T03:04:05Z'::timestamptz + ? * interval '1 s')
                        """);
                PreparedStatement readings = connection.prepareStatement("""
                        insert into observation (tenant, series, at, value, said)
                        values (?, ?, date_trunc('second', now()) - interval '10.000001 s' + ? * interval '1 s', 1, '')
                        """)) {
            for (int i = 0; i < 5; i++) {
                bakes.setString(1, id + "-u-" + i / 2);
                bakes.setInt(2, i);
                bakes.setString(3, id);
                bakes.setInt(4, i / 3);
                bakes.executeUpdate();
                readings.setString(1, id);
                readings.setString(2, "series-" + i % 2);
                readings.setInt(3, i / 2);
                readings.executeUpdate();
            }
        }

        assertThat(walked("/bakes", 2, "/attempt")).containsExactly("4", "3", "2", "1", "0");
        assertThat(walked("/bakes", 5, "/attempt")).containsExactly("4", "3", "2", "1", "0");
        assertThat(walked("/observations", 1, "/series"))
                .containsExactly("series-0", "series-1", "series-0", "series-1", "series-0");
        assertThat(walked("/observations", 2, "/at"))
                .isSortedAccordingTo(Comparator.reverseOrder())
                .hasSize(5);
        assertThat(get("/v1/tenants/" + id + "/observations?cursor=x"))
                .contains("cursor-invalid")
                .contains("\"pointer\":\"/cursor\"");
    }

    /** One value of each item, page by page. */
    private List<String> walked(String list, int limit, String pointer) throws Exception {
        List<String> values = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = new ObjectMapper().readTree(get("/v1/tenants/" + id + list + "?limit=" + limit + next));
            assertThat(page.path("items").size()).isLessThanOrEqualTo(limit);
            page.path("items").forEach(item -> values.add(item.at(pointer).asText()));
            next = page.has("next") ? "&cursor=" + page.path("next").asText() : "";
        } while (!next.isEmpty());
        return values;
    }

    @Test
    void saysThatItIsReadyAndWhatItMeasures() throws Exception {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(get("/q/health/ready"))
                        .contains("\"name\": \"bakes\"")
                        .contains("\"status\": \"UP\""));
        assertThat(get("/q/metrics")).contains("upkeep_");
        assertThat(get("/q/openapi")).contains("/v1/tenants/{tenant}/bakes");
    }

    private BakeRequested bake(String upgrade, Purpose purpose, long token) {
        return bake(upgrade, purpose, token, base() + "/metrics");
    }

    private BakeRequested bake(String upgrade, Purpose purpose, long token, String metrics) {
        return new BakeRequested(
                new TenantId(id),
                new UpgradeId(id + "-" + upgrade),
                // Unique within its upgrade only: every upgrade of a plan has the same.
                new StepId("01-verify-app"),
                1,
                new Token(token),
                purpose,
                Duration.ofSeconds(2),
                Duration.ofMillis(200),
                List.of(new Probe.HttpStatus("health", base() + "/healthz", 200)),
                List.of(new Watch(
                        "error-ratio",
                        metrics,
                        new Selection("requests_total", Map.of("outcome", "error")),
                        new Selection("requests_total", Map.of()),
                        10,
                        Optional.of(0.02),
                        Optional.empty(),
                        0)),
                Optional.empty());
    }

    private String base() {
        return "http://127.0.0.1:" + tenant.getAddress().getPort();
    }

    private void say(String event, Event what) throws Exception {
        Envelope envelope = new Envelope(new EventId(id + "-" + event), "test", Instant.EPOCH, what);
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(what.topic().address(), what.key(), Wire.body(what));
        Wire.headers(envelope)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record).get();
    }

    /** The next verdict on this test's tenant. */
    private VerdictReached verdict() {
        int known = verdicts.size();
        await().atMost(SOON).until(() -> {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                Map<String, String> headers = new HashMap<>();
                record.headers().forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
                VerdictReached reached =
                        (VerdictReached) Wire.read(headers, record.value()).event();
                if (reached.tenant().value().equals(id)) {
                    verdicts.add(reached);
                    ids.add(headers.get("ce_id"));
                }
            }
            return verdicts.size() > known;
        });
        return verdicts.get(known);
    }

    /** The reasons of the dead letters about this test's tenant. */
    private List<String> deadLetters() {
        List<String> reasons = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> letters = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "group.id",
                        UUID.randomUUID().toString(),
                        "auto.offset.reset",
                        "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            letters.subscribe(List.of("upkeep.dead-letters"));
            await().atMost(SOON).until(() -> {
                letters.poll(Duration.ofMillis(200)).forEach(letter -> {
                    if (id.equals(letter.key())) {
                        reasons.add(new String(
                                letter.headers()
                                        .lastHeader("upkeep-dead-reason")
                                        .value(),
                                StandardCharsets.UTF_8));
                    }
                });
                return reasons.size() >= 2;
            });
        }
        return reasons;
    }

    private long count(String table) throws Exception {
        return Long.parseLong(one("select count(*) from " + table + " where tenant = ?", id));
    }

    private String state(String upgrade) throws Exception {
        return one("select state from bake where upgrade = ?", upgrade);
    }

    private String one(String query, String parameter) throws Exception {
        try (Connection connection =
                        DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password());
                PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        }
    }

    private String get(String path) throws Exception {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .header("Authorization", "Bearer " + Tokens.everyRole())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    private void answer(String path, java.util.function.Supplier<String> body) {
        tenant.createContext(path, exchange -> {
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }
}
