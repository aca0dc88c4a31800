package dev.upkeep.verifier.stream;

import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.messaging.Inbox;
import dev.upkeep.verifier.store.Observations;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecordBatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Takes in the readings of others, exempt from the inbox: their key in the table is series and time.
 *
 * <p>Failure: a record that is no reading, or that no table takes, is dead-lettered and passed over, for a reading that
 * is lost can only lead to a hold; a database that is down is waited for, and the batch is taken again.
 */
@ApplicationScoped
class ObservationStream {
    private static final String CONSUMER = "verifier-observations";

    private final Inbox inbox;
    private final Observations observations;
    private final MeterRegistry meters;

    ObservationStream(Inbox inbox, Observations observations, MeterRegistry meters) {
        this.inbox = inbox;
        this.observations = observations;
        this.meters = meters;
    }

    void register(@Observes StartupEvent start) {
        inbox.takesLoosely(CONSUMER);
    }

    @Incoming("observations")
    Uni<Void> take(IncomingKafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(CONSUMER, batch, this::keep);
    }

    private Uni<Void> keep(Mutiny.Session session, List<Envelope> fresh) {
        List<Observed> readings = fresh.stream()
                .map(envelope -> switch (envelope.event()) {
                    case Observed reading -> reading;
                    case Object other ->
                        throw new IllegalArgumentException(other.getClass().getSimpleName() + " is no reading");
                })
                .toList();
        return observations
                .keep(session, readings)
                .invoke(kept -> meters.counter("upkeep_observations_kept").increment(kept))
                .replaceWithVoid();
    }
}
