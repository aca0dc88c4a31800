package dev.upkeep.verifier.stream;

import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.messaging.Inbox;
import dev.upkeep.verifier.desk.Bench;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecordBatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/** Takes in the bakes that the planner asks for, a poll batch in a transaction. */
@ApplicationScoped
class BakeStream {
    private static final String CONSUMER = "verifier-bakes";

    private final Inbox inbox;
    private final Bench bench;

    BakeStream(Inbox inbox, Bench bench) {
        this.inbox = inbox;
        this.bench = bench;
    }

    void register(@Observes StartupEvent start) {
        // Before the first record, so that a parked key can be released after a restart.
        inbox.register(CONSUMER, this::handle);
    }

    @Incoming("bakes")
    Uni<Void> take(IncomingKafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(CONSUMER, batch, this::handle);
    }

    private Uni<Void> handle(Mutiny.Session session, List<Envelope> fresh) {
        List<BakeRequested> asked = fresh.stream()
                .map(envelope -> switch (envelope.event()) {
                    case BakeRequested bake -> bake;
                    case Object other ->
                        throw new IllegalArgumentException(other.getClass().getSimpleName() + " is no bake request");
                })
                .toList();
        return bench.ask(session, asked);
    }
}
