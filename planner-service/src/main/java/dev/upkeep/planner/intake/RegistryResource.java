package dev.upkeep.planner.intake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.access.core.Roles;
import dev.upkeep.access.intake.CurrentCaller;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.desk.Registry;
import dev.upkeep.planner.document.Text;
import dev.upkeep.planner.store.Products.KeptDocument;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Products, releases and tenants. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
public class RegistryResource {
    private static final String YAML = "application/yaml";

    private final Registry registry;
    private final CurrentCaller caller;

    RegistryResource(Registry registry, CurrentCaller caller) {
        this.registry = registry;
        this.caller = caller;
    }

    /** Adds a product or changes its descriptor. */
    @PUT
    @RolesAllowed(Roles.OPERATOR)
    @Path("/products/{product}")
    @Consumes({MediaType.APPLICATION_JSON, YAML, "application/x-yaml", "text/yaml"})
    public Uni<Response> putProduct(
            @PathParam("product") String product,
            @HeaderParam("Content-Type") @Nullable String contentType,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        return registry.putProduct(
                        product, Answers.document(contentType, body), Answers.ifMatch(ifMatch), caller.name())
                .map(Answers::taken);
    }

    /** A page of products' descriptors. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products")
    public Uni<Map<String, Object>> products(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return registry.products(cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        trees(found),
                        found.size() < most ? null : found.getLast().name()));
    }

    /** A product's descriptor. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}")
    public Uni<Response> product(@PathParam("product") String product) {
        return registry.product(product).map(found -> Answers.tagged(Text.stored(found.text()), found.revision()));
    }

    /** Publishes a release. */
    @PUT
    @RolesAllowed(Roles.OPERATOR)
    @Path("/products/{product}/releases/{version}")
    @Consumes({MediaType.APPLICATION_JSON, YAML, "application/x-yaml", "text/yaml"})
    public Uni<Response> putRelease(
            @PathParam("product") String product,
            @PathParam("version") String version,
            @HeaderParam("Content-Type") @Nullable String contentType,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        return registry.putRelease(
                        product, version, Answers.document(contentType, body), Answers.ifMatch(ifMatch), caller.name())
                .map(Answers::taken);
    }

    /** A page of a product's releases; one that was recalled says by whom and why under {@code recalled}. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/products/{product}/releases")
    public Uni<Map<String, Object>> releases(
            @PathParam("product") String product,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return registry.releases(product, cursor == null ? "" : cursor, most)
                .chain(found -> registry.recalled(product)
                        .map(recalled -> Answers.page(
                                trees(found).stream()
                                        .map(release -> marked(release, recalled))
                                        .toList(),
                                found.size() < most ? null : found.getLast().name())));
    }

    private static JsonNode marked(JsonNode release, Map<String, Recall> recalled) {
        Recall recall = recalled.get(release.path("version").asText());
        if (recall == null) {
            return release;
        }
        ObjectNode marked = release.deepCopy();
        marked.putObject("recalled")
                .put("by", recall.by())
                .put("reason", recall.reason())
                .put("at", recall.at().toString())
                .put("goBack", recall.goBack());
        return marked;
    }

    /** Adds a tenant or changes its document. */
    @PUT
    @RolesAllowed(Roles.OPERATOR)
    @Path("/tenants/{tenant}")
    @Consumes({MediaType.APPLICATION_JSON, YAML, "application/x-yaml", "text/yaml"})
    public Uni<Response> putTenant(
            @PathParam("tenant") String tenant,
            @HeaderParam("Content-Type") @Nullable String contentType,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            @Nullable String body) {
        return registry.putTenant(tenant, Answers.document(contentType, body), Answers.ifMatch(ifMatch), caller.name())
                .map(Answers::taken);
    }

    /** A page of tenants; {@code cursor} is the last page's {@code next}. */
    @GET
    @RolesAllowed(Roles.VIEWER)
    @Path("/tenants")
    public Uni<Map<String, Object>> tenants(
            @QueryParam("cursor") @Nullable String cursor, @QueryParam("limit") @Nullable String limit) {
        int most = Answers.limit(limit);
        return registry.tenants(cursor == null ? "" : cursor, most)
                .map(found -> Answers.page(
                        found.stream().map(Registry::shown).toList(),
                        found.size() < most
                                ? null
                                : found.getLast().tenant().id().value()));
    }

    /** A tenant, with what is installed now; to its customer, without its components' settings. */
    @GET
    @RolesAllowed({Roles.VIEWER, Roles.CUSTOMER})
    @Path("/tenants/{tenant}")
    public Uni<Response> tenant(@PathParam("tenant") String tenant) {
        boolean isCustomers = caller.isCustomer();
        return registry.tenant(tenant).map(found -> shown(found, isCustomers));
    }

    private static Response shown(KeptTenant found, boolean isCustomers) {
        return Response.ok(isCustomers ? CustomersView.tenant(Registry.shown(found)) : Registry.shown(found))
                .header("ETag", "\"" + found.revision() + "\"")
                .build();
    }

    private static List<JsonNode> trees(List<KeptDocument> documents) {
        return documents.stream().map(d -> Text.stored(d.text())).toList();
    }
}
