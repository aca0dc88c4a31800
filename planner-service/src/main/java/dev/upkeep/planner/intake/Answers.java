package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.IfMatch;
import dev.upkeep.access.intake.Page;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.Registry;
import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.Text;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How requests are read and answers written, everywhere the same. */
final class Answers {
    static final String PROBLEM = "application/problem+json";

    private Answers() {}

    /** The document in a request's body: YAML if the content type says so, JSON otherwise. */
    static JsonNode document(@Nullable String contentType, @Nullable String body) {
        boolean yaml = contentType != null && contentType.contains("yaml");
        try {
            return Text.tree(body == null ? "" : body, yaml);
        } catch (Refused refused) {
            throw new Declined(400, "document-unreadable", refused.problems());
        }
    }

    /**
     * The JSON object in a request's body, which may be left out; nothing but these keys may be in it. Who asks is not
     * among them: the token says that.
     */
    static JsonNode request(@Nullable String body, String... keys) {
        JsonNode request = document(MediaType.APPLICATION_JSON, body == null || body.isBlank() ? "{}" : body);
        if (!request.isObject()) {
            throw Declined.because(422, "request-refused", "", "this is no object", "send one JSON object");
        }
        Set<String> known = Set.of(keys);
        List<Problem> unknown = request.properties().stream()
                .map(Map.Entry::getKey)
                .filter(key -> !known.contains(key))
                .map(key -> new Problem(
                        "/" + key.replace("~", "~0").replace("/", "~1"),
                        "'" + key + "' is not known here",
                        key.equals("by") ? "leave it out: who asks is whoever the token names" : "leave it out"))
                .toList();
        if (!unknown.isEmpty()) {
            throw new Declined(422, "request-refused", unknown);
        }
        return request;
    }

    /** What a PUT came to. */
    static Response taken(Registry.Taken taken) {
        return Response.status(taken.isNew() ? 201 : 200)
                .header("ETag", tag(taken.revision()))
                .entity(taken.document())
                .build();
    }

    /** What a change expects. */
    static IfMatch ifMatch(@Nullable String header) {
        try {
            return IfMatch.of(header);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    400,
                    "header-invalid",
                    "/If-Match",
                    String.valueOf(malformed.getMessage()),
                    "send the ETag that you read, with its quotes, such as \"3\"");
        }
    }

    /** Something that can be changed, with the revision that a change of it may name. */
    static Response tagged(Object entity, long revision) {
        return Response.ok(entity).header("ETag", tag(revision)).build();
    }

    static String tag(long revision) {
        return '"' + Long.toString(revision) + '"';
    }

    static int limit(@Nullable String text) {
        return Page.limit(text);
    }

    static Map<String, Object> page(List<?> items, @Nullable String next) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("items", items);
        if (next != null) {
            page.put("next", next);
        }
        return page;
    }

    static Response problem(int status, String type, List<Problem> problems) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:upkeep:problem:" + type);
        body.put("title", type.replace('-', ' '));
        body.put("status", status);
        if (!problems.isEmpty()) {
            body.put("detail", problems.size() == 1 ? problems.getFirst().detail() : problems.size() + " problems");
        }
        body.put("errors", problems.stream().map(Answers::error).toList());
        return Response.status(status).type(PROBLEM).entity(body).build();
    }

    private static Map<String, String> error(Problem problem) {
        Map<String, String> error = new LinkedHashMap<>();
        error.put("pointer", problem.pointer());
        error.put("detail", problem.detail());
        error.put("fix", problem.fix());
        if (!problem.rule().isEmpty()) {
            error.put("rule", problem.rule());
        }
        return error;
    }
}
