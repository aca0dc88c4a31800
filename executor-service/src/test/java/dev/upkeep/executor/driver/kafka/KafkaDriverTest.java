package dev.upkeep.executor.driver.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Look;
import dev.upkeep.executor.driver.MemoryBackups;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Places;
import dev.upkeep.executor.driver.Ready;
import dev.upkeep.executor.driver.Refused;
import dev.upkeep.executor.driver.TestWork;
import dev.upkeep.testing.KafkaPart;
import dev.upkeep.testing.Parts;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Topics of a real broker, copied and waited for. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class KafkaDriverTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Action BACKUP = new Action.BackupDatabase(Action.Moment.BEFORE);

    @TempDir
    Path home;

    private final KafkaPart kafka = Parts.kafka();
    private final String alerts = "alerts-" + UUID.randomUUID();
    private final String group = "readers-" + UUID.randomUUID();
    private final Map<String, String> settings = new HashMap<>();
    private Places places;
    private KafkaDriver driver;

    @BeforeEach
    void makeTopics(@TempDir Path backups) {
        places = new Places(backups, backups, Optional.empty(), List.of(), Optional.empty());
        driver = new KafkaDriver(places);
        kafka.createTopics(Map.of(alerts, 3));
        settings.putAll(Map.of(
                "home", home.toString(), "bootstrap", kafka.bootstrapServers(), "topics", alerts, "group", group));
    }

    @Test
    void keepsEveryRecordThatWasThereAndOpensItToNobodyElse() throws Exception {
        send("", 120);
        sendInTransaction(5, true);
        sendInTransaction(7, false);

        Outcome.Done done = done(1, BACKUP);

        Path file = Path.of(done.found().get(Fact.BACKUP_BEFORE));
        assertThat(done.summary()).contains("125 records of 3 partitions");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain(alerts);
        List<String> lines = lines(file);
        assertThat(lines).hasSize(1 + 125 + 1);
        // Key, value, header and time of each: "k-7" and "v-7" in base64.
        assertThat(lines)
                .anyMatch(line -> line.contains("\"key\":\"ay03\"")
                        && line.contains("\"value\":\"di03\"")
                        && line.contains("\"name\":\"kind\"")
                        && line.contains("\"at\":"));
        assertThat(driver.look(request(1, BACKUP), work()))
                .isInstanceOfSatisfying(
                        Look.Done.class, found -> assertThat(found.found()).isEqualTo(done.found()));
    }

    @Test
    void keepsWhatWasThereWhenItIsAskedAgainForTheSameStep() throws Exception {
        send("", 3);
        Outcome.Done first = done(1, BACKUP);
        send("", 4);

        assertThat(done(2, BACKUP).summary()).isEqualTo(first.summary()).contains("3 records");
        assertThat(done(3, new Action.BackupDatabase(Action.Moment.FAILED)).found())
                .containsOnlyKeys(Fact.BACKUP_FAILED);
    }

    @Test
    void takesADamagedSnapshotAnew() throws Exception {
        send("", 50);
        Path file = Path.of(done(1, BACKUP).found().get(Fact.BACKUP_BEFORE));
        byte[] whole = Files.readAllBytes(file);
        for (int cut : new int[] {0, 1, whole.length / 2, whole.length - 9}) {
            Files.write(file, Arrays.copyOf(whole, cut));

            assertThat(driver.look(request(2, BACKUP), work()))
                    .as("cut at " + cut)
                    .isInstanceOf(Look.NotDone.class);
            assertThat(done(2, BACKUP).summary()).contains("50 records");
            assertThat(lines(file)).hasSize(52);
        }
        byte[] flipped = whole.clone();
        flipped[whole.length / 2] ^= 1;
        Files.write(file, flipped);
        assertThat(driver.look(request(2, BACKUP), work())).isInstanceOf(Look.NotDone.class);
    }

    @Test
    void forgetsTheOldestBeyondThoseThatAreKept() throws Exception {
        settings.put("keep", "2");
        for (int age = 1; age <= 3; age++) {
            Path old = Files.writeString(home.resolve("u-old.u-old-" + age + ".jsonl.gz.sealed"), "");
            Files.setLastModifiedTime(old, FileTime.fromMillis(System.currentTimeMillis() - age * 60_000L));
        }

        Path taken = Path.of(done(1, BACKUP).found().get(Fact.BACKUP_BEFORE));

        try (var files = Files.list(home)) {
            assertThat(files.filter(f -> f.toString().endsWith(".sealed")))
                    .containsExactlyInAnyOrder(taken, home.resolve("u-old.u-old-1.jsonl.gz.sealed"));
        }
    }

    @Test
    void waitsUntilTheGroupHasReadWhatWasThereAndForNothingLater() throws Exception {
        send("", 30);
        TestWork work = work();
        CompletableFuture<Outcome> drained = new CompletableFuture<>();
        Thread.startVirtualThread(() -> drained.completeAsync(() -> perform(new Action.Drain(), work), Runnable::run));
        await().atMost(SOON).until(() -> work.told().contains("30 records behind"));
        // What comes from now on is not waited for.
        send("", 10);

        commit(10 - 1);
        await().atMost(SOON).until(() -> work.told().contains("3 records behind"));
        assertThat(drained).isNotDone();
        commit(10);

        assertThat(drained.get(1, TimeUnit.MINUTES))
                .isInstanceOfSatisfying(
                        Outcome.Done.class, done -> assertThat(done.summary()).contains("has read all that was there"));
    }

    @Test
    void saysHowFarBehindTheGroupIsAtTheDeadline() throws Exception {
        send("", 12);

        Outcome outcome = driver.perform(
                request(1, new Action.Drain()),
                new TestWork(home, Duration.ofMillis(1500), Map.of(), new MemoryBackups()));

        assertThat(outcome).isInstanceOfSatisfying(Outcome.Failed.class, failed -> {
            assertThat(failed.code()).isEqualTo(Failure.NOT_DRAINED);
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.reason()).contains(group, "12 records behind");
        });
    }

    @Test
    void namesATopicThatIsNotThereAndMakesNone() throws Exception {
        String other = "none-" + UUID.randomUUID();
        settings.put("topics", alerts + ", " + other);

        Outcome.Failed failed = failed(1, BACKUP);

        assertThat(failed.code()).isEqualTo(Failure.SETTING_MISSING);
        assertThat(failed.fix()).contains("topics");
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            assertThat(admin.listTopics().names().get()).doesNotContain(other);
        }
        assertThat(home.resolve("u-acme.u-acme-backup-database.jsonl.gz.sealed"))
                .doesNotExist();
    }

    @Test
    void saysThatTheBrokerIsDownAndThatItMayTryAgain() throws Exception {
        settings.put("bootstrap", "127.0.0.1:" + Ready.freePort());

        Outcome.Failed failed = failed(1, BACKUP);

        assertThat(failed.code()).isEqualTo(Failure.BROKER_DOWN);
        assertThat(failed.retryable()).isTrue();
    }

    @Test
    void refusesSettingsThatNoClientUnderstands() throws Exception {
        settings.put("client.security.protocol", "CARRIER_PIGEON");
        assertThat(failed(1, BACKUP).code()).isEqualTo(Failure.SETTING_MISSING);
        settings.remove("client.security.protocol");
        settings.put("keep", "none");
        assertThat(failed(1, BACKUP).reason()).contains("keep");
    }

    @Test
    void goesWhenItIsCancelledAndLeavesNoSnapshot() throws Exception {
        send("", 40_000);
        TestWork work = work();
        CompletableFuture<Outcome> ended = new CompletableFuture<>();
        Thread thread =
                Thread.startVirtualThread(() -> ended.completeAsync(() -> perform(BACKUP, work), Runnable::run));
        await().atMost(SOON).until(() -> !work.told().isEmpty());
        thread.interrupt();

        assertThatThrownBy(() -> ended.get(1, TimeUnit.MINUTES)).hasRootCauseInstanceOf(InterruptedException.class);
        assertThat(driver.look(request(2, BACKUP), work())).isInstanceOf(Look.NotDone.class);
    }

    @Test
    void aStaleTokenKeepsItsHandsOffTheSnapshot() throws Exception {
        send("", 1);
        done(7, BACKUP);

        assertThatThrownBy(() -> driver.perform(request(6, BACKUP), work()))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.failed().code()).isEqualTo(Failure.STALE_TOKEN));
    }

    private Outcome.Done done(long token, Action action) throws InterruptedException {
        Outcome outcome = driver.perform(request(token, action), work());
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return (Outcome.Done) outcome;
    }

    private Outcome.Failed failed(long token, Action action) throws InterruptedException {
        try {
            return (Outcome.Failed) driver.perform(request(token, action), work());
        } catch (Refused refused) {
            return refused.failed();
        }
    }

    private Outcome perform(Action action, TestWork work) {
        try {
            return driver.perform(request(1, action), work);
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }

    private StepRequested request(long token, Action action) {
        return Ready.request(token, action, Ready.target("events", "kafka", settings, Map.of()), Map.of(), Map.of());
    }

    private TestWork work() {
        return TestWork.in(home);
    }

    private void send(String transaction, int records) throws Exception {
        try (KafkaProducer<String, String> producer = producer(transaction)) {
            send(producer, records);
        }
    }

    private void sendInTransaction(int records, boolean commit) throws Exception {
        try (KafkaProducer<String, String> producer = producer("t-" + UUID.randomUUID())) {
            producer.initTransactions();
            producer.beginTransaction();
            send(producer, records);
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private void send(KafkaProducer<String, String> producer, int records) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            ProducerRecord<String, String> record = new ProducerRecord<>(alerts, i % 3, "k-" + i, "v-" + i);
            record.headers().add("kind", "test".getBytes(StandardCharsets.UTF_8));
            sent.add(producer.send(record));
        }
        for (Future<RecordMetadata> one : sent) {
            one.get();
        }
    }

    private KafkaProducer<String, String> producer(String transaction) {
        Map<String, Object> client = new HashMap<>(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        if (transaction.isEmpty()) {
            // A topic may not be there on the broker yet: a plain producer tries again, one with sequences can wait for
            // good.
            client.put("enable.idempotence", false);
        } else {
            client.put("transactional.id", transaction);
        }
        return new KafkaProducer<>(client, new StringSerializer(), new StringSerializer());
    }

    /** The group says that it has read so many records of each partition. */
    private void commit(long read) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int partition = 0; partition < 3; partition++) {
            offsets.put(new TopicPartition(alerts, partition), new OffsetAndMetadata(read));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.alterConsumerGroupOffsets(group, offsets).all().get();
        }
    }

    private List<String> lines(Path file) throws Exception {
        String name = "acme/" + file.getFileName().toString().replace(".jsonl.gz.sealed", "");
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(places.sealing().opened(file, name, work().secrets())), StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        }
    }
}
