package dev.upkeep.planner.intake;

import dev.upkeep.planner.desk.Declined;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Shows what is declined as a problem (RFC 9457). */
final class Problems {
    Problems() {}

    @ServerExceptionMapper
    Response declined(Declined declined) {
        return Answers.problem(declined.status(), declined.type(), declined.problems());
    }
}
