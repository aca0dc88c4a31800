package dev.upkeep.access.intake;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A refusal as RFC 9457 has it; it names what was wrong and what would be right, and never a token. */
public record Problem(String type, String title, int status, String detail, List<Mistake> errors) {
    private static final String MEDIA_TYPE = "application/problem+json";
    private static final String REALM = "Bearer realm=\"upkeep\"";

    public Problem {
        errors = List.copyOf(errors);
    }

    /** A problem with one mistake; {@code name} is the last part of its type. */
    public static Problem of(int status, String name, String pointer, String detail, String fix) {
        return new Problem(
                "urn:upkeep:problem:" + name,
                name.replace('-', ' '),
                status,
                detail,
                List.of(new Mistake(pointer, detail, fix)));
    }

    /** As an answer. */
    public Response response() {
        return builder().build();
    }

    /**
     * The answer with a challenge as RFC 6750 has it.
     *
     * @param error one of its error codes; null where no token was sent
     */
    Response challenging(@Nullable String error) {
        return builder()
                .header(HttpHeaders.WWW_AUTHENTICATE, error == null ? REALM : REALM + ", error=\"" + error + "\"")
                .build();
    }

    private Response.ResponseBuilder builder() {
        return Response.status(status).type(MEDIA_TYPE).entity(this);
    }

    /** @param pointer the header or parameter, after a slash */
    public record Mistake(String pointer, String detail, String fix) {}
}
