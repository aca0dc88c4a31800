package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.core.Recalling;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Upgrade;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Recalls;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Takes releases back: nobody goes to one any more, who is on the way is turned back, and who runs it goes back where
 * that is asked for.
 *
 * <p>Ordering: the product's tenants are locked before rollouts, as everywhere; so nobody can be confirmed on the release
 * between the look at who runs it and the rollout that takes them back.
 *
 * <p>Failure: the release is marked, its rollouts stop and the way back begins in one transaction. Upgrades of other
 * rollouts that stop at it are turned back after that, by the scheduler if need be.
 */
@ApplicationScoped
public class RecallDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Recalls recalls;
    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Desk desk;
    private final ProductLog log;
    private final EnrolmentDesk planned;

    RecallDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Recalls recalls,
            Tenants tenants,
            Upgrades upgrades,
            Rollouts rollouts,
            Desk desk,
            ProductLog log,
            EnrolmentDesk planned) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.recalls = recalls;
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.desk = desk;
        this.log = log;
        this.planned = planned;
    }

    /**
     * What a recall came to.
     *
     * @param stopped the rollouts that it stopped
     * @param back the rollout by which those who run the release go back, if one began
     * @param held the tenants that have no way back, each with the reasons
     */
    public record Recalled(
            Recall recall, List<RolloutId> stopped, Optional<Rollout> back, Map<TenantId, List<String>> held) {
        public Recalled {
            stopped = List.copyOf(stopped);
            held = Map.copyOf(held);
        }
    }

    /** Who goes back, and where to; nowhere if there is no version below that is fit. */
    private record Returning(KeptTenant kept, Optional<Version> to) {}

    /** Recalls a release; asked again it changes nothing, but takes back who has come to run the release meanwhile. */
    public Uni<Recalled> recall(String productName, String version, String by, String reason, boolean goBack) {
        AbortDesk.needed(reason);
        ProductName name = Registry.name("product", productName, ProductName::new);
        Version wanted = Registry.name("release", version, Version::of);
        Instant now = Desk.precise(clock.instant());
        return sessions.withTransaction(
                        (session, tx) -> recall(session, name, new Recall(wanted, by, reason, goBack, now), false))
                .call(() -> sessions.withTransaction((session, tx) -> desk.turnBackFromRecalled(session, now)));
    }

    /**
     * Takes back who has come to run a recalled release since: a hop that was proven in the same instant, what a person
     * adopted.
     */
    Uni<Void> takeBackLeftBehind(Instant now) {
        return sessions.withTransaction((session, tx) -> recalls.leftBehind(session))
                .chain(left -> Desk.each(left, one -> {
                    Recall recall = one.getValue();
                    Recall again = new Recall(recall.version(), recall.by(), recall.reason(), true, Desk.precise(now));
                    return sessions.withTransaction((session, tx) -> recall(session, one.getKey(), again, true))
                            .replaceWithVoid();
                }));
    }

    /**
     * Recalls.
     *
     * @param onlyLeftBehind whether those whose way back has ended, however it did, are left alone
     */
    private Uni<Recalled> recall(Mutiny.Session session, ProductName name, Recall asked, boolean onlyLeftBehind) {
        return catalogue(session, name)
                .invoke(catalogue -> published(catalogue, asked.version()))
                .chain(() -> asked.goBack()
                        ? tenants.lockOfProduct(session, name)
                        : Uni.createFrom().voidItem())
                .chain(before -> recalls.recall(session, name, asked))
                .chain(() -> log.ofProduct(session, name, entry(asked), asked.at()))
                .chain(() -> catalogue(session, name))
                .chain(catalogue -> stop(session, name, recall(catalogue, asked))
                        .chain(stopped -> asked.goBack()
                                ? returning(session, catalogue, asked.version(), onlyLeftBehind)
                                        .chain(those -> goBack(session, catalogue, asked, stopped, those))
                                : Uni.createFrom()
                                        .item(new Recalled(
                                                recall(catalogue, asked), stopped, Optional.empty(), Map.of()))));
    }

    private static Entry entry(Recall asked) {
        return new Entry(
                "release-recalled",
                "",
                asked.told() + (asked.goBack() ? "; those who run it go back" : ""),
                Map.of(
                        "version", asked.version().toString(),
                        "by", asked.by(),
                        "reason", asked.reason(),
                        "goBack", Boolean.toString(asked.goBack())));
    }

    private Uni<Catalogue> catalogue(Mutiny.Session session, ProductName name) {
        return products.catalogue(session, name)
                .map(found -> found.orElseThrow(
                        () -> Declined.unknown("product", name.value(), "apply its descriptor first")));
    }

    private static void published(Catalogue catalogue, Version version) {
        if (catalogue.release(version).isEmpty()) {
            throw Declined.unknown(
                    "release",
                    version.toString(),
                    "see GET /v1/products/" + catalogue.product().name() + "/releases");
        }
    }

    /** The recall as it is on record: who made it first, and why. */
    private static Recall recall(Catalogue catalogue, Recall asked) {
        return catalogue.offer().recall(asked.version()).orElse(asked);
    }

    private Uni<List<RolloutId>> stop(Mutiny.Session session, ProductName name, Recall recall) {
        Batch batch = new Batch(recall.at());
        List<RolloutId> stopped = new ArrayList<>();
        return rollouts.underWay(session, name, recall.version())
                .chain(found -> Desk.each(
                        found.stream()
                                .filter(kept -> kept.rollout().kind() == Rollout.Kind.RELEASE)
                                .toList(),
                        kept -> stop(session, batch, kept, recall, stopped)))
                .chain(() -> desk.finish(session, batch))
                .replaceWith(stopped);
    }

    private Uni<Void> stop(
            Mutiny.Session session, Batch batch, KeptRollout kept, Recall recall, List<RolloutId> stopped) {
        Rollout.Decision decision = kept.rollout().recalled(recall, batch.now());
        if (decision.log().isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        stopped.add(kept.rollout().id());
        return desk.proceed(session, batch, batch.take(kept, decision));
    }

    /** Those who run the release, and those whose hop to it is proven already; but none that is on its way back. */
    private Uni<List<Returning>> returning(
            Mutiny.Session session, Catalogue catalogue, Version recalled, boolean onlyLeftBehind) {
        ProductName product = catalogue.product().name();
        return upgrades.takenBack(session, product, recalled, onlyLeftBehind)
                .chain(covered -> upgrades.onTheWayTo(session, product, recalled)
                        .map(RecallDesk::proven)
                        .chain(proven -> tenants.onRelease(session, product, recalled, proven.keySet())
                                .map(found -> found.stream()
                                        .filter(kept ->
                                                !covered.contains(kept.tenant().id()))
                                        .map(kept -> returning(catalogue, recalled, kept, proven))
                                        .toList())));
    }

    /** The tenants whose hop is proven, with the versions that it began on. */
    private static Map<TenantId, Version> proven(List<Kept> coming) {
        Map<TenantId, Version> proven = new HashMap<>();
        coming.stream()
                .map(Kept::upgrade)
                .filter(Upgrade::isProven)
                .forEach(u -> proven.put(u.subject().tenant(), u.hops().runs()));
        return proven;
    }

    private static Returning returning(
            Catalogue catalogue, Version recalled, KeptTenant kept, Map<TenantId, Version> proven) {
        Optional<Version> previous =
                Optional.ofNullable(proven.get(kept.tenant().id())).or(kept::previous);
        return new Returning(kept, Recalling.target(catalogue.product(), catalogue.offer(), recalled, previous));
    }

    private Uni<Recalled> goBack(
            Mutiny.Session session,
            Catalogue catalogue,
            Recall asked,
            List<RolloutId> stopped,
            List<Returning> returning) {
        Recall recall = recall(catalogue, asked);
        if (returning.isEmpty()) {
            return Uni.createFrom().item(new Recalled(recall, stopped, Optional.empty(), Map.of()));
        }
        RolloutId id = RolloutDesk.newId();
        Batch batch = new Batch(asked.at());
        List<KeptTenant> those = returning.stream().map(Returning::kept).toList();
        Map<TenantId, List<String>> held = noWays(catalogue, recall.version(), returning);
        // A tenant without a version to go back to is planned to where it is: it can only be held.
        List<Subject> subjects = returning.stream()
                .map(r -> from(recall.version(), EnrolmentDesk.subject(id, r.kept(), r.to().orElse(recall.version()))))
                .toList();
        Map<TenantId, dev.upkeep.contract.RingName> rings = EnrolmentDesk.rings(those);
        Rollout.Decision decision = Rollout.begin(
                id,
                catalogue.product().name(),
                recall,
                RolloutDesk.progress(catalogue.product().rings(), rings),
                batch.now());
        KeptRollout kept = batch.take(new KeptRollout(decision.next(), Chain.empty("rollout:" + id)), decision);
        return rollouts.add(session, kept, batch.now())
                .chain(() -> upgrades.add(session, subjects, rings, batch.now()))
                .chain(() -> planned.announce(
                        session, batch, catalogue, kept.rollout(), subjects, those, List.of(recall.told())))
                .chain(() -> hold(session, batch, subjects, held))
                .chain(() -> desk.proceed(session, batch, kept))
                .chain(() -> desk.finish(session, batch))
                .chain(() -> rollouts.find(session, id))
                .map(found -> new Recalled(
                        recall, stopped, found.map(KeptRollout::rollout).or(() -> Optional.of(kept.rollout())), held));
    }

    /** Where a tenant will be when it goes back, also while the hop that takes it there has not ended. */
    private static Subject from(Version recalled, Subject subject) {
        return new Subject(
                subject.tenant(),
                subject.account(),
                subject.product(),
                recalled,
                subject.to(),
                subject.upgrade(),
                subject.rollout());
    }

    /** Whoever can't go back for sure; where parts stand elsewhere, what runs there decides when it would begin. */
    private static Map<TenantId, List<String>> noWays(
            Catalogue catalogue, Version recalled, List<Returning> returning) {
        Map<TenantId, List<String>> noWays = new LinkedHashMap<>();
        for (Returning r : returning) {
            TenantId id = r.kept().tenant().id();
            if (r.to().isEmpty()) {
                noWays.put(id, List.of("no release below " + recalled + " is published that it could go back to"));
            } else if (r.kept().tenant().site().peers().isEmpty()
                    && Recalling.plan(
                                    catalogue.product(),
                                    r.kept().tenant().on(recalled),
                                    catalogue.offer(),
                                    r.to().get(),
                                    Map.of())
                            instanceof Planning.Planned.NoWay none) {
                noWays.put(id, none.reasons());
            }
        }
        return noWays;
    }

    private Uni<Void> hold(
            Mutiny.Session session, Batch batch, List<Subject> subjects, Map<TenantId, List<String>> held) {
        Map<UpgradeId, List<String>> reasons = new LinkedHashMap<>();
        subjects.stream()
                .filter(s -> held.containsKey(s.tenant()))
                .forEach(s -> reasons.put(s.upgrade(), held.getOrDefault(s.tenant(), List.of())));
        Set<UpgradeId> ids = new HashSet<>(reasons.keySet());
        return ids.isEmpty()
                ? Uni.createFrom().voidItem()
                : upgrades.lock(session, ids)
                        .invoke(loaded -> {
                            batch.load(loaded);
                            reasons.forEach((id, why) -> batch.count(id, batch.tell(id, new News.HasNoWay(why))));
                        })
                        .chain(() -> desk.save(session, batch));
    }
}
