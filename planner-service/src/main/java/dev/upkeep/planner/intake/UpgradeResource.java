package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.Estimate;
import dev.upkeep.planner.core.Plan;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Step;
import dev.upkeep.planner.core.Way;
import dev.upkeep.planner.desk.AbortDesk;
import dev.upkeep.planner.desk.Enquiries;
import dev.upkeep.planner.desk.HoldDesk;
import dev.upkeep.planner.store.Json;
import dev.upkeep.planner.store.Readings;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Upgrades: their plans, where they are, why they do not start, and ways out of a hold. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class UpgradeResource {
    private final Enquiries enquiries;
    private final HoldDesk holds;
    private final AbortDesk aborts;
    private final CurrentCaller caller;

    UpgradeResource(Enquiries enquiries, HoldDesk holds, AbortDesk aborts, CurrentCaller caller) {
        this.enquiries = enquiries;
        this.holds = holds;
        this.aborts = aborts;
        this.caller = caller;
    }

    /** An upgrade: plan with undo routes, runs of steps, state, facts, evidence. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/upgrades/{upgrade}")
    public Uni<Response> show(@PathParam("upgrade") String upgrade) {
        return enquiries.upgrade(upgrade).map(this::tagged);
    }

    /** A tenant's latest upgrade. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/tenants/{tenant}/upgrade")
    public Uni<Response> latest(@PathParam("tenant") String tenant) {
        return enquiries.latest(tenant).map(this::tagged);
    }

    /** Everything that keeps a tenant's upgrade from starting now. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/tenants/{tenant}/why")
    public Uni<Map<String, Object>> why(@PathParam("tenant") String tenant) {
        return enquiries.why(tenant).map(why -> {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("tenant", why.tenant());
            answer.put("state", why.state());
            answer.put(
                    "blockers",
                    why.blockers().stream().map(UpgradeResource::blocker).toList());
            answer.put("warnings", why.warnings());
            why.estimate().ifPresent(estimate -> answer.put("estimate", estimate(estimate)));
            why.announced().ifPresent(told -> answer.put("announced", announced(told)));
            return answer;
        });
    }

    private static Map<String, Object> estimate(Estimate estimate) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("forward", estimate.forward().toString());
        shown.put("undo", estimate.undo().toString());
        shown.put(
                "steps",
                estimate.parts().stream()
                        .map(part -> Map.of(
                                "step", part.step().value(),
                                "takes", part.takes().toString(),
                                "because", part.because()))
                        .toList());
        return shown;
    }

    private static Map<String, Object> announced(Announcement told) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("revision", told.revision());
        shown.put("notBefore", told.notBefore().toString());
        shown.put("bump", told.bump().name().toLowerCase(Locale.ROOT));
        shown.put("downtime", told.downtime().toString());
        return shown;
    }

    /** Decides about a held upgrade: {@code {"way": …, "note": …}}. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/upgrades/{upgrade}/resolution")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> resolve(
            @PathParam("upgrade") String upgrade,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "way", "note");
        return holds.resolve(
                        upgrade,
                        Answers.ifMatch(ifMatch),
                        request.path("way").asText(""),
                        caller.name(),
                        request.path("note").asText(""))
                .chain(() -> enquiries.upgrade(upgrade))
                .map(this::tagged);
    }

    /** Ends an upgrade, wherever it is: {@code {"reason": …}}; {@code next} says what happens next. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/upgrades/{upgrade}/abort")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<Response> abort(
            @PathParam("upgrade") String upgrade,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        JsonNode request = Answers.request(body, "reason");
        return aborts.abort(
                        upgrade,
                        Answers.ifMatch(ifMatch),
                        caller.name(),
                        request.path("reason").asText(""))
                .chain(next -> enquiries.upgrade(upgrade).map(one -> {
                    Map<String, Object> answer = shown(one);
                    answer.put("next", next);
                    return Answers.tagged(answer, one.upgrade().revision());
                }));
    }

    /** An upgrade as whoever asks is shown it. */
    private Response tagged(Enquiries.OneUpgrade one) {
        Map<String, Object> shown = shown(one);
        return Answers.tagged(
                caller.isCustomer() ? CustomersView.upgrade(shown) : shown,
                one.upgrade().revision());
    }

    static Map<String, Object> blocker(Blocker blocker) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("rule", blocker.rule());
        shown.put("fact", blocker.fact());
        blocker.until().ifPresent(until -> shown.put("until", until.toString()));
        return shown;
    }

    private static Map<String, Object> shown(Enquiries.OneUpgrade one) {
        Readings.Shown upgrade = one.upgrade();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", upgrade.id().value());
        shown.put("rollout", upgrade.rollout().value());
        shown.put("tenant", upgrade.tenant().value());
        shown.put("account", upgrade.account());
        shown.put("product", upgrade.product());
        shown.put("from", upgrade.from().toString());
        shown.put("to", upgrade.to().toString());
        shown.put("installed", upgrade.hops().runs().toString());
        shown.put("hop", upgrade.hops().begun());
        shown.put(
                "ahead", upgrade.hops().ahead().stream().map(Version::toString).toList());
        shown.put("ring", upgrade.ring());
        shown.put("state", Enquiries.word(upgrade.state().phase()));
        shown.put("step", upgrade.step());
        shown.put("reason", RolloutResource.reason(upgrade.state()));
        upgrade.abort().ifPresent(cause -> shown.put("abort", cause));
        shown.put("waysOut", waysOut(upgrade.state()));
        shown.put("because", because(upgrade.state()));
        shown.put("announcedAt", upgrade.announcedAt().toString());
        upgrade.startedAt().ifPresent(at -> shown.put("startedAt", at.toString()));
        upgrade.endedAt().ifPresent(at -> shown.put("endedAt", at.toString()));
        // What a try that was postponed found and planned is no longer so: it begins anew.
        boolean hasBegun = upgrade.startedAt().isPresent();
        shown.put("facts", hasBegun ? upgrade.facts() : Map.of());
        shown.put("runs", runs(one.entries()));
        upgrade.plan().filter(plan -> hasBegun).ifPresent(plan -> shown.put("plan", plan(plan)));
        shown.put("timeline", one.entries().stream().map(RolloutResource::entry).toList());
        return shown;
    }

    private static List<String> waysOut(State state) {
        return state instanceof State.Held held
                ? held.ways().stream().map(Way::told).toList()
                : List.of();
    }

    private static JsonNode because(State state) {
        List<?> findings = switch (state) {
            case State.RolledBack s -> s.cause().because();
            case State.Backward s -> s.cause().because();
            case State.Confirmed s -> s.evidence();
            case State.Held s -> List.of();
            case State.Waiting s -> List.of();
            case State.BetweenHops s -> List.of();
            case State.Forward s -> List.of();
            case State.Closing s -> List.of();
            case State.Aborted s -> List.of();
        };
        return Json.shared().valueToTree(findings);
    }

    /** Each attempt that was asked for, with what came of it. */
    private static List<Map<String, Object>> runs(List<Timeline.Shown> entries) {
        List<Map<String, Object>> runs = new ArrayList<>();
        for (Timeline.Shown entry : entries) {
            if (entry.kind().equals("step-requested")) {
                Map<String, Object> run = new LinkedHashMap<>();
                String[] title = entry.text().split(" ", 3);
                run.put("step", entry.step());
                run.put("action", title[0]);
                run.put("component", title.length > 1 ? title[1] : "");
                run.put("attempt", entry.details().getOrDefault("attempt", ""));
                run.put("askedAt", entry.at().toString());
                run.put("outcome", "asked");
                run.put("summary", "");
                runs.add(run);
            } else if (!runs.isEmpty() && entry.step().equals(runs.getLast().get("step"))) {
                outcome(entry.kind()).ifPresent(outcome -> {
                    runs.getLast().put("outcome", outcome);
                    runs.getLast().put("summary", entry.text());
                    runs.getLast().put("answeredAt", entry.at().toString());
                    runs.getLast().put("details", entry.details());
                });
            }
        }
        return runs;
    }

    private static Optional<String> outcome(String kind) {
        return switch (kind) {
            case "step-succeeded" -> Optional.of("succeeded");
            case "step-failed" -> Optional.of("failed");
            case "step-uncertain" -> Optional.of("uncertain");
            case "verdict-confirm" -> Optional.of("confirm");
            case "verdict-rollback" -> Optional.of("rollback");
            case "verdict-hold" -> Optional.of("hold");
            default -> Optional.empty();
        };
    }

    static Map<String, Object> plan(Plan plan) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("from", plan.from().toString());
        shown.put("to", plan.to().toString());
        shown.put("forward", plan.forward().stream().map(UpgradeResource::step).toList());
        Map<String, Object> undo = new LinkedHashMap<>();
        plan.undo().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(route -> undo.put(
                        route.getKey().name().toLowerCase(Locale.ROOT),
                        route.getValue().stream().map(UpgradeResource::step).toList()));
        shown.put("undo", undo);
        return shown;
    }

    private static Map<String, Object> step(Step step) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", step.id().value());
        shown.put("action", step.action().word());
        shown.put("component", step.component().value());
        shown.put("deadline", step.deadline().toString());
        return shown;
    }
}
