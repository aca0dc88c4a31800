package dev.upkeep.verifier.desk;

import dev.upkeep.verifier.store.Bakes;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.hibernate.reactive.mutiny.Mutiny;

/** Ready means that bakes are looked at in time; one that has waited a minute says that they are not. */
@Readiness
@ApplicationScoped
class BacklogCheck implements AsyncHealthCheck {
    private static final Duration TOO_LONG = Duration.ofMinutes(1);

    private final Mutiny.SessionFactory sessions;
    private final Bakes bakes;

    BacklogCheck(Mutiny.SessionFactory sessions, Bakes bakes) {
        this.sessions = sessions;
        this.bakes = bakes;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return sessions.withSession(bakes::overdue)
                .ifNoItem()
                .after(Duration.ofSeconds(5))
                .fail()
                .map(overdue -> HealthCheckResponse.named("bakes")
                        .status(overdue.compareTo(TOO_LONG) < 0)
                        .withData("longest-wait-seconds", overdue.toSeconds())
                        .build())
                .onFailure()
                .recoverWithItem(failure -> HealthCheckResponse.named("bakes")
                        .down()
                        .withData("failure", String.valueOf(failure.getMessage()))
                        .build());
    }
}
