package dev.upkeep.messaging;

import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.access.intake.Problem;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Shows the keys that wait behind a record that can't be processed, and releases them. */
@Path("/v1/parked-keys")
@Produces(MediaType.APPLICATION_JSON)
public class ParkedKeysResource {
    private static final int MOST = 500;

    private static final Logger LOG = Logger.getLogger(ParkedKeysResource.class);

    private final Parking parking;
    private final CurrentCaller caller;

    ParkedKeysResource(Parking parking, CurrentCaller caller) {
        this.parking = parking;
        this.caller = caller;
    }

    /** The keys after a cursor, the oldest first. */
    @Operation(summary = "Lists the keys that wait behind a record that can't be processed, the oldest first.")
    @GET
    @RolesAllowed(Roles.VIEWER)
    public Uni<Response> list(
            @QueryParam("cursor") @DefaultValue("0") String cursor,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        long after;
        try {
            after = Long.parseLong(cursor);
        } catch (NumberFormatException e) {
            return problem(
                    400, "cursor-invalid", "/cursor", "'" + cursor + "' is no number", "pass on what 'next' said");
        }
        int most;
        try {
            most = Integer.parseInt(limit);
        } catch (NumberFormatException e) {
            most = 0;
        }
        if (most < 1 || most > MOST) {
            return problem(
                    400, "limit-invalid", "/limit", "'" + limit + "' is not allowed", "use a number from 1 to " + MOST);
        }
        int page = most;
        return parking.list(after, page)
                .map(keys -> Response.ok(new Page(
                                keys, keys.size() < page ? null : keys.getLast().cursor()))
                        .build());
    }

    /** Handles what waits behind a key. */
    @Operation(
            summary = "Handles what waits behind a key: with failed=retry beginning with the record that could not be"
                    + " processed, with failed=skip without it.")
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/{key}/release")
    public Uni<Response> release(
            @PathParam("key") String key,
            @QueryParam("consumer") @Nullable String consumer,
            @QueryParam("failed") @DefaultValue("retry") String failed) {
        if (consumer == null || consumer.isBlank()) {
            return problem(
                    400,
                    "consumer-missing",
                    "/consumer",
                    "which consumer's key is not said",
                    "add ?consumer=, as GET /v1/parked-keys names it");
        }
        Parking.Failed way;
        switch (failed.toLowerCase(Locale.ROOT)) {
            case "retry" -> way = Parking.Failed.RETRY;
            case "skip" -> way = Parking.Failed.SKIP;
            default -> {
                return problem(
                        400,
                        "failed-invalid",
                        "/failed",
                        "'" + failed + "' is not known",
                        "use retry (the cause is gone) or skip (the record stays in the dead-letter topic)");
            }
        }
        LogKeys.of("consumer", consumer, "key", key, "by", caller.name())
                .log(() -> LOG.infof("a parked key is to be released, its failed record to be %s", way.word()));
        return parking.release(consumer, key, way).chain(release -> switch (release) {
            case Parking.Released done ->
                Uni.createFrom().item(Response.ok(done).build());
            case Parking.NotParked none ->
                problem(
                        404,
                        "key-not-parked",
                        "/key",
                        "consumer '" + consumer + "' has no parked key '" + key + "'",
                        "see GET /v1/parked-keys");
            case Parking.StillBroken(var handled, var reason) ->
                problem(
                        409,
                        "record-still-fails",
                        "/failed",
                        "after " + handled + " handled records the next one still fails: " + reason,
                        "remove the cause and release again, or use failed=skip to leave that record out");
        });
    }

    private static Uni<Response> problem(int status, String type, String pointer, String detail, String fix) {
        return Uni.createFrom()
                .item(Problem.of(status, type, pointer, detail, fix).response());
    }

    /** One page of parked keys and where the next begins, null after the last. */
    public record Page(
            List<Parking.ParkedKey> items, @Nullable Long next) {}
}
