package dev.upkeep.planner.intake;

import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.document.Problem;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Shows what can't be done as a problem (RFC 9457). */
final class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    Problems() {}

    @ServerExceptionMapper
    Response declined(Declined declined) {
        return Answers.problem(declined.status(), declined.type(), declined.problems());
    }

    @ServerExceptionMapper
    Response http(WebApplicationException refused) {
        int status = refused.getResponse().getStatus();
        String reason = refused.getResponse().getStatusInfo().getReasonPhrase();
        return Answers.problem(
                status,
                "http-" + status,
                List.of(new Problem("", reason, "see /q/openapi for what this service answers")));
    }

    @ServerExceptionMapper
    Response bug(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        LOG.errorf(failure, "a request failed incident=%s", incident);
        return Answers.problem(
                500,
                "internal",
                List.of(new Problem(
                        "",
                        "something failed that should not have",
                        "try again; if it stays, look for " + incident + " in the planner's log")));
    }
}
