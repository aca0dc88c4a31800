package dev.upkeep.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 5, unit = TimeUnit.MINUTES)
class PartsTest {
    @Test
    void givesEachApplicationADatabaseOfItsOwnOnTheOnePostgres() throws Exception {
        Parts first = new Parts();
        Parts second = new Parts();

        Map<String, String> one = first.start();
        Map<String, String> other = second.start();

        assertThat(one.get("quarkus.datasource.jdbc.url"))
                .isNotEqualTo(other.get("quarkus.datasource.jdbc.url"))
                .startsWith("jdbc:postgresql://");
        assertThat(one.get("quarkus.datasource.reactive.url")).startsWith("postgresql://");
        assertThat(one.get("kafka.bootstrap.servers")).isEqualTo(other.get("kafka.bootstrap.servers"));
        assertThat(Parts.postgres()).isEqualTo(Parts.postgres());
    }

    @Test
    void hasAPostgresThatDecodesItsChanges() throws Exception {
        Database database = Parts.postgres().freshDatabase();

        assertThat(setting(database, "wal_level")).isEqualTo("logical");
        assertThat(setting(database, "synchronous_commit")).isEqualTo("on");
    }

    @Test
    void makesTheTopicsItIsToldTo() throws Exception {
        String topic = "topic-" + UUID.randomUUID();
        Parts parts = new Parts();
        parts.init(Map.of("topics", topic + ":3"));

        String servers = parts.start().get("kafka.bootstrap.servers");

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            assertThat(admin.describeTopics(List.of(topic))
                            .allTopicNames()
                            .get(30, TimeUnit.SECONDS)
                            .get(topic)
                            .partitions())
                    .hasSize(3);
        }
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            assertThat(producer.send(new ProducerRecord<>(topic, "key", "value"))
                            .get(30, TimeUnit.SECONDS)
                            .hasOffset())
                    .isTrue();
        }
    }

    private static String setting(Database database, String name) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("show " + name)) {
            result.next();
            return result.getString(1);
        }
    }
}
