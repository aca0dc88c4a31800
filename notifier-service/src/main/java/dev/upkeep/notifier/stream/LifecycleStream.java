package dev.upkeep.notifier.stream;

import dev.upkeep.messaging.Inbox;
import dev.upkeep.notifier.desk.NoticeDesk;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** What happens to tenants and rollouts, from the planner. */
@ApplicationScoped
class LifecycleStream {
    private static final String CONSUMER = "notifier-lifecycle";

    private final Inbox inbox;
    private final NoticeDesk desk;

    LifecycleStream(Inbox inbox, NoticeDesk desk) {
        this.inbox = inbox;
        this.desk = desk;
        inbox.register(CONSUMER, desk::told);
    }

    @Incoming("lifecycle")
    Uni<Void> lifecycle(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(CONSUMER, batch, desk::told);
    }
}
