package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.planner.core.Line;
import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.Once;
import dev.upkeep.planner.desk.StatementDesk;
import dev.upkeep.planner.store.Statements;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.core.Response;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** The parts of requests that are read alike, and what a create is answered. */
final class Requests {
    private Requests() {}

    static String required(JsonNode request, String key) {
        return optional(request, key)
                .orElseThrow(() -> Declined.because(
                        422, "request-refused", "/" + key, "'" + key + "' is missing", "add it, as a text"));
    }

    static Optional<String> optional(JsonNode request, String key) {
        if (request.has(key) && !request.get(key).isTextual()) {
            throw Declined.because(422, "request-refused", "/" + key, "'" + key + "' is no text", "put it in quotes");
        }
        return Optional.ofNullable(request.get(key)).map(JsonNode::asText).filter(text -> !text.isBlank());
    }

    static LocalDate date(JsonNode request, String key) {
        String text = required(request, key);
        try {
            return LocalDate.parse(text);
        } catch (DateTimeException malformed) {
            throw Declined.because(
                    422, "request-refused", "/" + key, "'" + text + "' is no date", "write it as 2026-03-01");
        }
    }

    static Instant instant(JsonNode request, String key) {
        String text = required(request, key);
        try {
            return Instant.parse(text);
        } catch (DateTimeException malformed) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/" + key,
                    "'" + text + "' is no instant",
                    "give a UTC instant, such as 2026-12-24T00:00:00Z");
        }
    }

    static Line line(JsonNode request, String key) {
        try {
            return new Line(required(request, key));
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/" + key,
                    String.valueOf(malformed.getMessage()),
                    "give a version such as 2.0.0 or a line such as 2");
        }
    }

    static StatementDesk.Wording wording(JsonNode request, String by) {
        return new StatementDesk.Wording(by, optional(request, "note").orElse(""));
    }

    static Once.Asked asked(String caller, @Nullable String key, String methodAndPath, JsonNode body) {
        return Once.Asked.of(caller, Optional.ofNullable(key), methodAndPath, body);
    }

    /** Puts one statement on record. */
    static Uni<Response> said(Once once, Once.Asked asked, Function<Mutiny.Session, Uni<Stated>> work) {
        return once.each(
                        asked,
                        session -> work.apply(session)
                                .map(stated -> new Once.Made(201, StatementDesk.shown(stated), Optional.empty())))
                .map(Requests::made);
    }

    static Response made(Once.Made made) {
        Response.ResponseBuilder response = Response.status(made.status()).entity(made.answer());
        made.location().ifPresent(location -> response.header("Location", location));
        return response.build();
    }

    /** A page of what was said about a tenant. */
    static Uni<Map<String, Object>> listed(
            StatementDesk desk, String tenant, @Nullable String cursor, @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.list(tenant, cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(Requests::listed).toList(),
                        found.size() < most ? null : found.getLast().stated().id()));
    }

    private static Map<String, Object> listed(Statements.Listed listed) {
        Map<String, Object> shown = StatementDesk.shown(listed.stated());
        listed.withdrawnBy().ifPresent(by -> shown.put("withdrawnBy", by));
        listed.withdrawnAt().ifPresent(at -> shown.put("withdrawnAt", at.toString()));
        return shown;
    }
}
