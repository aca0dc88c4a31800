package dev.upkeep.notifier.intake;

import jakarta.ws.rs.core.Response;
import java.util.List;

/** A refusal as RFC 9457 has it: which field, what was wrong, what would be right. */
record Problem(String type, String title, int status, String detail, List<Mistake> errors) {
    static final String MEDIA_TYPE = "application/problem+json";

    Problem {
        errors = List.copyOf(errors);
    }

    static Problem of(int status, String name, String detail, List<Mistake> errors) {
        return new Problem("urn:upkeep:problem:" + name, name.replace('-', ' '), status, detail, errors);
    }

    Response response() {
        return Response.status(status).type(MEDIA_TYPE).entity(this).build();
    }

    /**
     * One mistake.
     *
     * @param pointer a JSON pointer into the document, or the name of a parameter or header after a slash
     */
    record Mistake(String pointer, String detail, String fix) {}
}
