package dev.upkeep.planted.everyendpointsayswhomay.planner.intake;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;

/** One endpoint of two says who may call it. */
interface GuiltyForgottenResource {
    @GET
    @RolesAllowed("viewer")
    String show();

    @PATCH
    String change();
}
