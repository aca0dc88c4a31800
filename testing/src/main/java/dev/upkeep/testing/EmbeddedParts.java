package dev.upkeep.testing;

import dev.upkeep.embedded.Kafka;
import dev.upkeep.embedded.Port;
import dev.upkeep.embedded.Postgres;

/** Starts the pair as child processes, which end with this JVM and then delete what they kept. */
final class EmbeddedParts {
    private EmbeddedParts() {}

    // The lint of try-with-resources does not apply: the children live as long as this JVM, and their guards see to the rest.
    @SuppressWarnings("resource")
    static PostgresPart postgres() {
        Postgres started = Postgres.temporary()
                .setting("wal_level", "logical")
                .setting("max_connections", "300")
                .setting("max_replication_slots", "50")
                .setting("max_wal_senders", "50")
                .start();
        return new PostgresPart(Port.HOST, started.port(), started.user(), started.password());
    }

    @SuppressWarnings("resource")
    static KafkaPart kafka() {
        return new KafkaPart(Kafka.temporary().start().bootstrapServers());
    }
}
