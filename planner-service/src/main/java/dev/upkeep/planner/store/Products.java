package dev.upkeep.planner.store;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.messaging.Sql;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Releases;
import dev.upkeep.planner.core.Stretch;
import dev.upkeep.planner.document.ProductDocument;
import dev.upkeep.planner.document.ReleaseDocument;
import dev.upkeep.planner.document.Text;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.hibernate.reactive.mutiny.Mutiny;

/** Products and their releases, which are only ever added. */
@ApplicationScoped
public class Products {
    private static final String EDITION = """
            select p.revision, (select count(*) from release r where r.product = p.name),
                (select count(*) from release r where r.product = p.name and r.recalled_at is not null)
            from product p where p.name = $1
            """;
    private static final String PUT = """
            insert into product (name, document, revision, changed_at) values ($1, $2, 1, $3)
            on conflict (name) do update set document = $2, revision = product.revision + 1, changed_at = $3
            """;

    private static final String PUBLISHED = """
            select document, published_at, version, recalled_by, recalled_because, go_back, recalled_at
            from release where product = $1 order by published_at, version
            """;

    private static final String RELEASES = """
            select version, document, 1::bigint from release where product = $1 and ($2 = '' or (published_at, version) >
                (select published_at, version from release where product = $1 and version = $2))
            order by published_at, version limit $3
            """;

    private final Map<ProductName, Catalogue> catalogues = new ConcurrentHashMap<>();

    /**
     * A product with its releases.
     *
     * @param published when each release came out
     * @param recalled those that were taken back
     * @param revision of the descriptor
     */
    public record Catalogue(
            Product product,
            List<Release> releases,
            Map<Version, Instant> published,
            Map<Version, Recall> recalled,
            long revision) {
        public Catalogue {
            releases = List.copyOf(releases);
            published = Map.copyOf(published);
            recalled = Map.copyOf(recalled);
        }

        /** What there is to go to, and what is not to be gone to any more. */
        public Releases offer() {
            return new Releases(releases, recalled);
        }

        /** What lies between two versions. */
        public Stretch stretch(Version from, Version to) {
            return Stretch.of(offer(), published, from, to);
        }

        /** The latest release that was not recalled; a pre-release is none. */
        public Optional<Version> latest() {
            return published.keySet().stream()
                    .filter(version -> version.preRelease().isEmpty()
                            && offer().recall(version).isEmpty())
                    .max(Comparator.naturalOrder());
        }

        /** The release of a version. */
        public Optional<Release> release(Version version) {
            return releases.stream().filter(r -> r.version().equals(version)).findFirst();
        }
    }

    /** A document as it is kept. */
    public record KeptDocument(String name, String text, long revision) {}

    /** A product and all its releases; they are read anew only when one was added or the descriptor changed. */
    public Uni<Optional<Catalogue>> catalogue(Mutiny.Session session, ProductName name) {
        return Sql.rows(session, EDITION, name.value()).chain(rows -> {
            if (rows.isEmpty()) {
                return Uni.createFrom().item(Optional.empty());
            }
            long revision = Columns.number(rows.getFirst()[0]);
            long releases = Columns.number(rows.getFirst()[1]);
            long recalled = Columns.number(rows.getFirst()[2]);
            Catalogue cached = catalogues.get(name);
            return cached != null
                            && cached.revision() == revision
                            && cached.releases().size() == releases
                            && cached.recalled().size() == recalled
                    ? Uni.createFrom().item(Optional.of(cached))
                    : read(session, name);
        });
    }

    private Uni<Optional<Catalogue>> read(Mutiny.Session session, ProductName name) {
        return find(session, name)
                .chain(product -> Sql.rows(session, PUBLISHED, name.value()).map(rows -> {
                    Optional<Catalogue> catalogue = product.map(p -> catalogue(p, rows));
                    catalogue.ifPresent(c -> catalogues.put(name, c));
                    return catalogue;
                }));
    }

    private static Catalogue catalogue(KeptDocument document, List<Object[]> rows) {
        Product product = ProductDocument.stored(Text.stored(document.text()));
        List<Release> releases = new ArrayList<>();
        Map<Version, Instant> published = new LinkedHashMap<>();
        Map<Version, Recall> recalled = new LinkedHashMap<>();
        for (Object[] row : rows) {
            Release release = ReleaseDocument.stored(Text.stored(Columns.text(row[0])), product);
            releases.add(release);
            published.put(release.version(), Columns.instant(row[1]));
            if (row[6] != null) {
                recalled.put(release.version(), Recalls.recall(row, 2));
            }
        }
        return new Catalogue(product, releases, published, recalled, document.revision());
    }

    /** Keeps others from publishing releases of it until the transaction ends: whether one may be depends on which are out. */
    public Uni<Void> lock(Mutiny.Session session, ProductName name) {
        return Sql.rows(session, "select name from product where name = $1 for update", name.value())
                .replaceWithVoid();
    }

    /** A product's document. */
    public Uni<Optional<KeptDocument>> find(Mutiny.Session session, ProductName name) {
        return Sql.rows(session, "select name, document, revision from product where name = $1", name.value())
                .map(rows -> documents(rows).stream().findFirst());
    }

    /** A page of products' documents, after a name. */
    public Uni<List<KeptDocument>> list(Mutiny.Session session, String after, int limit) {
        return Sql.rows(
                        session,
                        "select name, document, revision from product where name > $1 order by name limit $2",
                        after,
                        limit)
                .map(Products::documents);
    }

    /** Adds or changes one. */
    public Uni<Void> put(Mutiny.Session session, ProductName name, String document, Instant now) {
        return Sql.update(session, PUT, name.value(), document, Columns.time(now))
                .replaceWithVoid();
    }

    /** A page of a product's releases, in the order in which they were published, after a version; from the first if empty. */
    public Uni<List<KeptDocument>> releases(Mutiny.Session session, ProductName name, String after, int limit) {
        return Sql.rows(session, RELEASES, name.value(), after, limit).map(Products::documents);
    }

    /** Publishes one, unless that version is there already; says whether it did. */
    public Uni<Boolean> publish(Mutiny.Session session, Release release, String document, Instant now) {
        return Sql.update(
                        session,
                        "insert into release (product, version, document, published_at) values ($1, $2, $3, $4) on conflict do nothing",
                        release.product().value(),
                        release.version().toString(),
                        document,
                        Columns.time(now))
                .map(added -> added == 1);
    }

    /** The release's document as it is kept. */
    public Uni<Optional<JsonNode>> release(Mutiny.Session session, ProductName product, Version version) {
        return Sql.rows(
                        session,
                        "select document from release where product = $1 and version = $2",
                        product.value(),
                        version.toString())
                .map(rows -> rows.stream().findFirst().map(row -> Text.stored(Columns.text(row[0]))));
    }

    private static List<KeptDocument> documents(List<Object[]> rows) {
        return rows.stream()
                .map(row -> new KeptDocument(Columns.text(row[0]), Columns.text(row[1]), Columns.number(row[2])))
                .toList();
    }
}
