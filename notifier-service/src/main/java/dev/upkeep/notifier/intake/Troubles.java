package dev.upkeep.notifier.intake;

import io.vertx.core.VertxException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.hibernate.HibernateException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Says what is wrong on our side, without its innards. */
class Troubles {
    private static final Logger LOG = Logger.getLogger(Troubles.class);

    @ServerExceptionMapper({
        HibernateException.class,
        VertxException.class,
        IOException.class,
        TimeoutException.class,
        io.smallrye.mutiny.TimeoutException.class
    })
    Response away(Exception failure) {
        LOG.warnf(failure, "a request could not be answered");
        return Problem.of(
                        503,
                        "database-away",
                        "the notifier can't reach its database; nothing changed",
                        List.of(new Problem.Mistake(
                                "", "the database does not answer", "try again in a moment; see /q/health/ready")))
                .response();
    }
}
