package dev.upkeep.testing;

import dev.upkeep.embedded.Kafka;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Starts the pair as child processes, which end with this JVM and then delete what they kept. */
final class EmbeddedParts {
    // An admin client writes its whole configuration to the log each time; held, or its level would be collected with
    // it.
    private static final Logger KAFKA_LOG = Logger.getLogger("org.apache.kafka");

    private EmbeddedParts() {}

    // Closed by nobody: the children live as long as this JVM, and their guards see to the rest.
    @SuppressWarnings("resource")
    static PostgresPart postgres() {
        Postgres started = Postgres.temporary()
                .setting("wal_level", "logical")
                .setting("max_connections", "300")
                .setting("max_replication_slots", "300")
                .setting("max_wal_senders", "300")
                .start();
        return new PostgresPart(Port.HOST, started.port(), started.user(), started.password());
    }

    @SuppressWarnings("resource")
    static KafkaPart kafka() {
        KAFKA_LOG.setLevel(Level.WARNING);
        return new KafkaPart(Kafka.temporary().start().bootstrapServers());
    }
}
