package dev.upkeep.planner.desk;

import dev.upkeep.access.core.IfMatch;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Lane;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.RingProgress;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.store.Enrolments;
import dev.upkeep.planner.store.Enrolments.Enrolment;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import org.hibernate.reactive.mutiny.Mutiny;

/** Starts rollouts and turns them: pause, resume, abort. */
@ApplicationScoped
public class RolloutDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Entrants entrants;
    private final Rollouts rollouts;
    private final Desk desk;
    private final Enrolments enrolments;
    private final EnrolmentDesk enrolment;

    RolloutDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Entrants entrants,
            Rollouts rollouts,
            Desk desk,
            Enrolments enrolments,
            EnrolmentDesk enrolment) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.entrants = entrants;
        this.rollouts = rollouts;
        this.desk = desk;
        this.enrolments = enrolments;
        this.enrolment = enrolment;
    }

    /** Starts one. */
    public Uni<Rollout> start(Mutiny.Session session, String product, String version, String by) {
        return begin(session, newId(), product, version, by);
    }

    private Uni<Rollout> begin(Mutiny.Session session, RolloutId id, String productName, String version, String by) {
        ProductName name = Registry.name("product", productName, ProductName::new);
        return products.catalogue(session, name)
                .map(found ->
                        found.orElseThrow(() -> Declined.unknown("product", productName, "apply its descriptor first")))
                .chain(catalogue -> {
                    Release release = release(catalogue, version);
                    Enrolment fresh = Enrolment.of(id, Rollout.Kind.RELEASE, name, release.version(), false);
                    return entrants.page(session, fresh)
                            .chain(page -> enrolments
                                    .behind(session, name, release.version())
                                    .chain(counted ->
                                            begin(session, catalogue, release, page, fresh.at("", counted), by)));
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

    private Uni<Rollout> begin(
            Mutiny.Session session,
            Catalogue catalogue,
            Release release,
            Entrants.Page page,
            Enrolment fresh,
            String by) {
        RolloutId id = fresh.rollout();
        Instant now = Desk.precise(clock.instant());
        Batch batch = new Batch(now);
        ProductName product = catalogue.product().name();
        List<Product.Ring> through =
                Lane.rings(catalogue.product(), release, catalogue.published().keySet());
        Rollout.Decision decision =
                Rollout.begin(id, product, release.version(), counts(through, fresh.ahead()), by, now);
        KeptRollout kept = batch.take(new KeptRollout(decision.next(), Chain.empty("rollout:" + id)), decision);
        return rollouts.add(session, kept, now)
                .chain(() -> rollouts.sign(session, id, by))
                .chain(() -> enrolment.enter(session, batch, catalogue, kept, page, fresh))
                .chain(entered -> desk.proceed(session, batch, entered.kept()))
                .chain(() -> desk.finish(session, batch))
                .chain(() -> rollouts.find(session, id))
                .map(found -> found.map(KeptRollout::rollout).orElse(kept.rollout()));
    }

    static RolloutId newId() {
        return new RolloutId("r-"
                + UUID.randomUUID().toString().replace("-", "").substring(0, 10).toLowerCase(Locale.ROOT));
    }

    /** Rings of which nothing has begun, each with so many tenants. */
    static List<RingProgress> counts(List<Product.Ring> through, Map<RingName, Integer> tenants) {
        return through.stream()
                .map(r -> RingProgress.of(r, tenants.getOrDefault(r.name(), 0)))
                .toList();
    }

    /** Nothing starts until it is resumed. */
    public Uni<Rollout> pause(String id, IfMatch ifMatch, String by) {
        return turn(id, ifMatch, "paused", (rollout, now) -> rollout.pause(by, now));
    }

    /** It goes on. */
    public Uni<Rollout> resume(String id, IfMatch ifMatch, String by) {
        return turn(id, ifMatch, "resumed", (rollout, now) -> rollout.resume(by, now));
    }

    /**
     * The rest never starts.
     *
     * @param undo whether what has begun is turned back, too, where it is not proven; otherwise it goes on to its end
     */
    public Uni<Rollout> abort(String id, IfMatch ifMatch, String by, boolean undo) {
        return turn(id, ifMatch, "aborted", (rollout, now) -> rollout.abort(by, undo, now));
    }

    private Uni<Rollout> turn(
            String id, IfMatch ifMatch, String what, BiFunction<Rollout, Instant, Rollout.Decision> turn) {
        RolloutId wanted = Registry.name("rollout", id, RolloutId::new);
        Instant now = Desk.precise(clock.instant());
        return sessions.withTransaction((session, tx) -> rollouts.lock(session, List.of(wanted))
                .chain(found -> {
                    KeptRollout kept = found.stream()
                            .findFirst()
                            .orElseThrow(() -> Declined.unknown("rollout", id, "see GET /v1/rollouts"));
                    Declined.unless(ifMatch, kept.rollout().revision());
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
