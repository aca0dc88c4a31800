package dev.upkeep.planner.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.planner.core.SupportClock.Line;
import dev.upkeep.planner.core.SupportClock.Standing;
import dev.upkeep.planner.desk.SupportDesk;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who runs what, and until when it is supported. */
@Path("/v1/products/{product}/support")
@Produces(MediaType.APPLICATION_JSON)
public class SupportResource {
    private static final Duration AHEAD = Duration.ofDays(90);

    private final SupportDesk desk;

    SupportResource(SupportDesk desk) {
        this.desk = desk;
    }

    /** The lines of a product's versions; {@code ahead} is how long before an end it is warned of, such as {@code P90D}. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    public Uni<Map<String, Object>> support(
            @PathParam("product") String product, @QueryParam("ahead") @Nullable String ahead) {
        return desk.support(product, Questions.span("ahead", ahead, AHEAD)).map(found -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("product", found.product());
            answer.put("lines", found.lines().stream().map(SupportResource::run).toList());
            answer.put("elsewhere", found.elsewhere());
            answer.put("warnings", found.warnings());
            return answer;
        });
    }

    /** A page of a product's tenants, those of one line or of one standing if that is asked for. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants")
    public Uni<Map<String, Object>> tenants(
            @PathParam("product") String product,
            @QueryParam("line") @Nullable String line,
            @QueryParam("standing") @Nullable String standing,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        Optional<Standing> wanted =
                Questions.word("standing", standing, Arrays.asList(Standing.values()), Standing::word);
        return desk.tenants(
                        product,
                        l -> (line == null || l.number().toString().equals(line))
                                && (wanted.isEmpty() || wanted.get() == l.standing()),
                        cursor == null ? "" : cursor,
                        most)
                .map(found -> Answers.page(
                        found.stream().map(SupportResource::tenant).toList(),
                        found.size() < most ? null : found.getLast().tenant().tenant()));
    }

    private static Map<String, Object> run(SupportDesk.Run run) {
        Map<String, Object> shown = line(run.line());
        shown.put("tenants", run.tenants());
        return shown;
    }

    static Map<String, Object> line(Line line) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("line", line.number().toString());
        shown.put("latest", line.latest().toString());
        shown.put("since", line.since().toString());
        shown.put("standing", line.standing().word());
        line.until().ifPresent(until -> shown.put("until", until.toString()));
        shown.put("because", line.because());
        return shown;
    }

    private static Map<String, Object> tenant(SupportDesk.Supported supported) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", supported.tenant().tenant());
        shown.put("account", supported.tenant().account());
        shown.put("ring", supported.tenant().ring());
        shown.put("version", supported.tenant().version().toString());
        supported.line().ifPresent(line -> {
            shown.put("line", line.number().toString());
            shown.put("standing", line.standing().word());
            line.until().ifPresent(until -> shown.put("until", until.toString()));
        });
        return shown;
    }
}
