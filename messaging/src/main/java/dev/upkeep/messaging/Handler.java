package dev.upkeep.messaging;

import dev.upkeep.contract.event.Envelope;
import io.smallrye.mutiny.Uni;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** What a service does with the events of one poll batch, in one transaction. */
@FunctionalInterface
public interface Handler {
    /**
     * Changes the service's state and queues what it says, on this session alone.
     *
     * <p>The envelopes are in the order of their partitions and were never handled before. A failure rolls everything
     * back, and the envelopes come again, one by one. So nothing outside the session's transaction may be touched.
     */
    Uni<Void> handle(Mutiny.Session session, List<Envelope> fresh);
}
