package dev.upkeep.access.intake;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Says what is wrong with a request that finds no endpoint, the same in every service. */
class Misdirected {
    private static final String SEE = "see /q/openapi for what this service answers";

    Misdirected() {}

    @ServerExceptionMapper
    Response misdirected(WebApplicationException refused) {
        Response response = refused.getResponse();
        if (response.hasEntity()) {
            return response;
        }
        int status = response.getStatus();
        return switch (status) {
            case 404 ->
                Problem.of(404, "not-found", "", "there is nothing at this path", SEE)
                        .response();
            case 405 ->
                Problem.of(405, "method-not-allowed", "", "this path does not take this method", SEE)
                        .response();
            case 415 ->
                Problem.of(
                                415,
                                "content-type-unknown",
                                "/Content-Type",
                                "this path takes no body of this type",
                                "say what the body is, such as application/json or application/yaml; " + SEE)
                        .response();
            default ->
                Problem.of(
                                status,
                                "http-" + status,
                                "",
                                response.getStatusInfo().getReasonPhrase(),
                                SEE)
                        .response();
        };
    }
}
