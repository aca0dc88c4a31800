package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.planner.core.RingProgress;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.Enquiries;
import dev.upkeep.planner.desk.Once;
import dev.upkeep.planner.desk.RolloutDesk;
import dev.upkeep.planner.store.Readings;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rollouts and what happens in them. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class RolloutResource {
    private final RolloutDesk desk;
    private final Enquiries enquiries;
    private final Once once;
    private final CurrentCaller caller;

    RolloutResource(RolloutDesk desk, Enquiries enquiries, Once once, CurrentCaller caller) {
        this.desk = desk;
        this.enquiries = enquiries;
        this.once = once;
        this.caller = caller;
    }

    /** Starts one: {@code {"product": …, "version": …}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/rollouts")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> start(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable String body) {
        JsonNode request = Answers.request(body, "product", "version");
        return once.each(
                        Requests.asked(caller.name(), key, "POST /v1/rollouts", request),
                        session -> desk.start(
                                        session,
                                        Requests.required(request, "product"),
                                        Requests.required(request, "version"),
                                        caller.name())
                                .map(started -> new Once.Made(
                                        201, shown(started), Optional.of("/v1/rollouts/" + started.id()))))
                .map(Requests::made);
    }

    /** The latest rollouts first. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/rollouts")
    public Uni<Map<String, Object>> list(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return enquiries
                .rollouts(cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(RolloutResource::shown).toList(),
                        found.size() < most ? null : found.getLast().id().value()));
    }

    /** A rollout, its rings and its first 5,000 upgrades; all of them are in its list of upgrades. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/rollouts/{rollout}")
    public Uni<Response> show(@PathParam("rollout") String rollout) {
        return enquiries.rollout(rollout).map(found -> {
            Map<String, Object> shown = shown(found.rollout());
            shown.put(
                    "upgrades",
                    found.upgrades().stream().map(RolloutResource::listed).toList());
            return Answers.tagged(shown, found.rollout().revision());
        });
    }

    /** A page of a rollout's upgrades, however many there are. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/rollouts/{rollout}/upgrades")
    public Uni<Map<String, Object>> upgrades(
            @PathParam("rollout") String rollout,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return enquiries
                .upgrades(rollout, cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(RolloutResource::listed).toList(),
                        found.size() < most ? null : found.getLast().id()));
    }

    /** Nothing starts until it is resumed; what has begun goes on to its end. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/rollouts/{rollout}/pause")
    public Uni<Response> pause(
            @PathParam("rollout") String rollout,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        Answers.request(body);
        return desk.pause(rollout, Answers.ifMatch(ifMatch), caller.name()).map(RolloutResource::tagged);
    }

    /** It goes on; after a stop, the failures so far no longer count. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/rollouts/{rollout}/resume")
    public Uni<Response> resume(
            @PathParam("rollout") String rollout,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        Answers.request(body);
        return desk.resume(rollout, Answers.ifMatch(ifMatch), caller.name()).map(RolloutResource::tagged);
    }

    /** The rest never starts; what has begun goes on to its end or, with {@code "undo": true}, is turned back. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/rollouts/{rollout}/abort")
    public Uni<Response> abort(
            @PathParam("rollout") String rollout,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "undo");
        return desk.abort(rollout, Answers.ifMatch(ifMatch), caller.name(), undo(request))
                .map(RolloutResource::tagged);
    }

    /** What happened in a rollout after a cursor. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/rollouts/{rollout}/timeline")
    public Uni<Map<String, Object>> timeline(
            @PathParam("rollout") String rollout,
            @QueryParam("after") @Nullable String after,
            @QueryParam("limit") @Nullable String limit) {
        String from = after == null ? "" : after;
        return enquiries
                .timeline(Optional.of(rollout), from, Answers.limit(limit))
                .map(found -> entries(found, from));
    }

    /** What happened anywhere after a cursor. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/timeline")
    public Uni<Map<String, Object>> timeline(
            @QueryParam("after") @Nullable String after, @QueryParam("limit") @Nullable String limit) {
        String from = after == null ? "" : after;
        return enquiries.timeline(Optional.empty(), from, Answers.limit(limit)).map(found -> entries(found, from));
    }

    private static Map<String, Object> entries(List<Timeline.Shown> found, String after) {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Timeline.Shown shown : found) {
            entries.add(entry(shown));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("entries", entries);
        answer.put("next", found.isEmpty() ? after : found.getLast().cursor());
        return answer;
    }

    static Map<String, Object> entry(Timeline.Shown shown) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("cursor", shown.cursor());
        entry.put("at", shown.at().toString());
        putIfThere(entry, "rollout", shown.rollout());
        putIfThere(entry, "tenant", shown.tenant());
        putIfThere(entry, "upgrade", shown.upgrade());
        putIfThere(entry, "step", shown.step().isEmpty() ? null : shown.step());
        entry.put("kind", shown.kind());
        entry.put("text", shown.text());
        entry.put("details", shown.details());
        return entry;
    }

    private static void putIfThere(Map<String, Object> entry, String key, @Nullable String value) {
        if (value != null) {
            entry.put(key, value);
        }
    }

    private static Response tagged(Rollout rollout) {
        return Answers.tagged(shown(rollout), rollout.revision());
    }

    static Map<String, Object> shown(Rollout rollout) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", rollout.id().value());
        shown.put("kind", rollout.kind().word());
        shown.put("product", rollout.product().value());
        shown.put("version", rollout.version().toString());
        shown.put("state", rollout.phase().word());
        shown.put("reason", rollout.reason());
        shown.put("rings", rollout.rings().stream().map(RolloutResource::ring).toList());
        return shown;
    }

    private static Map<String, Object> ring(RingProgress progress) {
        Map<String, Object> ring = new LinkedHashMap<>();
        ring.put("name", progress.ring().name().value());
        ring.put("state", progress.openedAt().isEmpty() ? "closed" : progress.isDone() ? "done" : "open");
        ring.put("waiting", progress.waiting());
        ring.put("barred", progress.barred());
        ring.put("active", progress.active());
        ring.put("held", progress.held());
        ring.put("confirmed", progress.confirmed());
        ring.put("rolledBack", progress.rolledBack());
        ring.put("aborted", progress.aborted());
        ring.put("failureBudget", progress.ring().failureBudget());
        ring.put("concurrency", progress.ring().concurrency());
        ring.put("soak", progress.ring().soak().toString());
        progress.openedAt().ifPresent(at -> ring.put("openedAt", at.toString()));
        return ring;
    }

    static Map<String, Object> listed(Readings.Listed upgrade) {
        Map<String, Object> listed = new LinkedHashMap<>();
        listed.put("id", upgrade.id());
        listed.put("tenant", upgrade.tenant());
        listed.put("ring", upgrade.ring());
        listed.put("state", Enquiries.word(upgrade.phase()));
        listed.put("from", upgrade.from());
        listed.put("to", upgrade.to());
        listed.put("step", upgrade.step());
        listed.put("reason", reason(upgrade.state()));
        upgrade.startedAt().ifPresent(at -> listed.put("startedAt", at.toString()));
        upgrade.endedAt().ifPresent(at -> listed.put("endedAt", at.toString()));
        return listed;
    }

    static String reason(State state) {
        return switch (state) {
            case State.Held s -> s.reason();
            case State.RolledBack s -> s.cause().reason();
            case State.Aborted s -> s.reason();
            case State.Backward s -> s.cause().reason();
            case State.Closing s -> s.cause().reason();
            case State.Waiting s -> "";
            case State.BetweenHops s -> "";
            case State.Forward s -> "";
            case State.Confirmed s -> "";
        };
    }

    private static boolean undo(JsonNode request) {
        JsonNode undo = request.path("undo");
        if (!undo.isMissingNode() && !undo.isBoolean()) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/undo",
                    "'undo' is " + undo + ", neither true nor false",
                    "say true or false");
        }
        return undo.asBoolean(false);
    }
}
