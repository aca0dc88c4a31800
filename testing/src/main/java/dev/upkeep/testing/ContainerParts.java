package dev.upkeep.testing;

import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** Starts the pair in containers, which Testcontainers removes when this JVM has ended. */
final class ContainerParts {
    private static final String PASSWORD = "upkeep";

    private ContainerParts() {}

    // As in EmbeddedParts: the containers live as long as this JVM.
    @SuppressWarnings("resource")
    static PostgresPart postgres() {
        PostgreSQLContainer container = new PostgreSQLContainer(image("postgres-image", "postgres:15", "postgres"))
                .withDatabaseName("postgres")
                .withUsername("postgres")
                .withPassword(PASSWORD)
                .withCommand(
                        "-c", "wal_level=logical",
                        "-c", "max_connections=300",
                        "-c", "max_replication_slots=300",
                        "-c", "max_wal_senders=300",
                        "-c", "fsync=off");
        container.start();
        return new PostgresPart(
                container.getHost(),
                container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
                container.getUsername(),
                container.getPassword());
    }

    @SuppressWarnings("resource")
    static KafkaPart kafka() {
        KafkaContainer container = new KafkaContainer(image("kafka-image", "apache/kafka:4.2.1", "apache/kafka"))
                .withEnv("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0");
        container.start();
        return new KafkaPart(container.getBootstrapServers());
    }

    private static DockerImageName image(String property, String unlessTold, String standsFor) {
        return DockerImageName.parse(System.getProperty("upkeep.parts." + property, unlessTold))
                .asCompatibleSubstituteFor(standsFor);
    }
}
