package dev.upkeep.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KafkaTest {
    @TempDir
    Path temporary;

    @Test
    void keepsItsRecordsAndItsPortAcrossARestartAndAKill() throws Exception {
        Path directory = temporary.resolve("state");
        int port;
        try (Kafka first = Kafka.at(directory).topic("kept", 1).start()) {
            port = first.port();
            send(first.bootstrapServers(), "kept", "one");
        }
        try (Kafka second = Kafka.at(directory).topic("kept", 1).start()) {
            assertThat(second.port()).isEqualTo(port);
            send(second.bootstrapServers(), "kept", "two");
            ProcessHandle.of(second.pid().orElseThrow()).orElseThrow().destroyForcibly();
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !second.isAlive());

            second.startAgain();
            assertThat(read(second.bootstrapServers(), "kept", 2)).containsExactly("one", "two");
        }

        try (Kafka third = Kafka.at(directory).topic("kept", 1).topic("more", 3).start()) {
            third.createTopics(Map.of("kept", 1, "more", 3));
            assertThat(third.port()).isEqualTo(port);
            assertThat(read(third.bootstrapServers(), "kept", 2)).containsExactly("one", "two");
        }
    }

    @Test
    void endsWithItsKilledOwnerAndWhatWasLeftBehindIsStoppedByTheNextStart() throws Exception {
        Path directory = temporary.resolve("state");
        Process owner = Owner.start("kafka", directory);
        ProcessHandle guard = Owner.guard(owner);
        Owner.kill(owner);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !guard.isAlive());
        assertThat(brokers(directory)).isEmpty();

        Files.delete(directory.resolveSibling("ready"));
        Process second = Owner.start("kafka", directory);
        Owner.guard(second).descendants().filter(Owner::isShell).forEach(ProcessHandle::destroyForcibly);
        Owner.guard(second).destroyForcibly();
        Owner.kill(second);
        List<ProcessHandle> left = brokers(directory);
        assertThat(left).hasSize(1);
        try (Kafka next = Kafka.at(directory).start()) {
            assertThat(left).noneMatch(ProcessHandle::isAlive);
            assertThat(next.port()).isEqualTo(Owner.port(directory));
        }
    }

    @Test
    void namesTheTakenPortAndTheFix() throws Exception {
        try (ServerSocket other = new ServerSocket()) {
            other.bind(new InetSocketAddress(Port.loopback(), 0));

            StartFailure failure = catchThrowableOfType(
                    StartFailure.class,
                    () -> Kafka.temporary().port(other.getLocalPort()).start().close());

            assertThat(failure.kind()).isEqualTo(StartFailure.Kind.PORT_TAKEN);
            assertThat(failure)
                    .hasMessageContaining("port " + other.getLocalPort())
                    .hasMessageContaining("ss -ltnp");
        }
    }

    @Test
    void saysWhyTheBrokerEndedAndWhereToRead() {
        Path directory = temporary.resolve("state");

        StartFailure failure = catchThrowableOfType(
                StartFailure.class,
                () -> Kafka.at(directory)
                        .setting("num.io.threads", "none")
                        .start()
                        .close());

        assertThat(failure.kind()).isEqualTo(StartFailure.Kind.DIED);
        assertThat(failure).hasMessageContaining("num.io.threads").hasMessageContaining("kafka.log");
    }

    @Test
    void saysWhyABrokerEndedWhoseDirectoryIsAlreadyThrownAway() {
        StartFailure failure = catchThrowableOfType(
                StartFailure.class,
                () -> Kafka.temporary().classPath("nothing-here").start().close());

        assertThat(failure.kind()).isEqualTo(StartFailure.Kind.DIED);
        assertThat(failure).hasMessageContaining("KafkaMain").hasMessageContaining("a directory of its own");
    }

    private static List<ProcessHandle> brokers(Path directory) throws Exception {
        String config = directory.toRealPath().resolve("server.properties").toString();
        return Leftovers.find(Leftovers.startedWith(List.of(KafkaMain.class.getName(), config)));
    }

    private static void send(String servers, String topic, String value) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", servers, "acks", "all");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, value)).get(30, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(String servers, String topic, int atLeast) {
        List<String> values = new ArrayList<>();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", servers), new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
                return values.size() >= atLeast;
            });
        }
        return values;
    }
}
