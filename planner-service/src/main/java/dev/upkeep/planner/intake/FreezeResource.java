package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.contract.Bump;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.FreezeDesk;
import dev.upkeep.planner.desk.Once;
import dev.upkeep.planner.store.Freezes.Wide;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Freezes of whole products and accounts. */
@Path("/v1/freezes")
@Produces(MediaType.APPLICATION_JSON)
public class FreezeResource {
    private final FreezeDesk desk;
    private final Once once;
    private final CurrentCaller caller;

    FreezeResource(FreezeDesk desk, Once once, CurrentCaller caller) {
        this.desk = desk;
        this.once = once;
        this.caller = caller;
    }

    /**
     * Sets one: {@code {"product": …, "account": …, "from": …, "to": …, "reason": …, "bumps": ["major"]}}; a product or an
     * account, or both; without bumps, for all.
     */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> freeze(@HeaderParam("Idempotency-Key") @Nullable String key, @Nullable String body) {
        JsonNode request = Answers.request(body, "product", "account", "from", "to", "reason", "bumps");
        Optional<String> product = Requests.optional(request, "product");
        Optional<String> account = Requests.optional(request, "account");
        Instant from = Requests.instant(request, "from");
        Instant to = Requests.instant(request, "to");
        String reason = Requests.required(request, "reason");
        Set<Bump> bumps = bumps(request.path("bumps"));
        return once.each(
                        Requests.asked(caller.name(), key, "POST /v1/freezes", request),
                        session -> desk.freeze(session, product, account, from, to, reason, bumps, caller.name())
                                .map(wide -> new Once.Made(201, shown(wide), Optional.of("/v1/freezes/" + wide.id()))))
                .map(Requests::made);
    }

    private static Set<Bump> bumps(JsonNode words) {
        Set<Bump> bumps = EnumSet.noneOf(Bump.class);
        for (JsonNode word : words) {
            try {
                bumps.add(Bump.valueOf(word.asText().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                throw Declined.because(
                        422,
                        "request-refused",
                        "/bumps",
                        "'" + word.asText() + "' is no bump",
                        "use patch, minor and major");
            }
        }
        return bumps;
    }

    /** Those that have not ended. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    public Uni<Map<String, Object>> list(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.list(cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(FreezeResource::shown).toList(),
                        found.size() < most ? null : found.getLast().id()));
    }

    /** Lifts one. */
    @DELETE
    @RolesAllowed(Roles.OPERATOR)
    @Path("/{freeze}")
    public Uni<Map<String, Object>> lift(@PathParam("freeze") String freeze) {
        return desk.lift(freeze, caller.name()).map(FreezeResource::shown);
    }

    private static Map<String, Object> shown(Wide wide) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", wide.id());
        wide.product().ifPresent(product -> shown.put("product", product.value()));
        wide.account().ifPresent(account -> shown.put("account", account.value()));
        shown.put("from", wide.freeze().from().toString());
        shown.put("to", wide.freeze().to().toString());
        shown.put("reason", wide.freeze().reason());
        shown.put(
                "bumps",
                wide.freeze().bumps().stream()
                        .sorted()
                        .map(bump -> bump.name().toLowerCase(Locale.ROOT))
                        .toList());
        shown.put("by", wide.by());
        shown.put("at", wide.at().toString());
        return shown;
    }
}
