package dev.upkeep.verifier.intake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.Page;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.event.ObservationEvent.Observed;
import dev.upkeep.verifier.store.Bakes;
import dev.upkeep.verifier.store.Observations;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** What was seen of a tenant, and how it was judged. */
@Path("/v1/tenants/{tenant}")
@Produces(MediaType.APPLICATION_JSON)
public class BakesResource {
    private static final ObjectMapper JSON = new ObjectMapper();

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
    public Uni<Page<JsonNode>> bakes(
            @PathParam("tenant") String tenant,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        TenantId id = tenant(tenant);
        int most = Page.limit(limit);
        return sessions.withSession(session -> bakes.page(session, id, Optional.ofNullable(cursor), most))
                .map(found -> Page.of(found, most, Bakes.Shown::cursor))
                .map(page -> new Page<>(
                        page.items().stream().map(BakesResource::tree).toList(), page.next()));
    }

    /** The tenant's latest readings, the newest first. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/observations")
    @Operation(summary = "The tenant's latest readings, of one series or of all, the newest first.")
    public Uni<Page<ReadingView>> observations(
            @PathParam("tenant") String tenant,
            @QueryParam("series") @Nullable String series,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        TenantId id = tenant(tenant);
        int most = Page.limit(limit);
        Optional<Observations.Place> before = Optional.ofNullable(cursor).map(BakesResource::place);
        return sessions.withSession(
                        session -> observations.page(session, id, Optional.ofNullable(series), before, most))
                .map(found -> Page.of(found.stream().map(ReadingView::of).toList(), most, ReadingView::cursor));
    }

    private static JsonNode tree(Bakes.Shown bake) {
        try {
            return JSON.readTree(bake.json());
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("PostgreSQL made no JSON of " + bake.cursor(), damaged);
        }
    }

    private static Observations.Place place(String cursor) {
        String[] parts = cursor.split("_", 2);
        try {
            return new Observations.Place(Instant.parse(parts[0]), parts[1]);
        } catch (DateTimeParseException | ArrayIndexOutOfBoundsException e) {
            throw Page.noCursor(cursor);
        }
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

        private String cursor() {
            return at + "_" + series;
        }
    }

    private static TenantId tenant(String tenant) {
        try {
            return new TenantId(tenant);
        } catch (IllegalArgumentException e) {
            throw Page.refused(
                    "tenant", String.valueOf(e.getMessage()), "give the name the tenant was registered with");
        }
    }
}
