package dev.upkeep.verifier.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.verifier.store.Bakes;
import dev.upkeep.verifier.store.Observations;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** What was seen of a tenant, and how it was judged. */
@Path("/v1/tenants/{tenant}")
@Produces(MediaType.APPLICATION_JSON)
public class BakesResource {
    private static final int MOST = 1_000;

    private final Mutiny.SessionFactory sessions;
    private final Bakes bakes;
    private final Observations observations;

    BakesResource(Mutiny.SessionFactory sessions, Bakes bakes, Observations observations) {
        this.sessions = sessions;
        this.bakes = bakes;
        this.observations = observations;
    }

    /** The tenant's bakes, the newest first, each with its verdict and evidence once it has them. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/bakes")
    @Operation(summary = "The tenant's bakes, the newest first, each with its verdict and evidence.")
    public Uni<String> bakes(@PathParam("tenant") String tenant, @QueryParam("limit") @DefaultValue("50") int limit) {
        TenantId id = tenant(tenant);
        int most = limit(limit);
        return sessions.withSession(session -> bakes.of(session, id, most))
                .map(texts -> "[" + String.join(",", texts) + "]");
    }

    /** The tenant's latest readings, the newest first. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/observations")
    @Operation(summary = "The tenant's latest readings, of one series or of all, the newest first.")
    public Uni<List<ReadingView>> observations(
            @PathParam("tenant") String tenant,
            @QueryParam("series") @Nullable String series,
            @QueryParam("limit") @DefaultValue("100") int limit) {
        TenantId id = tenant(tenant);
        int most = limit(limit);
        return sessions.withSession(session -> observations.latest(session, id, Optional.ofNullable(series), most))
                .map(found -> found.stream().map(ReadingView::of).toList());
    }

    /**
     * One reading.
     *
     * @param value 1 for passed, 0 for not, or a counter's sum; null if it could not be read
     */
    public record ReadingView(
            String series, String at, @Nullable Double value, String said) {
        static ReadingView of(Observed observed) {
            Double value = Double.isFinite(observed.value()) ? observed.value() : null;
            return new ReadingView(observed.series(), observed.at().toString(), value, observed.text());
        }
    }

    private static TenantId tenant(String tenant) {
        try {
            return new TenantId(tenant);
        } catch (IllegalArgumentException e) {
            throw Problem.at("tenant", String.valueOf(e.getMessage()), "give the name the tenant was registered with");
        }
    }

    private static int limit(int limit) {
        if (limit < 1 || limit > MOST) {
            throw Problem.at("limit", limit + " is not between 1 and " + MOST, "ask for fewer");
        }
        return limit;
    }
}
