package dev.upkeep.messaging;

import dev.upkeep.contract.EventId;
import dev.upkeep.contract.event.DeliveryEvent.NoticeDelivered;
import dev.upkeep.contract.event.Envelope;
import dev.upkeep.contract.event.LifecycleEvent.RolloutStarted;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;

/** What a service's stream looks like: writes each event into the journal and says that it did. */
@ApplicationScoped
class JournalStream {
    static final String CONSUMER = "journal";

    private final Inbox inbox;
    private final Outbox outbox;

    JournalStream(Inbox inbox, Outbox outbox) {
        this.inbox = inbox;
        this.outbox = outbox;
        inbox.register(CONSUMER, this::handle);
    }

    @Incoming("lifecycle")
    Uni<Void> lifecycle(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(CONSUMER, batch, this::handle);
    }

    private Uni<Void> handle(Mutiny.Session session, List<Envelope> fresh) {
        List<Envelope> answers = fresh.stream()
                .map(envelope -> new Envelope(
                        new EventId(envelope.id() + ":told"),
                        "messaging-test",
                        Instant.EPOCH,
                        new NoticeDelivered(envelope.event().key(), "n", envelope.id(), "mail", "s", number(envelope))))
                .toList();
        return write(session, CONSUMER, fresh).chain(() -> outbox.say(session, answers));
    }

    static Uni<Void> write(Mutiny.Session session, String consumer, List<Envelope> fresh) {
        return Sql.update(
                        session,
                        "insert into journal (consumer, key, number) select $1, * from unnest($2::text[], $3::int[])",
                        consumer,
                        fresh.stream().map(envelope -> envelope.event().key()).toArray(String[]::new),
                        fresh.stream().map(JournalStream::number).toArray(Integer[]::new))
                .replaceWithVoid();
    }

    static int number(Envelope envelope) {
        return envelope.event() instanceof RolloutStarted started ? started.tenants() : -1;
    }
}
