package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Lane;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.RingProgress;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.hibernate.reactive.mutiny.Mutiny;

/** Starts rollouts and turns them: pause, resume, abort. */
@ApplicationScoped
public class RolloutDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Desk desk;
    private final Circumstances circumstances;
    private final Announcements announcements;

    RolloutDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Tenants tenants,
            Upgrades upgrades,
            Rollouts rollouts,
            Desk desk,
            Circumstances circumstances,
            Announcements announcements) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.desk = desk;
        this.circumstances = circumstances;
        this.announcements = announcements;
    }

    /** A rollout, and whether this request started it. */
    public record Started(Rollout rollout, boolean isNew) {}

    /** Starts one; a repeated key gives the rollout that it started. */
    public Uni<Started> start(String product, String version, Optional<String> key, String by) {
        RolloutId id = newId();
        return sessions.withTransaction((session, tx) -> key.isEmpty()
                ? begin(session, id, product, version, key, by)
                : rollouts.byIdempotencyKey(session, key.get())
                        .chain(there -> there.isEmpty()
                                ? begin(session, id, product, version, key, by)
                                : Uni.createFrom().item(same(there.get().rollout(), product, version))));
    }

    private static Started same(Rollout there, String product, String version) {
        if (there.product().value().equals(product)
                && there.version().toString().equals(version)) {
            return new Started(there, false);
        }
        throw Declined.because(
                422,
                "idempotency-key-reused",
                "/Idempotency-Key",
                "this key started rollout " + there.id() + " of " + there.product() + " " + there.version(),
                "use a new key for another rollout");
    }

    private Uni<Started> begin(
            Mutiny.Session session, RolloutId id, String productName, String version, Optional<String> key, String by) {
        ProductName name = Registry.name("product", productName, ProductName::new);
        return products.catalogue(session, name)
                .map(found ->
                        found.orElseThrow(() -> Declined.unknown("product", productName, "apply its descriptor first")))
                .chain(catalogue -> {
                    Release release = release(catalogue, version);
                    return tenants.ofProduct(session, name)
                            .chain(all -> begin(session, id, catalogue, release, all, key, by));
                });
    }

    private static Release release(Catalogue catalogue, String version) {
        Version wanted;
        try {
            wanted = Version.of(version);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    422, "request-refused", "/version", String.valueOf(malformed.getMessage()), "give a full version");
        }
        catalogue.offer().recall(wanted).ifPresent(recall -> {
            throw Declined.because(
                    409, "release-recalled", "/version", recall.told(), "let a release go out that was not recalled");
        });
        return catalogue
                .release(wanted)
                .orElseThrow(() -> Declined.because(
                        422,
                        "release-unknown",
                        "/version",
                        "release " + wanted + " of " + catalogue.product().name() + " is not published",
                        "publish it first; there are "
                                + catalogue.releases().stream()
                                        .map(Release::version)
                                        .sorted()
                                        .toList()));
    }

    private Uni<Started> begin(
            Mutiny.Session session,
            RolloutId id,
            Catalogue catalogue,
            Release release,
            List<KeptTenant> all,
            Optional<String> key,
            String by) {
        Instant now = Desk.precise(clock.instant());
        List<KeptTenant> behind = all.stream()
                .filter(t -> t.tenant().version().compareTo(release.version()) < 0)
                .toList();
        List<Subject> subjects =
                behind.stream().map(t -> subject(id, t, release.version())).toList();
        Batch batch = new Batch(now);
        Map<TenantId, RingName> rings = rings(behind);
        ProductName product = catalogue.product().name();
        List<Product.Ring> through =
                Lane.rings(catalogue.product(), release, catalogue.published().keySet());
        Rollout.Decision decision = Rollout.begin(id, product, release.version(), progress(through, rings), by, now);
        KeptRollout kept = batch.take(new KeptRollout(decision.next(), Chain.empty("rollout:" + id)), decision);
        return rollouts.add(session, kept, key, now)
                .chain(() -> rollouts.sign(session, id, by))
                .chain(() -> upgrades.add(session, subjects, rings, now))
                .chain(() -> announce(session, batch, catalogue, kept.rollout(), subjects, behind, release.told(now)))
                .chain(() -> desk.proceed(session, batch, kept))
                .chain(() -> desk.finish(session, batch))
                .chain(() -> rollouts.find(session, id))
                .map(found -> new Started(found.map(KeptRollout::rollout).orElse(kept.rollout()), true));
    }

    static RolloutId newId() {
        return new RolloutId("r-"
                + UUID.randomUUID().toString().replace("-", "").substring(0, 10).toLowerCase(Locale.ROOT));
    }

    /** An upgrade of a rollout; its id begins with the rollout's, so that a notice about it can be put in its place. */
    static Subject subject(RolloutId rollout, KeptTenant kept, Version to) {
        Tenant tenant = kept.tenant();
        return new Subject(
                tenant.id(),
                tenant.account(),
                tenant.product(),
                tenant.version(),
                to,
                new UpgradeId("u" + rollout.value().substring(1) + "-" + tenant.id()),
                rollout);
    }

    static Map<TenantId, RingName> rings(List<KeptTenant> of) {
        Map<TenantId, RingName> rings = new LinkedHashMap<>();
        of.forEach(t -> rings.put(t.tenant().id(), t.tenant().ring()));
        return rings;
    }

    static List<RingProgress> progress(List<Product.Ring> through, Map<TenantId, RingName> rings) {
        return through.stream()
                .map(r -> RingProgress.of(r, (int)
                        rings.values().stream().filter(r.name()::equals).count()))
                .toList();
    }

    /** Tells people for the first time, each of the earliest date that windows, delays and notices allow. */
    Uni<Void> announce(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            Rollout rollout,
            List<Subject> subjects,
            List<KeptTenant> of,
            List<String> notes) {
        List<Circumstances.Case> cases = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            cases.add(new Circumstances.Case(
                    subjects.get(i).upgrade(),
                    of.get(i).tenant(),
                    subjects.get(i).to(),
                    batch.now(),
                    Optional.empty(),
                    Optional.empty()));
        }
        return circumstances
                .of(session, cases, catalogue, rollout, Circumstances.Peers.SEEN, batch.now())
                .chain(found -> {
                    List<Announcement> told = cases.stream()
                            .map(one -> Announcing.first(
                                    Circumstances.unplanned(
                                            one, Desk.circumstance(found, one.upgrade()), catalogue, rollout),
                                    batch.now()))
                            .toList();
                    Map<UpgradeId, Announcement> byUpgrade = new LinkedHashMap<>();
                    for (int i = 0; i < told.size(); i++) {
                        byUpgrade.put(cases.get(i).upgrade(), told.get(i));
                    }
                    return announcements
                            .save(session, byUpgrade)
                            .chain(() -> tenants.saveChains(session, say(batch, subjects, of, told, notes)));
                });
    }

    /** Writes down and says that upgrades are planned; the tenants' chains, longer by one, are to be saved. */
    private static List<Chain> say(
            Batch batch, List<Subject> subjects, List<KeptTenant> of, List<Announcement> told, List<String> notes) {
        List<Chain> chains = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            Subject subject = subjects.get(i);
            Timeline.Line line = Timeline.Line.after(
                    of.get(i).chain(),
                    new Link.About(
                            subject.rollout().value(),
                            subject.tenant().value(),
                            subject.upgrade().value()),
                    Planned.entry(subject, told.get(i)),
                    batch.now());
            chains.add(line.chain());
            batch.note(line);
            batch.say(Planned.envelope(subject, told.get(i), notes, batch.now()));
        }
        return chains;
    }

    /** Nothing starts until it is resumed. */
    public Uni<Rollout> pause(String id, String by) {
        return turn(id, "paused", (rollout, now) -> rollout.pause(by, now));
    }

    /** It goes on. */
    public Uni<Rollout> resume(String id, String by) {
        return turn(id, "resumed", (rollout, now) -> rollout.resume(by, now));
    }

    /**
     * The rest never starts.
     *
     * @param undo whether what has begun is turned back, too, where it is not proven; otherwise it goes on to its end
     */
    public Uni<Rollout> abort(String id, String by, boolean undo) {
        return turn(id, "aborted", (rollout, now) -> rollout.abort(by, undo, now));
    }

    private Uni<Rollout> turn(String id, String what, BiFunction<Rollout, Instant, Rollout.Decision> turn) {
        RolloutId wanted = Registry.name("rollout", id, RolloutId::new);
        Instant now = Desk.precise(clock.instant());
        return sessions.withTransaction((session, tx) -> rollouts.lock(session, List.of(wanted))
                .chain(found -> {
                    KeptRollout kept = found.stream()
                            .findFirst()
                            .orElseThrow(() -> Declined.unknown("rollout", id, "see GET /v1/rollouts"));
                    Rollout.Decision decision = turn.apply(kept.rollout(), now);
                    if (decision.log().isEmpty()) {
                        throw Declined.because(
                                409,
                                "rollout-" + kept.rollout().phase().word(),
                                "/state",
                                "rollout " + id + " is "
                                        + kept.rollout().phase().word() + " and can't be " + what,
                                "see GET /v1/rollouts/" + id);
                    }
                    Batch batch = new Batch(now);
                    KeptRollout turned = batch.take(kept, decision);
                    return desk.proceed(session, batch, turned)
                            .chain(() -> desk.finish(session, batch))
                            .chain(() -> rollouts.find(session, wanted))
                            .map(after -> after.map(KeptRollout::rollout).orElse(turned.rollout()));
                }));
    }
}
