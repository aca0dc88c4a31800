package dev.upkeep.notifier.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.notifier.intake.Problem.Mistake;
import dev.upkeep.notifier.store.Notices;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** What people were told, and what became of it. */
@Path("/v1/notices")
@Produces(MediaType.APPLICATION_JSON)
public class NoticesResource {
    private static final Set<String> STATES = Set.of("waiting", "delivered", "failed");

    private final Mutiny.SessionFactory sessions;
    private final Notices notices;

    NoticesResource(Mutiny.SessionFactory sessions, Notices notices) {
        this.sessions = sessions;
        this.notices = notices;
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "Lists the notices in the order they were made, a page at a time.")
    public Uni<Response> list(
            @QueryParam("cursor") @DefaultValue("0") String cursor,
            @QueryParam("limit") @DefaultValue("100") String limit,
            @QueryParam("about") @Nullable String about,
            @QueryParam("state") @Nullable String state) {
        if (!cursor.matches("\\d{1,18}")) {
            return refused("cursor", cursor, "pass on what 'next' said");
        }
        if (state != null && !STATES.contains(state)) {
            return refused("state", state, "use one of waiting, delivered, failed");
        }
        return Paging.of(
                limit,
                page -> sessions.withTransaction((session, transaction) ->
                                notices.page(session, Long.parseLong(cursor), page, about, state))
                        .map(found -> Response.ok(new Page(
                                        found,
                                        found.size() < page
                                                ? null
                                                : Long.toString(found.getLast().cursor())))
                                .build()));
    }

    private static Uni<Response> refused(String parameter, String value, String fix) {
        String detail = "'" + value + "' is not allowed";
        return Uni.createFrom()
                .item(Problem.of(
                                400,
                                parameter + "-invalid",
                                parameter + " " + detail,
                                List.of(new Mistake("/" + parameter, detail, fix)))
                        .response());
    }

    /** One page and where the next begins, null after the last. */
    public record Page(List<Notices.Entry> items, @Nullable String next) {}
}
