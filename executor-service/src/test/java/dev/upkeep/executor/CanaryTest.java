package dev.upkeep.executor;

import static dev.upkeep.executor.Bench.step;
import static dev.upkeep.executor.Bench.target;
import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.ResultEvent;
import dev.upkeep.contract.event.ResultEvent.StepFailed;
import dev.upkeep.contract.event.ResultEvent.StepStarted;
import dev.upkeep.contract.event.ResultEvent.StepSucceeded;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.testing.Database;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Part;
import dev.upkeep.testing.Parts;
import dev.upkeep.testing.Tokens;
import dev.upkeep.testing.VaultDouble;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A secret of each scheme goes to programs that print it, on a step that succeeds, one that fails and one that is refused;
 * then it is looked for in all that leaves the executor: topics, tables, logs, answers and what lies in its directories.
 */
@QuarkusTest
@WithTestResource(
        value = Parts.class,
        initArgs =
                @ResourceArg(
                        name = "topics",
                        value = "upkeep.steps:4,upkeep.results:4,upkeep.parked:4,upkeep.dead-letters:4"))
@WithTestResource(CanaryTest.Cage.class)
class CanaryTest {
    @Part
    KafkaPart kafka;

    @Part
    Database database;

    @TempDir
    Path home;

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler listening = new Handler() {
        @Override
        public void publish(LogRecord record) {
            logged.add(record.getMessage() + " "
                    + List.of(Optional.ofNullable(record.getParameters()).orElse(new Object[0])) + " "
                    + traced(record.getThrown()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private Bench bench;

    /** One secret for each scheme; the environment's is given by the build. */
    public static final class Cage implements QuarkusTestResourceLifecycleManager {
        // Constants, since the test and what it runs in are not of one class loader.
        private static final String IN_A_FILE = "canary-\"in\"/a file+4d1b0c9e2f73";
        private static final String IN_A_VAULT = "canary-in-a-vault-b7350e6a98d2";
        private static final Path DIRECTORY = Path.of("target", "canary").toAbsolutePath();

        private final VaultDouble vault = VaultDouble.started();

        @Override
        public Map<String, String> start() {
            try {
                Files.createDirectories(DIRECTORY);
                Files.writeString(DIRECTORY.resolve("canary"), IN_A_FILE + "\n");
                Files.writeString(DIRECTORY.resolve("token"), "canary-hvs-token\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            vault.mount("kv", 2)
                    .token("canary-hvs-token", "kv/acme")
                    .put("kv", "acme/app", Map.of("canary", IN_A_VAULT));
            return Map.of(
                    "upkeep.vault.address",
                    vault.address().toString(),
                    "upkeep.vault.token-file",
                    DIRECTORY.resolve("token").toString(),
                    "upkeep.executor.backups",
                    DIRECTORY.resolve("backups").toString());
        }

        @Override
        public void stop() {
            vault.close();
        }
    }

    private enum Scheme {
        ENV(
                "env:UPKEEP_TEST_CANARY",
                Optional.ofNullable(System.getenv("UPKEEP_TEST_CANARY")).orElseThrow()),
        FILE("file:" + Cage.DIRECTORY.resolve("canary"), Cage.IN_A_FILE),
        VAULT("vault:kv/acme/app#canary", Cage.IN_A_VAULT);

        private final String reference;
        /** Its last digits: they look the same however it is written. */
        private final String secret;

        Scheme(String reference, String secret) {
            this.reference = reference;
            this.secret = secret.substring(secret.length() - 12);
        }
    }

    @BeforeEach
    void listen() {
        bench = new Bench(kafka.bootstrapServers());
        Logger.getLogger("").addHandler(listening);
    }

    @AfterEach
    void stopListening() {
        Logger.getLogger("").removeHandler(listening);
        bench.close();
    }

    private static String traced(Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        java.io.StringWriter text = new java.io.StringWriter();
        thrown.printStackTrace(new java.io.PrintWriter(text));
        return text.toString();
    }

    private StepRequested leaking(TenantId tenant, int number, Scheme scheme, String command) {
        return step(
                tenant,
                number,
                number,
                new Action.DryRun(Version.of("1.1.0")),
                target(
                        "app",
                        "command",
                        Map.of(
                                "home",
                                home.toString(),
                                "env.CANARY",
                                scheme.reference,
                                "do.dry-run",
                                "/bin/sh -c '" + command + "'")));
    }

    @ParameterizedTest
    @EnumSource
    void findsTheSecretNowhereWhateverPrintsIt(Scheme scheme) throws Exception {
        TenantId tenant = Bench.tenant("canary");

        List<StepRequested> steps = List.of(
                leaking(tenant, 1, scheme, "echo \"out: $CANARY\"; echo \"err: $CANARY\" >&2"),
                leaking(tenant, 2, scheme, "echo \"can not log in with $CANARY\" >&2; exit 1"),
                // Refused, with what it was given in the words.
                step(
                        tenant,
                        3,
                        3,
                        new Action.CheckSchema(Action.Moment.BEFORE),
                        target(
                                "database",
                                "postgresql",
                                Map.of("url", scheme.reference, "user", "u", "password", scheme.reference))));
        List<ResultEvent> results = List.of();
        for (int n = 1; n <= steps.size(); n++) {
            bench.ask(steps.subList(n - 1, n));
            results = bench.hear(n, r -> r.tenant().equals(tenant) && !(r instanceof StepStarted));
        }

        assertThat(results)
                .filteredOn(StepSucceeded.class::isInstance)
                .singleElement()
                .asString()
                .contains("[" + scheme.reference + "]");
        assertThat(results)
                .filteredOn(StepFailed.class::isInstance)
                .hasSize(2)
                .allSatisfy(r -> assertThat(((StepFailed) r).reason()).contains("[" + scheme.reference + "]"));
        assertThat(logged).anySatisfy(line -> assertThat(line).contains("can not log in with"));
        assertThat(topics()).isNotEmpty().noneSatisfy(text -> assertThat(text).contains(scheme.secret));
        assertThat(tables()).isNotEmpty().noneSatisfy(text -> assertThat(text).contains(scheme.secret));
        assertThat(logged).noneSatisfy(text -> assertThat(text).contains(scheme.secret));
        assertThat(answers(tenant)).contains("can not log in with").doesNotContain(scheme.secret);
        // The token that opens the vault is a secret as well.
        assertThat(Stream.of(topics(), tables(), logged).flatMap(List::stream))
                .noneSatisfy(text -> assertThat(text).contains("canary-hvs-token"));
    }

    private List<String> topics() {
        List<String> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                    .filter(topic -> topic.getKey().startsWith("upkeep."))
                    .flatMap(topic -> topic.getValue().stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    StringBuilder text = new StringBuilder();
                    Stream.concat(
                                    Stream.of(
                                            Optional.ofNullable(record.key()).orElse(new byte[0]),
                                            Optional.ofNullable(record.value()).orElse(new byte[0])),
                                    Stream.of(record.headers().toArray()).map(header -> header.value()))
                            .forEach(bytes -> text.append(new String(bytes, StandardCharsets.UTF_8))
                                    .append('\n'));
                    all.add(text.toString());
                }
            }
        }
        return all;
    }

    private List<String> tables() throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            List<String> names = new ArrayList<>();
            try (ResultSet tables = statement.executeQuery(
                    "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'public'")) {
                while (tables.next()) {
                    names.add(tables.getString(1));
                }
            }
            for (String name : names) {
                try (ResultSet rows = statement.executeQuery("select t::text from " + name + " t")) {
                    while (rows.next()) {
                        all.add(rows.getString(1));
                    }
                }
            }
        }
        return all;
    }

    private static String answers(TenantId tenant) {
        return io.restassured.RestAssured.given()
                .auth()
                .oauth2(Tokens.everyRole())
                .get("/v1/step-runs?tenant=" + tenant)
                .then()
                .statusCode(200)
                .extract()
                .asString();
    }
}
