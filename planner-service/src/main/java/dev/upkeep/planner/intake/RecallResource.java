package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.RecallDesk;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Releases that are taken back. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class RecallResource {
    private final RecallDesk desk;
    private final CurrentCaller caller;

    RecallResource(RecallDesk desk, CurrentCaller caller) {
        this.desk = desk;
        this.caller = caller;
    }

    /**
     * Recalls a release: {@code {"reason": …, "goBack": true}}. The answer names the rollouts that were stopped,
     * the rollout by which tenants go back, and the tenants that have no way back, with the reasons.
     */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/products/{product}/releases/{version}/recall")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Map<String, Object>> recall(
            @PathParam("product") String product, @PathParam("version") String version, @Nullable String body) {
        JsonNode request = Answers.request(body, "reason", "goBack");
        JsonNode goBack = request.path("goBack");
        if (!goBack.isBoolean()) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/goBack",
                    "'goBack' must be true or false",
                    "say whether the tenants that run the release are to go back");
        }
        return desk.recall(
                        product, version, caller.name(), request.path("reason").asText(""), goBack.asBoolean())
                .map(recalled -> shown(product, recalled));
    }

    private static Map<String, Object> shown(String product, RecallDesk.Recalled recalled) {
        Recall recall = recalled.recall();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("product", product);
        shown.put("version", recall.version().toString());
        shown.put("by", recall.by());
        shown.put("reason", recall.reason());
        shown.put("at", recall.at().toString());
        shown.put("stopped", recalled.stopped().stream().map(RolloutId::value).toList());
        recalled.back().ifPresent(rollout -> shown.put("rollout", RolloutResource.shown(rollout)));
        Map<String, Object> held = new TreeMap<>();
        recalled.held().forEach((tenant, reasons) -> held.put(tenant.value(), reasons));
        shown.put("held", held);
        return shown;
    }
}
