package dev.upkeep.planted.everyendpointsayswhomay.planner.intake;

import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;

/** An endpoint that says two things, of which one is everybody. */
interface GuiltyOpenResource {
    @GET
    @PermitAll
    @RolesAllowed("viewer")
    String show();
}
