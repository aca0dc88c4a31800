package dev.upkeep.notifier.intake;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.notifier.channel.Channels;
import dev.upkeep.notifier.core.ChannelName;
import dev.upkeep.notifier.core.Subscription;
import dev.upkeep.notifier.desk.SubscriptionDesk;
import dev.upkeep.notifier.desk.SubscriptionDesk.Absent;
import dev.upkeep.notifier.desk.SubscriptionDesk.Changed;
import dev.upkeep.notifier.desk.SubscriptionDesk.Made;
import dev.upkeep.notifier.desk.SubscriptionDesk.Outdated;
import dev.upkeep.notifier.desk.SubscriptionDesk.Removed;
import dev.upkeep.notifier.intake.Problem.Mistake;
import dev.upkeep.notifier.store.Subscriptions.Kept;
import dev.upkeep.secrets.References;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jspecify.annotations.Nullable;

/** Who is told of what. */
@Path("/v1/subscriptions")
@Produces(MediaType.APPLICATION_JSON)
public class SubscriptionsResource {
    private final SubscriptionDesk desk;
    private final Channels channels;
    private final CurrentCaller caller;

    SubscriptionsResource(SubscriptionDesk desk, Channels channels, CurrentCaller caller) {
        this.desk = desk;
        this.channels = channels;
        this.caller = caller;
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Operation(summary = "Lists the subscriptions by id, a page at a time.")
    public Uni<Response> list(
            @QueryParam("cursor") @DefaultValue("") String cursor,
            @QueryParam("limit") @DefaultValue("100") String limit) {
        return Paging.of(
                limit,
                page -> desk.page(cursor, page)
                        .map(found -> Response.ok(new Page(
                                        found.stream()
                                                .map(SubscriptionsResource::shown)
                                                .toList(),
                                        found.size() < page
                                                ? null
                                                : found.getLast().subscription().id()))
                                .build()));
    }

    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/{id}")
    @Operation(summary = "Shows a subscription; its ETag is for If-Match.")
    public Uni<Response> show(@PathParam("id") String id) {
        return desk.find(id)
                .map(found -> found.map(kept -> ok(Response.Status.OK, kept)).orElseGet(() -> absent(id)));
    }

    @PUT
    @RolesAllowed(Roles.OPERATOR)
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            summary = "Makes or changes a subscription: channel, to, and optionally product, tenant, account, events.")
    public Uni<Response> put(@PathParam("id") String id, @HeaderParam("If-Match") @Nullable String match, String body) {
        return expecting(match, expected -> switch (SubscriptionDocument.read(id, body, channels)) {
            case SubscriptionDocument.Wrong(var mistakes) ->
                Uni.createFrom()
                        .item(Problem.of(
                                        400,
                                        "subscription-invalid",
                                        "the subscription was not taken, nothing changed",
                                        mistakes)
                                .response());
            case SubscriptionDocument.Right(var subscription) ->
                desk.put(subscription, expected, caller.name()).map(change -> switch (change) {
                    case Made(var now) ->
                        Response.fromResponse(ok(Response.Status.CREATED, now))
                                .location(URI.create("/v1/subscriptions/" + id))
                                .build();
                    case Changed(var now) -> ok(Response.Status.OK, now);
                    case Outdated(var revision) -> outdated(revision, match);
                });
        });
    }

    @DELETE
    @RolesAllowed(Roles.OPERATOR)
    @Path("/{id}")
    @Operation(summary = "Ends a subscription; what was to be told already is still delivered.")
    public Uni<Response> remove(@PathParam("id") String id, @HeaderParam("If-Match") @Nullable String match) {
        return expecting(
                match,
                expected -> desk.remove(id, expected, caller.name()).map(removal -> switch (removal) {
                    case Removed done -> Response.noContent().build();
                    case Absent none -> absent(id);
                    case Outdated(var revision) -> outdated(revision, match);
                }));
    }

    private static Uni<Response> expecting(@Nullable String match, Function<IfMatch, Uni<Response>> change) {
        IfMatch expected;
        try {
            expected = IfMatch.of(match);
        } catch (IllegalArgumentException malformed) {
            return Uni.createFrom()
                    .item(Problem.of(
                                    400,
                                    "header-invalid",
                                    "nothing changed",
                                    List.of(new Mistake(
                                            "/If-Match",
                                            String.valueOf(malformed.getMessage()),
                                            "send the ETag that you read, with its quotes, such as \"3\"")))
                            .response());
        }
        return change.apply(expected);
    }

    private static Response outdated(int revision, @Nullable String match) {
        return Problem.of(
                        412,
                        "subscription-changed",
                        "the subscription is at revision " + revision + ", not at " + match,
                        List.of(new Mistake(
                                "/If-Match",
                                "somebody else has changed it since",
                                "GET it, make your change again, and send its new ETag")))
                .response();
    }

    private static Response ok(Response.Status status, Kept kept) {
        return Response.status(status)
                .header("ETag", "\"" + kept.revision() + "\"")
                .entity(shown(kept))
                .build();
    }

    private static Response absent(String id) {
        return Problem.of(
                        404,
                        "subscription-unknown",
                        "there is no subscription '" + id + "'",
                        List.of(new Mistake("/id", "there is no such subscription", "see GET /v1/subscriptions")))
                .response();
    }

    private static Shown shown(Kept kept) {
        Subscription s = kept.subscription();
        return new Shown(
                s.id(),
                s.channel().word(),
                visible(s),
                s.product() == null ? null : s.product().value(),
                s.tenant() == null ? null : s.tenant().value(),
                s.account() == null ? null : s.account().value(),
                s.events().isEmpty() ? SubscriptionDocument.EVENTS : s.events(),
                kept.revision());
    }

    /** Who has a webhook's URL can post: only its host is shown. */
    private static String visible(Subscription s) {
        return s.channel() == ChannelName.MAIL || References.is(s.to())
                ? s.to()
                : URI.create(s.to()).resolve("/").toString() + "…";
    }

    /** One page and where the next begins, null after the last. */
    public record Page(List<Shown> items, @Nullable String next) {}

    /** A subscription as it is shown. */
    public record Shown(
            String id,
            String channel,
            String to,
            @Nullable String product,
            @Nullable String tenant,
            @Nullable String account,
            Collection<String> events,
            int revision) {}
}
