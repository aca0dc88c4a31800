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
    private final EnrolmentDesk enrolment;

    DeskHealth(Clockwork clockwork, EnrolmentDesk enrolment) {
        this.clockwork = clockwork;
        this.enrolment = enrolment;
    }

    @Override
    public HealthCheckResponse call() {
        String trouble = clockwork.trouble();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("clockwork");
        // One rollout's trouble, which is told and does not make the planner unfit for the others.
        enrolment
                .stuck()
                .forEach((rollout, reason) ->
                        response.withData("tenants of " + rollout + " that can't be entered", reason));
        return trouble == null
                ? response.up().build()
                : response.down().withData("reason", trouble).build();
    }
}
