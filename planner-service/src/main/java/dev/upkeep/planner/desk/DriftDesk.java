package dev.upkeep.planner.desk;

import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.store.Founds;
import dev.upkeep.planner.store.Founds.Found;
import dev.upkeep.planner.store.Neighbours;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Keeps what was found at tenants beside what is recorded of them, and records it once somebody says so: a version that
 * moved behind Upkeep's back decides which way an upgrade goes and what it goes back to.
 */
@ApplicationScoped
public class DriftDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Founds founds;
    private final Tenants tenants;
    private final Products products;
    private final Neighbours neighbours;
    private final Timeline timeline;

    DriftDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Founds founds,
            Tenants tenants,
            Products products,
            Neighbours neighbours,
            Timeline timeline) {
        this.sessions = sessions;
        this.clock = clock;
        this.founds = founds;
        this.tenants = tenants;
        this.products = products;
        this.neighbours = neighbours;
        this.timeline = timeline;
    }

    /** A page of the tenants whose found version is not the recorded one, after a name. */
    public Uni<List<Found>> list(Optional<String> product, String after, int limit) {
        return sessions.withTransaction((session, tx) -> founds.differing(session, product, after, limit));
    }

    /** Somebody looked at a tenant. */
    public Uni<Found> report(String tenant, String version, String by) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        Version found = version(version);
        Instant now = Desk.precise(clock.instant());
        return sessions.withTransaction((session, tx) -> lock(session, id)
                .chain(kept -> note(session, kept, found, by, now))
                .chain(() -> founds.put(session, id, found, by))
                .chain(() -> founds.of(session, id))
                .map(Optional::orElseThrow));
    }

    /** What agrees with the record is no news: whoever looks every hour must not fill the log. */
    private Uni<Void> note(Mutiny.Session session, KeptTenant kept, Version found, String by, Instant now) {
        Version recorded = kept.tenant().version();
        if (found.equals(recorded)) {
            return Uni.createFrom().voidItem();
        }
        return founds.of(session, kept.tenant().id()).chain(before -> {
            if (before.filter(b -> b.found().equals(found)).isPresent()) {
                return Uni.createFrom().voidItem();
            }
            Timeline.Line line = Timeline.Line.after(
                    kept.chain(),
                    new Link.About("", kept.tenant().id().value(), ""),
                    new Entry(
                            "version-drifted",
                            "",
                            found + " was found where " + recorded + " is recorded, reported by " + by,
                            Map.of("by", by, "found", found.toString(), "recorded", recorded.toString())),
                    now);
            return tenants.saveChains(session, List.of(line.chain())).chain(() -> timeline.add(session, List.of(line)));
        });
    }

    private static Version version(String text) {
        try {
            return Version.of(text);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    422,
                    "request-refused",
                    "/version",
                    String.valueOf(malformed.getMessage()),
                    "give the full version that runs there, such as 1.4.2");
        }
    }

    /** What was found is recorded from now on. */
    public Uni<Found> adopt(String tenant, String by) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        Instant now = Desk.precise(clock.instant());
        return sessions.withTransaction((session, tx) -> lock(session, id)
                .chain(kept -> founds.of(session, id)
                        .map(found -> found.orElseThrow(() -> Declined.because(
                                409,
                                "nothing-found",
                                "/tenant",
                                "nobody has told what runs at " + tenant,
                                "report it first: upkeep drift report " + tenant + " --version VERSION")))
                        .call(found -> atRest(session, id))
                        .call(found -> isPublished(session, kept, found.found()))
                        .call(found -> found.found().equals(found.recorded())
                                ? Uni.createFrom().voidItem()
                                : adopt(session, kept, found, by, now)))
                .chain(() -> founds.of(session, id))
                .map(Optional::orElseThrow));
    }

    private Uni<Void> adopt(Mutiny.Session session, KeptTenant kept, Found found, String by, Instant now) {
        Timeline.Line line = Timeline.Line.after(
                kept.chain(),
                new Link.About("", found.tenant().value(), ""),
                new Entry(
                        "version-adopted",
                        "",
                        found.found() + " was found where " + found.recorded() + " was recorded, and adopted by " + by,
                        Map.of(
                                "by", by,
                                "found", found.found().toString(),
                                "recorded", found.recorded().toString(),
                                "found-by", found.by(),
                                "found-at", found.at().toString())),
                now);
        return founds.adopt(session, found.tenant(), found.found(), line.chain())
                .chain(() -> timeline.add(session, List.of(line)))
                .replaceWithVoid();
    }

    /** While an upgrade is under way its plan says what runs, and its ways out say how to change that. */
    private Uni<Void> atRest(Mutiny.Session session, TenantId id) {
        return neighbours
                .peers(session, List.of(id))
                .invoke(found -> Optional.ofNullable(found.get(id))
                        .flatMap(peer -> peer.busy())
                        .ifPresent(busy -> {
                            throw Declined.because(
                                    409,
                                    "upgrade-active",
                                    "/tenant",
                                    busy,
                                    "wait for its end, or resolve it: a held upgrade can be adopted as found");
                        }))
                .replaceWithVoid();
    }

    private Uni<Void> isPublished(Mutiny.Session session, KeptTenant kept, Version version) {
        return products.catalogue(session, kept.tenant().product())
                .invoke(catalogue -> {
                    if (catalogue.flatMap(c -> c.release(version)).isEmpty()) {
                        throw Declined.because(
                                409,
                                "release-unknown",
                                "/version",
                                "release " + version + " of " + kept.tenant().product()
                                        + " is not published, so no upgrade could start from it",
                                "publish it first");
                    }
                })
                .replaceWithVoid();
    }

    private Uni<KeptTenant> lock(Mutiny.Session session, TenantId id) {
        return tenants.lock(session, List.of(id.value()))
                .map(found -> found.stream()
                        .findFirst()
                        .orElseThrow(() -> Declined.unknown("tenant", id.value(), "apply its document first")));
    }
}
