package dev.upkeep.notifier.desk;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready while notices can be claimed and recorded.
 *
 * <p>A mail server that is away does not make the notifier unready: it goes on taking events in, and the notices wait;
 * how many and for how long is said.
 */
@Readiness
@ApplicationScoped
class CourierHealth implements HealthCheck {
    private final Courier courier;

    CourierHealth(Courier courier) {
        this.courier = courier;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("courier")
                .up()
                .withData("notices-waiting", courier.waiting())
                .withData("oldest-seconds", courier.oldest().toSeconds());
        String trouble = courier.trouble();
        if (trouble != null) {
            response.down().withData("courier", trouble);
        }
        return response.build();
    }
}
