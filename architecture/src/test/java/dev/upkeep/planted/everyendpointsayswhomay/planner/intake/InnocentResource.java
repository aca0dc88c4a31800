package dev.upkeep.planted.everyendpointsayswhomay.planner.intake;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;

/** An endpoint that says who may call it, and a method that is none. */
interface InnocentResource {
    @GET
    @RolesAllowed("viewer")
    String show();

    String word();
}
