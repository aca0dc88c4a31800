package dev.upkeep.planner.desk;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready while what becomes due by time is looked at, which needs the database. */
@Readiness
@ApplicationScoped
class DeskHealth implements HealthCheck {
    private final Clockwork clockwork;

    DeskHealth(Clockwork clockwork) {
        this.clockwork = clockwork;
    }

    @Override
    public HealthCheckResponse call() {
        String trouble = clockwork.trouble();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("clockwork");
        return trouble == null
                ? response.up().build()
                : response.down().withData("reason", trouble).build();
    }
}
