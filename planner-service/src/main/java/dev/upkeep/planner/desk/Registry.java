package dev.upkeep.planner.desk;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.access.core.IfMatch;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.document.Problem;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.Refused;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.TenantDocument;
import dev.upkeep.planner.document.Text;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Takes in products, releases and tenants; a document that is refused changes nothing. */
@ApplicationScoped
public class Registry {

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Herald herald;
    private final Timeline timeline;
    private final ProductLog log;

    Registry(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Tenants tenants,
            Upgrades upgrades,
            Herald herald,
            Timeline timeline,
            ProductLog log) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.herald = herald;
        this.timeline = timeline;
        this.log = log;
    }

    /**
     * What a document came to.
     *
     * @param isNew whether it was not there before
     * @param revision its revision, for If-Match
     */
    public record Taken(JsonNode document, boolean isNew, long revision) {}

    /** Adds a product or changes its descriptor; {@code by} says who asked for it. */
    public Uni<Taken> putProduct(String name, JsonNode document, IfMatch ifMatch, String by) {
        Product product;
        try {
            product = ProductDocument.read(document);
            sameName(document, "product", name);
        } catch (Refused refused) {
            return Uni.createFrom().failure(declined(refused));
        }
        String text = Text.canonical(document);
        return sessions.withTransaction((session, tx) -> products.lock(session, product.name())
                .chain(() -> products.find(session, product.name()))
                .chain(before -> {
                    Declined.unless(ifMatch, before.map(Products.KeptDocument::revision));
                    if (before.isPresent() && before.get().text().equals(text)) {
                        return Uni.createFrom()
                                .item(new Taken(document, false, before.get().revision()));
                    }
                    return products.put(session, product.name(), text, now())
                            .chain(() -> log.ofProduct(session, product.name(), applied(before, by), now()))
                            .replaceWith(new Taken(
                                    document,
                                    before.isEmpty(),
                                    before.map(b -> b.revision() + 1).orElse(1L)));
                }));
    }

    /** Publishes a release that contradicts nothing; it can't be changed afterwards. */
    public Uni<Taken> putRelease(String productName, String version, JsonNode document, IfMatch ifMatch, String by) {
        ProductName product = name("product", productName, ProductName::new);
        return sessions.withTransaction((session, tx) -> products.lock(session, product)
                .chain(() -> catalogue(session, productName))
                .chain(catalogue -> {
                    Release release;
                    try {
                        release = ReleaseDocument.read(document, catalogue.product());
                        sameName(document, "product", productName);
                        sameName(document, "version", version);
                    } catch (Refused refused) {
                        return Uni.createFrom().failure(declined(refused));
                    }
                    JsonNode kept = ReleaseDocument.kept(document);
                    Declined.unless(
                            ifMatch, catalogue.release(release.version()).map(there -> 1L));
                    if (catalogue.release(release.version()).isPresent()) {
                        return sameRelease(session, release, kept);
                    }
                    try {
                        ReleaseDocument.check(document, catalogue.product(), release, catalogue.releases());
                    } catch (Refused refused) {
                        return Uni.createFrom().failure(new Declined(422, "release-contradictory", refused.problems()));
                    }
                    return products.publish(session, release, Text.canonical(kept), now())
                            .chain(published -> published
                                    ? log.ofProduct(session, release.product(), published(release, by), now())
                                            .replaceWith(new Taken(kept, true, 1))
                                    : sameRelease(session, release, kept));
                }));
    }

    private static Entry applied(Optional<Products.KeptDocument> before, String by) {
        return before.isEmpty()
                ? new Entry(
                        "product-registered",
                        "",
                        "its descriptor was taken in from " + by,
                        Map.of("revision", "1", "by", by))
                : new Entry(
                        "product-changed",
                        "",
                        "its descriptor was changed by " + by,
                        Map.of("revision", Long.toString(before.get().revision() + 1), "by", by));
    }

    private static Entry published(Release release, String by) {
        return new Entry(
                "release-published",
                "",
                "release " + release.version() + " was published by " + by,
                Map.of("version", release.version().toString(), "by", by));
    }

    private Uni<Taken> sameRelease(Mutiny.Session session, Release release, JsonNode document) {
        return products.release(session, release.product(), release.version()).map(there -> {
            if (there.isPresent() && Text.canonical(there.get()).equals(Text.canonical(document))) {
                return new Taken(document, false, 1);
            }
            throw Declined.because(
                    409,
                    "release-immutable",
                    "/version",
                    "release " + release.version() + " of " + release.product() + " was published with other content",
                    "publish the change under a new version");
        });
    }

    /**
     * Adds a tenant or changes its document; what is installed is only taken when it is new, and without it, it begins
     * with the product's latest release.
     */
    public Uni<Taken> putTenant(String name, JsonNode document, IfMatch ifMatch, String by) {
        String productName = document.path("product").asText("");
        return sessions.withTransaction((session, tx) -> catalogueOf(session, productName)
                // Upgrades are locked before tenants, as everywhere.
                .call(catalogue -> names(name) ? upgrades.lockWaiting(session, List.of(new TenantId(name))) : nothing())
                .chain(catalogue -> tenants.lock(session, List.of(name)).chain(found -> {
                    Optional<KeptTenant> before = found.stream().findFirst();
                    JsonNode whole = versioned(document, catalogue, before);
                    Tenant tenant;
                    try {
                        tenant = TenantDocument.read(whole, catalogue.product());
                        sameName(whole, "tenant", name);
                    } catch (Refused refused) {
                        return Uni.createFrom().failure(declined(refused));
                    }
                    return take(session, tenant, whole, ifMatch, before, by)
                            .call(() -> tenants.lock(session, List.of(name))
                                    .chain(changed -> herald.look(session, changed, now())));
                })));
    }

    private static boolean names(String tenant) {
        try {
            return new TenantId(tenant).value().equals(tenant);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static Uni<Void> nothing() {
        return Uni.createFrom().voidItem();
    }

    private static JsonNode versioned(JsonNode document, Catalogue catalogue, Optional<KeptTenant> before) {
        if (document.has("version") || !document.isObject()) {
            return document;
        }
        Optional<String> version = before.map(
                        kept -> kept.document().path("version").asText())
                .or(() -> catalogue.latest().map(Version::toString));
        ObjectNode whole = document.deepCopy();
        version.ifPresent(v -> whole.put("version", v));
        return whole;
    }

    private Uni<Taken> take(
            Mutiny.Session session,
            Tenant tenant,
            JsonNode document,
            IfMatch ifMatch,
            Optional<KeptTenant> before,
            String by) {
        Declined.unless(ifMatch, before.map(KeptTenant::revision));
        String text = Text.canonical(document);
        if (before.isPresent() && Text.canonical(before.get().document()).equals(text)) {
            return Uni.createFrom().item(new Taken(document, false, before.get().revision()));
        }
        if (before.isPresent() && !before.get().tenant().product().equals(tenant.product())) {
            return Uni.createFrom()
                    .failure(Declined.because(
                            409,
                            "product-fixed",
                            "/product",
                            "tenant " + tenant.id() + " has product "
                                    + before.get().tenant().product(),
                            "register another tenant for another product"));
        }
        Instant now = now();
        Entry entry = before.isEmpty()
                ? new Entry(
                        "tenant-registered",
                        "",
                        "registered with " + tenant.product() + " " + tenant.version() + " by " + by,
                        Map.of("by", by))
                : new Entry("tenant-changed", "", "its document was changed by " + by, Map.of("by", by));
        Timeline.Line line = Timeline.Line.after(
                before.map(KeptTenant::chain).orElseGet(() -> Chain.empty("tenant:" + tenant.id())),
                new Link.About("", tenant.id().value(), ""),
                entry,
                now);
        Uni<Void> saved = before.isEmpty()
                ? tenants.add(session, tenant, text, line.chain(), now)
                : tenants.change(session, tenant, text, line.chain(), now);
        return saved.chain(() -> timeline.add(session, List.of(line)))
                .replaceWith(new Taken(
                        document,
                        before.isEmpty(),
                        before.map(b -> b.revision() + 1).orElse(1L)));
    }

    /** A product's document. */
    public Uni<Products.KeptDocument> product(String name) {
        return sessions.withTransaction(
                        (session, tx) -> products.find(session, name("product", name, ProductName::new)))
                .map(found -> found.orElseThrow(() -> Declined.unknown("product", name, "apply its descriptor first")));
    }

    /** A page of products' documents, after a name. */
    public Uni<List<Products.KeptDocument>> products(String after, int limit) {
        return sessions.withTransaction((session, tx) -> products.list(session, after, limit));
    }

    /** A page of a product's releases, after a version. */
    public Uni<List<Products.KeptDocument>> releases(String name, String after, int limit) {
        return sessions.withTransaction((session, tx) -> catalogue(session, name)
                .chain(catalogue ->
                        products.releases(session, catalogue.product().name(), after, limit)));
    }

    /** Which of a product's releases were recalled, by version. */
    public Uni<Map<String, Recall>> recalled(String name) {
        return sessions.withTransaction((session, tx) -> catalogue(session, name))
                .map(catalogue -> catalogue.recalled().entrySet().stream()
                        .collect(Collectors.toMap(e -> e.getKey().toString(), Map.Entry::getValue)));
    }

    /** A tenant. */
    public Uni<KeptTenant> tenant(String id) {
        return sessions.withTransaction((session, tx) -> tenants.find(session, name("tenant", id, TenantId::new)))
                .map(found -> found.orElseThrow(() -> Declined.unknown("tenant", id, "apply its document first")));
    }

    /** A page of tenants, after an id. */
    public Uni<List<KeptTenant>> tenants(String after, int limit) {
        return sessions.withTransaction((session, tx) -> tenants.list(session, after, limit));
    }

    private Uni<Catalogue> catalogue(Mutiny.Session session, String name) {
        return products.catalogue(session, name("product", name, ProductName::new))
                .map(found -> found.orElseThrow(() -> Declined.unknown("product", name, "apply its descriptor first")));
    }

    // The tenant's document names its product, so a product that is not there is a fault of the document.
    private Uni<Catalogue> catalogueOf(Mutiny.Session session, String name) {
        ProductName product;
        try {
            product = new ProductName(name);
        } catch (IllegalArgumentException malformed) {
            return Uni.createFrom()
                    .failure(Declined.because(
                            422,
                            "document-refused",
                            "/product",
                            "'" + name + "' names no product",
                            "name the product"));
        }
        return products.catalogue(session, product)
                .map(found -> found.orElseThrow(() -> Declined.because(
                        422,
                        "document-refused",
                        "/product",
                        "there is no product '" + name + "'",
                        "apply the product's descriptor first")));
    }

    private static void sameName(JsonNode document, String key, String inPath) throws Refused {
        if (document.has(key) && !document.get(key).asText().equals(inPath)) {
            throw new Refused(List.of(new Problem(
                    "/" + key,
                    "the document says '" + document.get(key).asText() + "', the path '" + inPath + "'",
                    "make them equal")));
        }
    }

    static <T> T name(String what, String text, Function<String, T> read) {
        try {
            return read.apply(text);
        } catch (IllegalArgumentException malformed) {
            throw Declined.unknown(what, text, "use the name of a " + what);
        }
    }

    private static Declined declined(Refused refused) {
        return new Declined(422, "document-refused", refused.problems());
    }

    private Instant now() {
        return Desk.precise(clock.instant());
    }

    /** The document with what is installed put in the place of what was once written. */
    public static ObjectNode shown(KeptTenant kept) {
        ObjectNode shown = ((ObjectNode) kept.document()).deepCopy();
        shown.put("version", kept.tenant().version().toString());
        kept.own().ifPresent(windows -> shown.set("windows", windows));
        return shown;
    }
}
