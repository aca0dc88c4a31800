package dev.upkeep.verifier.intake;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** An RFC 9457 problem that names the parameter, what was wrong and what would be right. */
final class Problem {
    private Problem() {}

    static WebApplicationException at(String parameter, String detail, String fix) {
        Map<String, Object> body = Map.of(
                "type",
                "urn:upkeep:problem:parameter-invalid",
                "title",
                "parameter invalid",
                "status",
                400,
                "detail",
                detail,
                "errors",
                List.of(Map.of("pointer", "/" + parameter, "detail", detail, "fix", fix)));
        return new WebApplicationException(Response.status(400)
                .type("application/problem+json")
                .entity(body)
                .build());
    }
}
