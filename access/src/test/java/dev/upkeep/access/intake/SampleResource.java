package dev.upkeep.access.intake;

import dev.upkeep.access.core.Roles;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

/** An endpoint of each sort, and one that forgot to say for whom it is. */
@Path("/v1")
public class SampleResource {
    private final CurrentCaller caller;

    SampleResource(CurrentCaller caller) {
        this.caller = caller;
    }

    @GET
    @Path("/things")
    @RolesAllowed(Roles.VIEWER)
    public Uni<String> things() {
        return Uni.createFrom().item("read by " + caller.name());
    }

    @PUT
    @Path("/things")
    @RolesAllowed(Roles.OPERATOR)
    public Uni<String> change() {
        return Uni.createFrom().item("changed by " + caller.name());
    }

    @PUT
    @Path("/approvals")
    @RolesAllowed(Roles.APPROVER)
    public Uni<String> approve() {
        return Uni.createFrom().item("approved by " + caller.name());
    }

    @GET
    @Path("/tenants/{tenant}")
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    public Uni<String> tenant(@PathParam("tenant") String tenant) {
        return Uni.createFrom().item("tenant " + tenant);
    }

    @PUT
    @Path("/tenants/{tenant}")
    @RolesAllowed(Roles.OPERATOR)
    public Uni<String> changeTenant(@PathParam("tenant") String tenant) {
        return Uni.createFrom().item("tenant " + tenant);
    }

    @GET
    @Path("/tenants/{tenant}/upgrades/{upgrade}")
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    public Uni<String> both(@PathParam("tenant") String tenant, @PathParam("upgrade") String upgrade) {
        return Uni.createFrom().item(tenant + " and " + upgrade);
    }

    @GET
    @Path("/account/things")
    @RolesAllowed(Roles.CUSTOMER)
    public Uni<String> accountsOwn() {
        return Uni.createFrom().item("things of " + caller.account());
    }

    @GET
    @Path("/accounting")
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    public Uni<String> aRoleTooMany() {
        return Uni.createFrom().item("everybody's figures");
    }

    @PUT
    @Path("/words")
    @Consumes({"application/json", "application/yaml"})
    @RolesAllowed(Roles.OPERATOR)
    public Uni<String> words(String body) {
        return Uni.createFrom().item("read " + body);
    }

    @GET
    @Path("/forgotten")
    public Uni<String> forgotten() {
        return Uni.createFrom().item("nobody said who may");
    }
}
