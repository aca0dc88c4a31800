package dev.upkeep.messaging;

import io.smallrye.common.annotation.Identifier;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.jspecify.annotations.Nullable;

/** Ready while what this service says gets out in time and what it is told gets in. */
@Readiness
@ApplicationScoped
class MessagingHealth implements HealthCheck {
    private static final Duration ANSWER_KEEPS = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Relay relay;
    private final Inbox inbox;
    private final InstantSource clock;
    private final Map<String, Object> kafka;
    private final Duration longestWait;
    private @Nullable Admin admin;
    private @Nullable String unreachable;
    private Instant askedAt = Instant.MIN;

    MessagingHealth(
            Relay relay,
            Inbox inbox,
            InstantSource clock,
            @Identifier("default-kafka-broker") Map<String, Object> kafka,
            @ConfigProperty(name = "upkeep.outbox.longest-wait", defaultValue = "PT30S") Duration longestWait) {
        this.relay = relay;
        this.inbox = inbox;
        this.clock = clock;
        this.kafka = kafka;
        this.longestWait = longestWait;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("messaging").up();
        Duration oldest = relay.oldest();
        response.withData("outbox-oldest-seconds", oldest.toSeconds());
        String trouble = relay.trouble();
        if (trouble != null) {
            response.down().withData("outbox", trouble);
        } else if (oldest.compareTo(longestWait) > 0) {
            response.down()
                    .withData("outbox", "the oldest row has waited longer than " + longestWait.toSeconds() + " s");
        }
        String broker = broker();
        if (broker != null) {
            response.down().withData("broker", broker);
        }
        inbox.waits().forEach((consumer, reason) -> response.down().withData("inbox " + consumer, reason));
        return response.build();
    }

    private synchronized @Nullable String broker() {
        Instant now = clock.instant();
        if (now.isBefore(askedAt.plus(ANSWER_KEEPS))) {
            return unreachable;
        }
        try {
            admin().describeCluster().nodes().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            unreachable = null;
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            unreachable = "the broker does not answer: " + Wires.reason(e);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            unreachable = "interrupted while asking the broker";
        }
        askedAt = clock.instant();
        return unreachable;
    }

    private Admin admin() {
        Admin open = admin;
        if (open == null) {
            Map<String, Object> config = new HashMap<>(kafka);
            config.keySet().removeIf(key -> !AdminClientConfig.configNames().contains(key));
            config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
            config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
            open = Admin.create(config);
            admin = open;
        }
        return open;
    }

    @PreDestroy
    void close() {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
