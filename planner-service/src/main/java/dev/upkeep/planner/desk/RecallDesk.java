package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Entry;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.store.Enrolments;
import dev.upkeep.planner.store.Enrolments.Enrolment;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Recalls;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Takes releases back: nobody goes to one any more, who is on the way is turned back, and who runs it goes back where
 * that is asked for.
 *
 * <p>Ordering: the first page's tenants are locked before rollouts, as everywhere; the release's row is what recalls of it
 * wait at for each other. Whoever is confirmed on the release after their page was entered is found left behind.
 *
 * <p>Failure: the release is marked, its rollouts stop and the way back begins in one transaction. Further pages of those
 * who go back are entered after that, and upgrades of other rollouts that stop at it are turned back, by the scheduler.
 */
@ApplicationScoped
public class RecallDesk {
    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Recalls recalls;
    private final Entrants entrants;
    private final Enrolments enrolments;
    private final Rollouts rollouts;
    private final Desk desk;
    private final ProductLog log;
    private final EnrolmentDesk planned;

    RecallDesk(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Recalls recalls,
            Entrants entrants,
            Enrolments enrolments,
            Rollouts rollouts,
            Desk desk,
            ProductLog log,
            EnrolmentDesk planned) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.recalls = recalls;
        this.entrants = entrants;
        this.enrolments = enrolments;
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
     * @param held those of the first page of tenants that have no way back, each with the reasons
     */
    public record Recalled(
            Recall recall, List<RolloutId> stopped, Optional<Rollout> back, Map<TenantId, List<String>> held) {
        public Recalled {
            stopped = List.copyOf(stopped);
            held = Map.copyOf(held);
        }
    }

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
        Enrolment enrolment =
                Enrolment.of(RolloutDesk.newId(), Rollout.Kind.RECALL, name, asked.version(), !onlyLeftBehind);
        return catalogue(session, name)
                .invoke(catalogue -> published(catalogue, asked.version()))
                .chain(() -> asked.goBack()
                        ? entrants.page(session, enrolment)
                        : Uni.createFrom().item(Entrants.Page.END))
                .chain(page -> recalls.recall(session, name, asked)
                        .chain(() -> log.ofProduct(session, name, entry(asked), asked.at()))
                        .chain(() -> catalogue(session, name))
                        .chain(catalogue -> stop(session, name, recall(catalogue, asked))
                                .chain(stopped -> asked.goBack()
                                        ? goBack(session, catalogue, asked, stopped, page, enrolment)
                                        : Uni.createFrom()
                                                .item(new Recalled(
                                                        recall(catalogue, asked),
                                                        stopped,
                                                        Optional.empty(),
                                                        Map.of())))));
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
        return rollouts.lockUnderWay(session, name, recall.version())
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

    /** Those who run the release go back: with the rollout that is being entered for that, or else with a new one. */
    private Uni<Recalled> goBack(
            Mutiny.Session session,
            Catalogue catalogue,
            Recall asked,
            List<RolloutId> stopped,
            Entrants.Page page,
            Enrolment enrolment) {
        Recall recall = recall(catalogue, asked);
        return enrolments
                .recalling(session, enrolment.product(), enrolment.version())
                .chain(entering -> entering.isPresent()
                        ? rollouts.find(session, entering.get())
                                .map(found -> new Recalled(recall, stopped, found.map(KeptRollout::rollout), Map.of()))
                        : entrants.returning(session, enrolment.product(), enrolment.version(), enrolment.onceMore())
                                .chain(counted -> counted.isEmpty()
                                        ? Uni.createFrom()
                                                .item(new Recalled(recall, stopped, Optional.empty(), Map.of()))
                                        : begin(
                                                session,
                                                catalogue,
                                                recall,
                                                stopped,
                                                page,
                                                enrolment.at("", counted),
                                                asked.at())));
    }

    private Uni<Recalled> begin(
            Mutiny.Session session,
            Catalogue catalogue,
            Recall recall,
            List<RolloutId> stopped,
            Entrants.Page page,
            Enrolment enrolment,
            Instant now) {
        RolloutId id = enrolment.rollout();
        Batch batch = new Batch(now);
        Rollout.Decision decision = Rollout.begin(
                id,
                enrolment.product(),
                recall,
                RolloutDesk.counts(catalogue.product().rings(), enrolment.ahead()),
                now);
        KeptRollout kept = batch.take(new KeptRollout(decision.next(), Chain.empty("rollout:" + id)), decision);
        return rollouts.add(session, kept, now)
                .chain(() -> planned.enter(session, batch, catalogue, kept, page, enrolment))
                .call(entered -> desk.proceed(session, batch, entered.kept()))
                .call(() -> desk.finish(session, batch))
                .chain(entered -> rollouts.find(session, id)
                        .map(found -> new Recalled(
                                recall,
                                stopped,
                                Optional.of(found.orElse(entered.kept()).rollout()),
                                entered.held())));
    }
}
