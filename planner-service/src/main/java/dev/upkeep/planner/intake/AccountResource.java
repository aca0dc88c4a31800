package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Line;
import dev.upkeep.planner.core.Statement;
import dev.upkeep.planner.core.WhatChanges;
import dev.upkeep.planner.desk.AccountDesk;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.Enquiries;
import dev.upkeep.planner.desk.Once;
import dev.upkeep.planner.desk.StatementDesk;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a customer does about its own tenants; the account is the token's, and no request can name another. */
@Path("/v1/account")
@Produces(MediaType.APPLICATION_JSON)
public class AccountResource {
    private final AccountDesk desk;
    private final StatementDesk statements;
    private final Enquiries enquiries;
    private final Once once;
    private final CurrentCaller caller;

    AccountResource(AccountDesk desk, StatementDesk statements, Enquiries enquiries, Once once, CurrentCaller caller) {
        this.desk = desk;
        this.statements = statements;
        this.enquiries = enquiries;
        this.once = once;
        this.caller = caller;
    }

    // ---- delays

    /**
     * Postpones upgrades until a date begins: {@code {"until": "2026-03-01"}}, of all the account's tenants, or of those
     * with a {@code product}, or of one {@code tenant}.
     */
    @POST
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/upgrade-delay")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> delay(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable String body) {
        JsonNode request = Answers.request(body, "until", "product", "tenant", "note");
        AccountDesk.Which which = which(Requests.optional(request, "product"), Requests.optional(request, "tenant"));
        StatementDesk.Wording wording = Requests.wording(request, caller.name());
        return once.each(
                        Requests.asked(caller.name(), key, "POST /v1/account/upgrade-delay", request),
                        session -> desk.postpone(session, which, Requests.date(request, "until"), wording)
                                .map(postponed -> new Once.Made(201, Delays.shown(postponed), Optional.empty())))
                .map(Requests::made);
    }

    /** How long upgrades are postponed, and the latest date until which they can be. */
    @GET
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/upgrade-delay")
    public Uni<Map<String, Object>> delays(
            @QueryParam("product") @Nullable String product, @QueryParam("tenant") @Nullable String tenant) {
        return desk.postponed(which(Optional.ofNullable(product), Optional.ofNullable(tenant)))
                .map(Delays::shown);
    }

    /** Ends what was postponed. */
    @DELETE
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/upgrade-delay")
    public Uni<Map<String, Object>> resume(
            @QueryParam("product") @Nullable String product, @QueryParam("tenant") @Nullable String tenant) {
        return desk.resume(which(Optional.ofNullable(product), Optional.ofNullable(tenant)), caller.name())
                .map(Delays::shown);
    }

    private AccountDesk.Which which(Optional<String> product, Optional<String> tenant) {
        return new AccountDesk.Which(caller.account(), product, tenant);
    }

    // ---- agreeing, asking, reading

    /** Agrees to a version or a line of versions: {@code {"product": …, "version": "2.0.0"}} or {@code "2"}. */
    @POST
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/consents")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> consent(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable String body) {
        JsonNode request = Answers.request(body, "product", "version", "tenant", "note");
        AccountDesk.Which which =
                which(Optional.of(Requests.required(request, "product")), Requests.optional(request, "tenant"));
        Line line = Requests.line(request, "version");
        StatementDesk.Wording wording = Requests.wording(request, caller.name());
        return once.each(
                        Requests.asked(caller.name(), key, "POST /v1/account/consents", request),
                        session -> desk.consent(session, which, new Statement.Consent(line), wording)
                                .map(said -> new Once.Made(
                                        201,
                                        Answers.page(
                                                said.stream()
                                                        .map(StatementDesk::shown)
                                                        .toList(),
                                                null),
                                        Optional.empty())))
                .map(Requests::made);
    }

    /** Asks for a version, where it is the customer who starts an upgrade: {@code {"version": …}}. */
    @POST
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/tenants/{tenant}/requests")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> request(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "note");
        return Requests.said(
                once,
                Requests.asked(caller.name(), key, "POST /v1/account/tenants/" + tenant + "/requests", request),
                session -> statements.request(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.wording(request, caller.name())));
    }

    /** Says that the notes or the guide of a release were read: {@code {"version": …, "what": "notes"}}. */
    @POST
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/tenants/{tenant}/acknowledgements")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> acknowledge(
            @PathParam("tenant") String tenant,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "version", "what", "note");
        return Requests.said(
                once,
                Requests.asked(caller.name(), key, "POST /v1/account/tenants/" + tenant + "/acknowledgements", request),
                session -> statements.acknowledge(
                        session,
                        tenant,
                        Requests.required(request, "version"),
                        Requests.required(request, "what"),
                        Requests.wording(request, caller.name())));
    }

    /** Takes back what was said about a tenant: a consent, a request, an acknowledgement. */
    @DELETE
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/tenants/{tenant}/statements/{statement}")
    public Uni<Map<String, Object>> withdraw(
            @PathParam("tenant") String tenant, @PathParam("statement") String statement) {
        return statements.withdraw(tenant, statement, caller.name()).map(StatementDesk::shown);
    }

    /** What was said about a tenant. */
    @GET
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/tenants/{tenant}/statements")
    public Uni<Map<String, Object>> statements(
            @PathParam("tenant") String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        return Requests.listed(statements, tenant, cursor, limit);
    }

    // ---- windows

    /** The account's tenants with their windows. */
    @GET
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/windows")
    public Uni<Map<String, Object>> windows(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.tenants(caller.account(), cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(AccountResource::windows).toList(),
                        found.size() < most
                                ? null
                                : found.getLast().tenant().id().value()));
    }

    /** Sets a tenant's windows, in the place of those that its operator gave: {@code {"windows": […]}}. */
    @PUT
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/windows/{tenant}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> setWindows(
            @PathParam("tenant") String tenant,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "windows");
        if (!request.has("windows")) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/windows",
                    "'windows' is missing",
                    "send a list; an empty one is any time");
        }
        return desk.setWindows(tenant, Optional.of(request.get("windows")), Answers.ifMatch(ifMatch), caller.name())
                .map(AccountResource::tagged);
    }

    /** Takes the customer's windows back: those of the tenant's document hold again. */
    @DELETE
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/windows/{tenant}")
    public Uni<Response> clearWindows(
            @PathParam("tenant") String tenant, @HeaderParam("If-Match") @Nullable String ifMatch) {
        return desk.setWindows(tenant, Optional.empty(), Answers.ifMatch(ifMatch), caller.name())
                .map(AccountResource::tagged);
    }

    private static Response tagged(KeptTenant kept) {
        return Answers.tagged(windows(kept), kept.ownRevision());
    }

    private static Map<String, Object> windows(KeptTenant kept) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", kept.tenant().id().value());
        shown.put("product", kept.tenant().product().value());
        shown.put("zone", kept.tenant().zone().getId());
        shown.put("own", kept.own().isPresent());
        shown.put("windows", AccountDesk.windows(kept));
        shown.put("revision", kept.ownRevision());
        return shown;
    }

    // ---- upgrades

    /** The account's upgrades, the latest first. */
    @GET
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/upgrades")
    public Uni<Map<String, Object>> upgrades(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.upgrades(caller.account(), cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(RolloutResource::listed).toList(),
                        found.size() < most ? null : found.getLast().id()));
    }

    /** What the upgrade that lies ahead changes for a tenant. */
    @GET
    @RolesAllowed(Roles.CUSTOMER)
    @Path("/upgrades/{tenant}/notes")
    public Uni<Map<String, Object>> notes(@PathParam("tenant") String tenant) {
        return enquiries
                .notes(tenant)
                .map(found -> found.map(AccountResource::notes)
                        .orElseGet(() -> Map.of("tenant", tenant, "releases", List.of())));
    }

    private static Map<String, Object> notes(Enquiries.Notes notes) {
        WhatChanges changes = notes.changes();
        Announcement told = notes.announced();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", notes.tenant());
        shown.put("from", changes.from().toString());
        shown.put("to", changes.to().toString());
        shown.put("notBefore", told.notBefore().toString());
        shown.put("downtime", changes.downtime().toString());
        shown.put("settings", changes.settings());
        shown.put(
                "releases",
                changes.releases().stream()
                        .map(release -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("version", release.version().toString());
                            one.put("notes", release.notes());
                            release.guide().ifPresent(guide -> one.put("guide", guide));
                            return one;
                        })
                        .toList());
        return shown;
    }
}
