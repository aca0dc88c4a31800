package dev.upkeep.executor.stream;

import dev.upkeep.executor.desk.Reception;
import dev.upkeep.executor.run.Runner;
import dev.upkeep.messaging.Inbox;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Takes requested steps from Kafka, if a trusted planner signed them. */
@ApplicationScoped
class Steps {
    private static final String CONSUMER = "executor-steps";

    private final Inbox inbox;
    private final StepGuard guard;
    private final Reception reception;
    private final Runner runner;

    Steps(Inbox inbox, StepGuard guard, Reception reception, Runner runner) {
        this.inbox = inbox;
        this.guard = guard;
        this.reception = reception;
        this.runner = runner;
    }

    void register(@Observes StartupEvent event) {
        inbox.register(CONSUMER, reception);
    }

    @Incoming("steps")
    Uni<Void> steps(KafkaRecordBatch<String, byte[]> batch) {
        return inbox.take(CONSUMER, batch, guard, reception).invoke(runner::wake);
    }
}
