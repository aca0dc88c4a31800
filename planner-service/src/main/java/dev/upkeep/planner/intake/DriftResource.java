package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.planner.desk.DriftDesk;
import dev.upkeep.planner.store.Founds.Found;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tenants that do not run what is recorded of them. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class DriftResource {
    private final DriftDesk desk;
    private final CurrentCaller caller;

    DriftResource(DriftDesk desk, CurrentCaller caller) {
        this.desk = desk;
        this.caller = caller;
    }

    /** A page of the tenants whose found version is not the recorded one. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/drift")
    public Uni<Map<String, Object>> list(
            @QueryParam("product") @Nullable String product,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.list(Optional.ofNullable(product), cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(DriftResource::shown).toList(),
                        found.size() < most ? null : found.getLast().tenant().value()));
    }

    /** Tells what was found at a tenant: {@code {"version": …}}; told twice, it is the same. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/found")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> report(@PathParam("tenant") String tenant, @Nullable String body) {
        JsonNode request = Answers.request(body, "version");
        return desk.report(tenant, Requests.required(request, "version"), caller.name())
                .map(DriftResource::shown);
    }

    /** Records what was found as what the tenant runs; done twice, it is the same. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}/adoption")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> adopt(@PathParam("tenant") String tenant, @Nullable String body) {
        Answers.request(body);
        return desk.adopt(tenant, caller.name()).map(DriftResource::shown);
    }

    private static Map<String, Object> shown(Found found) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", found.tenant().value());
        shown.put("product", found.product());
        shown.put("recorded", found.recorded().toString());
        shown.put("found", found.found().toString());
        shown.put("at", found.at().toString());
        shown.put("by", found.by());
        return shown;
    }
}
