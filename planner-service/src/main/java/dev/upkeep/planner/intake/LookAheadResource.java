package dev.upkeep.planner.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.planner.core.Agenda;
import dev.upkeep.planner.core.Preview;
import dev.upkeep.planner.core.forecast.Outlook;
import dev.upkeep.planner.desk.LookAhead;
import dev.upkeep.planner.runbook.Runbook;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What would be, and what is to come: plans, runbooks, forecasts and calendars. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class LookAheadResource {
    private static final Duration QUARTER = Duration.ofDays(92);
    private static final String MARKDOWN = "text/markdown;charset=UTF-8";
    private static final String CALENDAR = ICalendar.TYPE + ";charset=UTF-8";

    private final LookAhead ahead;

    LookAheadResource(LookAhead ahead) {
        this.ahead = ahead;
    }

    /** Every hop of a tenant's upgrade with its steps and its ways back, or why there is no way. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants/{tenant}/plan")
    public Uni<Map<String, Object>> plan(@PathParam("tenant") String tenant, @QueryParam("to") @Nullable String to) {
        return ahead.plan(tenant, Optional.ofNullable(to)).map(LookAheadResource::shown);
    }

    /** The same as a page for a person who carries it out by hand. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants/{tenant}/runbook")
    @Produces(MARKDOWN)
    public Uni<String> runbook(@PathParam("tenant") String tenant, @QueryParam("to") @Nullable String to) {
        return ahead.plan(tenant, Optional.ofNullable(to)).map(Runbook::markdown);
    }

    /** When each ring of a rollout would be done, who would be blocked and by what; {@code version} is else the latest. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}/forecast")
    public Uni<Map<String, Object>> forecast(
            @PathParam("product") String product,
            @QueryParam("version") @Nullable String version,
            @QueryParam("leave-out") @DefaultValue("false") boolean leaveOut) {
        return ahead.forecast(product, Optional.ofNullable(version), leaveOut).map(LookAheadResource::shown);
    }

    /** What lies ahead of a tenant; {@code ahead} is how far is looked, such as {@code P30D}. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/tenants/{tenant}/calendar")
    public Uni<Map<String, Object>> ofTenant(
            @PathParam("tenant") String tenant, @QueryParam("ahead") @Nullable String span) {
        return ahead.ofTenant(tenant, Questions.span("ahead", span, QUARTER)).map(LookAheadResource::shown);
    }

    /** The same for calendar programs. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/tenants/{tenant}/calendar.ics")
    @Produces(CALENDAR)
    public Uni<String> icsOfTenant(@PathParam("tenant") String tenant, @QueryParam("ahead") @Nullable String span) {
        return ahead.ofTenant(tenant, Questions.span("ahead", span, QUARTER)).map(LookAheadResource::written);
    }

    /** What lies ahead of a product. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}/calendar")
    public Uni<Map<String, Object>> ofProduct(
            @PathParam("product") String product, @QueryParam("ahead") @Nullable String span) {
        return ahead.ofProduct(product, Questions.span("ahead", span, QUARTER)).map(LookAheadResource::shown);
    }

    /** The same for calendar programs. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}/calendar.ics")
    @Produces(CALENDAR)
    public Uni<String> icsOfProduct(@PathParam("product") String product, @QueryParam("ahead") @Nullable String span) {
        return ahead.ofProduct(product, Questions.span("ahead", span, QUARTER)).map(LookAheadResource::written);
    }

    private static Map<String, Object> shown(Preview preview) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("tenant", preview.tenant().value());
        shown.put("from", preview.from().toString());
        shown.put("to", preview.to().toString());
        shown.put("hops", preview.hops().stream().map(LookAheadResource::shown).toList());
        shown.put("noWay", preview.noWay());
        shown.put(
                "blockers",
                preview.blockers().stream().map(UpgradeResource::blocker).toList());
        preview.earliest().ifPresent(at -> shown.put("earliest", at.toString()));
        shown.put(
                "notes",
                preview.notes().stream()
                        .map(note -> Map.of(
                                "version", note.version().toString(),
                                "lines", note.lines(),
                                "triggers", new TreeSet<>(note.triggers()),
                                "link", note.link()))
                        .toList());
        return shown;
    }

    private static Map<String, Object> shown(Preview.Hop hop) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("from", hop.plan().from().toString());
        shown.put("to", hop.plan().to().toString());
        shown.put("takes", hop.forward().toString());
        shown.put("undoTakes", hop.back().toString());
        shown.put("plan", UpgradeResource.plan(hop.plan()));
        shown.put(
                "estimates",
                hop.parts().stream()
                        .map(part -> Map.of("takes", part.takes().toString(), "because", part.because()))
                        .toList());
        return shown;
    }

    private static Map<String, Object> shown(LookAhead.Foretold foretold) {
        Outlook outlook = foretold.outlook();
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("product", foretold.product());
        shown.put("version", foretold.version().toString());
        shown.put("from", outlook.from().toString());
        shown.put("until", outlook.until().toString());
        shown.put(
                "rings", outlook.rings().stream().map(LookAheadResource::shown).toList());
        shown.put(
                "blocked",
                outlook.blocked().stream()
                        .map(barred -> Map.of(
                                "rule", barred.rule(), "tenants", barred.tenants(), "examples", examples(barred)))
                        .toList());
        return shown;
    }

    private static List<Map<String, String>> examples(Outlook.Barred barred) {
        return barred.examples().stream()
                .map(one -> Map.of("tenant", one.tenant().value(), "fact", one.fact()))
                .toList();
    }

    private static Map<String, Object> shown(Outlook.Ring ring) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("ring", ring.name().value());
        shown.put("tenants", ring.tenants());
        shown.put("done", ring.done());
        shown.put("blocked", ring.blocked());
        shown.put("late", ring.late());
        ring.opens().ifPresent(at -> shown.put("opens", at.toString()));
        ring.half().ifPresent(at -> shown.put("half", at.toString()));
        ring.most().ifPresent(at -> shown.put("most", at.toString()));
        ring.finishes().ifPresent(at -> shown.put("finishes", at.toString()));
        shown.put("because", ring.because());
        return shown;
    }

    private static Map<String, Object> shown(LookAhead.Ahead found) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("of", found.of());
        shown.put("now", found.now().toString());
        shown.put("items", found.items().stream().map(LookAheadResource::shown).toList());
        return shown;
    }

    private static Map<String, Object> shown(Agenda.Item item) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("at", item.isDay() ? day(item).toString() : item.at().toString());
        item.to().ifPresent(to -> shown.put("to", to.toString()));
        shown.put("kind", item.kind().word());
        shown.put("what", item.what());
        return shown;
    }

    private static LocalDate day(Agenda.Item item) {
        return LocalDate.ofInstant(item.at(), ZoneOffset.UTC);
    }

    private static String written(LookAhead.Ahead found) {
        ICalendar calendar = new ICalendar("Upkeep: " + found.of(), found.now());
        for (Agenda.Item item : found.items()) {
            // The same thing has the same name whenever it is asked for, so that a calendar moves it rather than show
            // it
            // twice; of windows and freezes there are many, and their time tells them apart.
            boolean recurs = item.kind() == Agenda.Kind.WINDOW || item.kind() == Agenda.Kind.FREEZE;
            String uid = item.kind().word() + "-"
                    + (recurs
                            ? Long.toString(item.at().getEpochSecond())
                            : Integer.toHexString(item.what().hashCode()))
                    + "-" + found.of() + "@upkeep";
            if (item.isDay()) {
                calendar.day(uid, day(item), item.kind().word(), found.of() + ": " + item.what(), "");
            } else {
                calendar.event(uid, item.at(), item.to(), item.kind().word(), found.of() + ": " + item.what(), "");
            }
        }
        return calendar.written();
    }
}
