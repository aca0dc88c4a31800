package dev.upkeep.executor.intake;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wrong with a request, as RFC 9457 has it. */
record Problem(String type, String title, int status, String detail, List<Wrong> errors) {

    /** One wrong parameter and what would be right. */
    record Wrong(String parameter, String detail, String fix) {}

    static WebApplicationException bad(String parameter, @Nullable String detail, String fix) {
        String said = detail == null ? "not understood" : detail;
        Problem problem = new Problem(
                "about:blank", "Bad request", 400, parameter + ": " + said, List.of(new Wrong(parameter, said, fix)));
        return new WebApplicationException(Response.status(400)
                .type("application/problem+json")
                .entity(problem)
                .build());
    }

    static int limit(@Nullable String text, int otherwise, int most) {
        int limit = text == null ? otherwise : (int) Math.min(Integer.MAX_VALUE, number("limit", text));
        if (limit < 1 || limit > most) {
            throw bad("limit", limit + " is not between 1 and " + most, "Give a number between 1 and " + most);
        }
        return limit;
    }

    static Optional<Long> cursor(@Nullable String text) {
        return Optional.ofNullable(text).map(t -> number("cursor", t));
    }

    private static long number(String parameter, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw bad(parameter, "'" + text + "' is no number", "Give a whole number; a cursor comes from next");
        }
    }
}
