package dev.upkeep.planner.intake;

import dev.upkeep.access.core.Roles;
import dev.upkeep.contract.audit.Head;
import dev.upkeep.contract.audit.Inspection.Owner;
import dev.upkeep.contract.audit.Inspection.Trouble;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.desk.AuditDesk;
import dev.upkeep.planner.desk.Declined;
import dev.upkeep.planner.desk.Notary;
import dev.upkeep.planner.store.Json;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The audit log for those who check it: its chains, its links with their hashes, the heads that were published. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class AuditResource {
    private final AuditDesk desk;
    private final Notary notary;

    AuditResource(AuditDesk desk, Notary notary) {
        this.desk = desk;
        this.notary = notary;
    }

    /** Whether a tenant's log is as it was written. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants/{tenant}/audit")
    public Uni<Map<String, Object>> ofTenant(@PathParam("tenant") String tenant) {
        return desk.audit("tenant:" + tenant).map(AuditResource::shown);
    }

    /** Whether a product's log is as it was written. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}/audit")
    public Uni<Map<String, Object>> ofProduct(@PathParam("product") String product) {
        return desk.audit("product:" + product).map(AuditResource::shown);
    }

    private static Map<String, Object> shown(AuditDesk.Audit audit) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("chain", audit.owner().chain());
        answer.put("entries", audit.owner().place());
        answer.put("head", audit.owner().hash());
        answer.put("intact", audit.trouble().isEmpty());
        answer.put("broken", audit.trouble().stream().map(Trouble::place).toList());
        audit.trouble().ifPresent(trouble -> answer.put("reason", trouble.what()));
        return answer;
    }

    /** A page of chains with the head that each one's owner keeps, in the order of their names by their bytes. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/audit/chains")
    public Uni<Map<String, Object>> chains(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return desk.chains(cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found, found.size() < most ? null : found.getLast().chain()));
    }

    /** One chain's head, as its owner keeps it. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/audit/chains/{chain}")
    public Uni<Owner> chain(@PathParam("chain") String chain) {
        return desk.chain(chain);
    }

    /** A page of links, of one chain or of all: chain by chain, each from its first place on. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/audit/links")
    public Uni<Map<String, Object>> links(
            @QueryParam("chain") @Nullable String chain,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        At at = At.of(cursor);
        Uni<List<Link>> page =
                chain == null ? desk.allLinks(at.chain(), at.place(), most) : desk.links(chain, at.place(), most);
        return page.map(found -> Answers.page(
                found.stream().map(link -> Json.shared().valueToTree(link)).toList(),
                found.size() < most
                        ? null
                        : new At(found.getLast().chain(), found.getLast().place()).toString()));
    }

    /** The key that heads are checked with; whoever checks should have it from elsewhere. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/audit/key")
    @RunOnVirtualThread
    public Map<String, String> key() throws IOException {
        return Map.of("algorithm", "Ed25519", "publicKey", notary.publicKey());
    }

    /** A page of the heads that this planner has published, after a number. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/audit/heads")
    @RunOnVirtualThread
    public Map<String, Object> heads(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit)
            throws IOException {
        int most = Answers.limit(limit);
        List<Head> found = notary.heads(number(cursor == null ? "0" : cursor), most);
        return Answers.page(
                found.stream().map(head -> Json.shared().valueToTree(head)).toList(),
                found.size() < most ? null : Long.toString(found.getLast().number()));
    }

    /** Publishes the heads of what was written since the last time, now. */
    @POST
    @RolesAllowed(Roles.OPERATOR)
    @Path("/audit/heads")
    @RunOnVirtualThread
    public Map<String, Object> publish()
            throws IOException, GeneralSecurityException, ExecutionException, TimeoutException, InterruptedException {
        return Map.of("published", notary.publish());
    }

    private static long number(String cursor) {
        try {
            return Long.parseLong(cursor);
        } catch (NumberFormatException notOurs) {
            throw unreadable(cursor);
        }
    }

    private static Declined unreadable(String cursor) {
        return Declined.because(
                400,
                "cursor-invalid",
                "/cursor",
                "'" + cursor + "' was not given out here",
                "pass on what 'next' said");
    }

    /** Where a reader of links is. */
    private record At(String chain, long place) {
        static At of(@Nullable String cursor) {
            if (cursor == null) {
                return new At("", 0);
            }
            int at = cursor.lastIndexOf('@');
            if (at < 0) {
                throw unreadable(cursor);
            }
            return new At(cursor.substring(0, at), number(cursor.substring(at + 1)));
        }

        @Override
        public String toString() {
            return chain + "@" + place;
        }
    }
}
