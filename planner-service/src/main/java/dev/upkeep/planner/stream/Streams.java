package dev.upkeep.planner.stream;

import dev.upkeep.messaging.Inbox;
import dev.upkeep.planner.desk.NewsDesk;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Hands each poll batch to the desk, by way of the inbox. */
@ApplicationScoped
public class Streams {
    private static final String RESULTS = "planner-results";
    private static final String VERDICTS = "planner-verdicts";
    private static final String DELIVERIES = "planner-deliveries";
    private static final String PARKED = "planner-parked";

    private final Inbox inbox;
    private final NewsDesk desk;

    Streams(Inbox inbox, NewsDesk desk) {
        this.inbox = inbox;
        this.desk = desk;
    }

    // A parked key may be released before the first record of its topic came.
    void register(@Observes @Priority(1) StartupEvent started) {
        inbox.register(RESULTS, desk::results);
        inbox.register(VERDICTS, desk::verdicts);
        inbox.register(DELIVERIES, desk::deliveries);
        inbox.register(PARKED, desk::parked);
        // That one key is parked says nothing of the next: one that can't be read must not hide the others.
        inbox.goesOnRegardless(PARKED);
    }

    @Incoming("results")
    Uni<Void> results(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(RESULTS, batch, desk::results);
    }

    @Incoming("verdicts")
    Uni<Void> verdicts(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(VERDICTS, batch, desk::verdicts);
    }

    @Incoming("deliveries")
    Uni<Void> deliveries(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(DELIVERIES, batch, desk::deliveries);
    }

    @Incoming("parked")
    Uni<Void> parked(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(PARKED, batch, desk::parked);
    }
}
