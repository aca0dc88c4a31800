package dev.upkeep.messaging;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while what this service says gets out in time and what it is told gets in. */
@Readiness
@ApplicationScoped
class MessagingHealth implements HealthCheck {
    private final Relay relay;
    private final Inbox inbox;
    private final Broker broker;
    private final Duration longestWait;
    private final Duration longestStill;

    MessagingHealth(
            Relay relay,
            Inbox inbox,
            Broker broker,
            @ConfigProperty(name = "upkeep.outbox.longest-wait", defaultValue = "PT30S") Duration longestWait,
            @ConfigProperty(name = "upkeep.inbox.longest-still", defaultValue = "PT60S") Duration longestStill) {
        this.relay = relay;
        this.inbox = inbox;
        this.broker = broker;
        this.longestWait = longestWait;
        this.longestStill = longestStill;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("messaging").up();
        out(response);
        String away = broker.trouble();
        if (away != null) {
            response.down().withData("broker", away);
        }
        new TreeMap<>(broker.waiting()).forEach((channel, waiting) -> {
            response.withData(channel + "-waiting-records", waiting.records());
            if (away == null && waiting.still().compareTo(longestStill) > 0) {
                response.down()
                        .withData(
                                channel,
                                "none of the records that wait was taken for "
                                        + waiting.still().toSeconds() + " s");
            }
        });
        inbox.waits().forEach((consumer, reason) -> response.down().withData("inbox " + consumer, reason));
        return response.build();
    }

    private void out(HealthCheckResponseBuilder response) {
        Duration oldest = relay.oldest();
        response.withData("outbox-oldest-seconds", oldest.toSeconds());
        String trouble = relay.trouble();
        if (trouble != null) {
            response.down().withData("outbox", trouble);
        } else if (oldest.compareTo(longestWait) > 0) {
            response.down()
                    .withData("outbox", "the oldest row has waited longer than " + longestWait.toSeconds() + " s");
        }
    }
}
