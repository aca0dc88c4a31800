package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Published;
import dev.upkeep.planner.core.SupportClock;
import dev.upkeep.planner.core.SupportClock.Line;
import dev.upkeep.planner.core.SupportClock.Standing;
import dev.upkeep.planner.store.Fleet;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.hibernate.reactive.mutiny.Mutiny;

/** Says who runs what, and until when it is supported. */
@ApplicationScoped
public class SupportDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Fleet fleet;

    SupportDesk(Mutiny.SessionFactory sessions, InstantSource clock, Products products, Fleet fleet) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.fleet = fleet;
    }

    /** A line with how many tenants run it. */
    public record Run(Line line, long tenants) {}

    /**
     * A product's lines.
     *
     * @param elsewhere how many tenants run a version that was never published here
     * @param warnings of lines that somebody runs and whose support has ended or will soon
     */
    public record Support(String product, List<Run> lines, long elsewhere, List<String> warnings) {}

    /** A tenant with the standing of what it runs; without a line if its version was never published. */
    public record Supported(Fleet.Listed tenant, Optional<Line> line) {}

    /** Who runs what until when; {@code ahead} is how long before an end it is warned of. */
    public Uni<Support> support(String name, Duration ahead) {
        ProductName product = Registry.name("product", name, ProductName::new);
        Instant now = clock.instant();
        return sessions.withTransaction((session, tx) -> catalogue(session, product)
                .chain(catalogue -> fleet.versions(session, product)
                        .map(versions -> support(name, lines(catalogue, now), versions, now, ahead))));
    }

    private static Support support(
            String name, List<Line> lines, Map<Version, Long> versions, Instant now, Duration ahead) {
        LocalDate today = SupportClock.day(now);
        LocalDate last = SupportClock.day(now.plus(ahead));
        List<Run> runs = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        long known = 0;
        for (Line line : lines) {
            long tenants = versions.entrySet().stream()
                    .filter(v -> SupportClock.Number.of(v.getKey()).equals(line.number()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            runs.add(new Run(line, tenants));
            known += tenants;
            if (tenants > 0 && line.standing() == Standing.ENDED) {
                warnings.add(told(tenants, line) + ", whose support ended on "
                        + line.until().map(LocalDate::toString).orElse("an unknown day"));
            } else if (tenants > 0 && line.endsWithin(today, last)) {
                LocalDate end = line.until().orElseThrow();
                warnings.add(told(tenants, line) + ", whose support ends on " + end + ", in "
                        + (end.toEpochDay() - today.toEpochDay()) + " days");
            }
        }
        long all = versions.values().stream().mapToLong(Long::longValue).sum();
        return new Support(name, runs, all - known, warnings);
    }

    private static String told(long tenants, Line line) {
        return tenants + (tenants == 1 ? " tenant runs " : " tenants run ") + line.number();
    }

    /** A page of a product's tenants, after an id, of some lines. */
    public Uni<List<Supported>> tenants(String name, Predicate<Line> which, String after, int limit) {
        ProductName product = Registry.name("product", name, ProductName::new);
        Instant now = clock.instant();
        return sessions.withTransaction((session, tx) -> catalogue(session, product)
                .chain(catalogue -> fleet.versions(session, product).chain(versions -> {
                    List<Line> lines = lines(catalogue, now);
                    List<Version> wanted = versions.keySet().stream()
                            .filter(version ->
                                    line(lines, version).filter(which).isPresent())
                            .toList();
                    return fleet.running(session, product, wanted, after, limit)
                            .map(found -> found.stream()
                                    .map(tenant -> new Supported(tenant, line(lines, tenant.version())))
                                    .toList());
                })));
    }

    private static Optional<Line> line(List<Line> lines, Version version) {
        return lines.stream()
                .filter(line -> line.number().equals(SupportClock.Number.of(version)))
                .findFirst();
    }

    /** The lines of a product as they are now. */
    static List<Line> lines(Catalogue catalogue, Instant now) {
        return SupportClock.lines(catalogue.product().policies().support(), published(catalogue), now);
    }

    static List<Published> published(Catalogue catalogue) {
        return catalogue.published().entrySet().stream()
                .map(release -> new Published(release.getKey(), release.getValue()))
                .toList();
    }

    private Uni<Catalogue> catalogue(Mutiny.Session session, ProductName product) {
        return products.catalogue(session, product)
                .map(found -> found.orElseThrow(
                        () -> Declined.unknown("product", product.value(), "apply its descriptor first")));
    }
}
