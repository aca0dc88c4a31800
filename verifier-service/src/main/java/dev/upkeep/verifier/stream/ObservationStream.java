package dev.upkeep.verifier.stream;

import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.verifier.store.Observations;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.IncomingKafkaRecordBatch;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordBatchMetadata;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Takes in the readings of others, exempt from the inbox: their key in the table is series and time.
 *
 * <p>Failure: a record that is no reading is counted and passed over, for a reading that is lost can only lead to a
 * hold; a database that is down is waited for, and the batch is taken again.
 */
@ApplicationScoped
class ObservationStream {
    private static final Logger LOG = Logger.getLogger(ObservationStream.class);

    private final Mutiny.SessionFactory sessions;
    private final Observations observations;
    private final MeterRegistry meters;

    ObservationStream(Mutiny.SessionFactory sessions, Observations observations, MeterRegistry meters) {
        this.sessions = sessions;
        this.observations = observations;
        this.meters = meters;
    }

    @Incoming("observations")
    Uni<Void> take(IncomingKafkaRecordBatch<String, byte[]> batch) {
        List<Observed> readable = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records(batch)) {
            read(record.value() == null ? new byte[0] : record.value(), headers(record), readable);
        }
        return sessions.withTransaction(session -> observations.keep(session, readable))
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(200), Duration.ofSeconds(5))
                .indefinitely()
                .invoke(kept -> meters.counter("upkeep_observations_kept_total").increment(kept))
                .chain(() -> Uni.createFrom().completionStage(batch.ack()));
    }

    @SuppressWarnings("unchecked") // the connector's metadata is raw; its type is the channel's
    private static Iterable<ConsumerRecord<String, byte[]>> records(IncomingKafkaRecordBatch<String, byte[]> batch) {
        return batch.getMetadata(IncomingKafkaRecordBatchMetadata.class)
                .map(metadata -> (Iterable<ConsumerRecord<String, byte[]>>) metadata.getRecords())
                .orElseThrow(() -> new IllegalArgumentException("the batch must come from Kafka"));
    }

    private void read(byte[] body, Map<String, String> headers, List<Observed> into) {
        try {
            if (Wire.read(headers, body).event() instanceof Observed observed) {
                into.add(observed);
            } else {
                refuse(headers.getOrDefault("ce_type", "") + " is no reading");
            }
        } catch (Wire.Unreadable e) {
            refuse(e.getMessage());
        }
    }

    private void refuse(@org.jspecify.annotations.Nullable String why) {
        meters.counter("upkeep_observations_refused_total").increment();
        LOG.warnv("a record was passed over: {0}", why);
    }

    private static Map<String, String> headers(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8));
        }
        return headers;
    }
}
