package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.planner.desk.Once;
import dev.upkeep.planner.desk.StatementDesk;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What operators and approvers say about tenants and rollouts; each is on record under the name in the token. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class StatementResource {
    private final StatementDesk desk;
    private final Once once;
    private final CurrentCaller caller;

    StatementResource(StatementDesk desk, Once once, CurrentCaller caller) {
        this.desk = desk;
        this.once = once;
        this.caller = caller;
    }

    /** All that was said about a tenant. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants/{tenant}/statements")
    public Uni<Map<String, Object>> list(
            @PathParam("tenant") String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        return Requests.listed(desk, tenant, cursor, limit);
    }

    /** Takes a statement back. */
    @DELETE
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/statements/{statement}")
    public Uni<Map<String, Object>> withdraw(
            @PathParam("tenant") String tenant, @PathParam("statement") String statement) {
        return desk.withdraw(tenant, statement, caller.name()).map(StatementDesk::shown);
    }

    /** Puts a customer's consent on record, given by other means: {@code {"version": "2.0.0", "note": …}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/consents")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> consent(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "note");
        return Requests.said(
                once,
                asked(tenant, "consents", key, request),
                session -> desk.consent(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Puts a customer's wish for a version on record: {@code {"version": …}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/requests")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> request(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "note");
        return Requests.said(
                once,
                asked(tenant, "requests", key, request),
                session -> desk.request(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Says that the notes or the guide of a release were read: {@code {"version": …, "what": "notes"}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/acknowledgements")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> acknowledge(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "what", "note");
        return Requests.said(
                once,
                asked(tenant, "acknowledgements", key, request),
                session -> desk.acknowledge(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.required(request, "what"),
                        Requests.wording(request, caller.name())));
    }

    /** Asks to go against the customer's delay with a security release: {@code {"version": …, "note": …}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/override-requests")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> askToOverride(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "note");
        return Requests.said(
                once,
                asked(tenant, "override-requests", key, request),
                session -> desk.askToOverride(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Approves to go against the customer's delay, which somebody else asked for: {@code {"version": …}}. */
    @POST
    @RolesAllowed(Roles.APPROVER)
    @Path("/tenants/{tenant}/approvals")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> approve(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "note");
        return Requests.said(
                once,
                asked(tenant, "approvals", key, request),
                session -> desk.approveOverride(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Lets a rule go for the upgrade to a version: {@code {"rule": "contactIsReachable", "version": …, "note": …}}. */
    @POST
    @RolesAllowed(Roles.APPROVER)
    @Path("/tenants/{tenant}/waivers")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> waive(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "rule", "version", "note");
        return Requests.said(
                once,
                asked(tenant, "waivers", key, request),
                session -> desk.waive(
                        session,
                        tenant,
                        Requests.required(request, "rule"),
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Lets a ring's upgrades start, where the ring asks for that; nobody who started the rollout may. */
    @POST
    @RolesAllowed(Roles.APPROVER)
    @Path("/rollouts/{rollout}/rings/{ring}/approval")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> approveRing(
            @PathParam("rollout") String rollout,
            @PathParam("ring") String ring,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "note");
        return Requests.said(
                once,
                Requests.asked(
                        caller.name(), key, "POST /v1/rollouts/" + rollout + "/rings/" + ring + "/approval", request),
                session -> desk.approveRing(session, rollout, ring, Requests.wording(request, caller.name())));
    }

    private Once.Asked asked(String tenant, String what, @Nullable String key, JsonNode request) {
        return Requests.asked(caller.name(), key, "POST /v1/tenants/" + tenant + "/" + what, request);
    }
}
