package dev.upkeep.local;

import dev.upkeep.embedded.Kafka;
import dev.upkeep.embedded.Postgres;
import java.time.Duration;

/** The embedded parts as a supervisor sees them. */
final class Parts {
    private Parts() {}

    static Supervisor.Part of(String name, Postgres server) {
        return new Supervisor.Part() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean ended(Duration within) {
                return server.ended(within);
            }

            @Override
            public void startAgain() {
                server.startAgain();
            }
        };
    }

    static Supervisor.Part of(Kafka broker) {
        return new Supervisor.Part() {
            @Override
            public String name() {
                return "Kafka";
            }

            @Override
            public boolean ended(Duration within) {
                return broker.ended(within);
            }

            @Override
            public void startAgain() {
                broker.startAgain();
            }
        };
    }
}
