package dev.upkeep.messaging;

import dev.upkeep.access.intake.Problem;
import io.vertx.sqlclient.DatabaseException;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Says what is wrong on our side, the same in every service and without its innards: 503 for what goes away by itself or
 * with somebody's help, 500 with a number to look for in the log for what should not have happened.
 */
class Failures {
    private static final Logger LOG = Logger.getLogger(Failures.class);
    /** PostgreSQL's state for a disk that is full. */
    private static final String DISK_FULL = "53100";

    private final String service;

    Failures(@ConfigProperty(name = "quarkus.application.name") String service) {
        this.service = service;
    }

    @ServerExceptionMapper
    Response failed(Throwable failure) {
        if (diskIsFull(failure)) {
            LOG.warnf("a request could not be answered: %s", Wires.reason(failure));
            return Problem.of(
                            503,
                            "disk-full",
                            "",
                            "the disk of the " + service + "'s database is full; nothing changed",
                            "free some space there, then try again; GET /q/health/ready says how the " + service
                                    + " is")
                    .response();
        }
        if (Wires.broken(failure)) {
            LOG.warnf("a request could not be answered: %s", Wires.reason(failure));
            return Problem.of(
                            503,
                            "database-away",
                            "",
                            "the " + service + " can't reach its database; nothing changed",
                            "try again in a moment; GET /q/health/ready says when it is back")
                    .response();
        }
        String incident = UUID.randomUUID().toString();
        LogKeys.of("incident", incident).log(() -> LOG.error("a request failed", failure));
        return Problem.of(
                        500,
                        "internal",
                        "",
                        "something failed that should not have",
                        "try again; if it stays, look for " + incident + " in the " + service + "'s log")
                .response();
    }

    private static boolean diskIsFull(Throwable failure) {
        int depth = 0;
        for (Throwable t = failure; t != null && depth < 20; t = t.getCause(), depth++) {
            if (t instanceof DatabaseException database && DISK_FULL.equals(database.getSqlState())) {
                return true;
            }
        }
        return false;
    }
}
