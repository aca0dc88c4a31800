package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.messaging.Outbox;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.RingProgress;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.StartRules;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Upgrade;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Candidate;
import dev.upkeep.planner.store.Closings;
import dev.upkeep.planner.store.Closings.Closing;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Recalls;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Tells upgrades the news of a whole batch and does what follows, in the caller's transaction: a handful of
 * statements whatever the number of upgrades.
 *
 * <p>Ordering: upgrades and their tenants are locked before rollouts; with a rollout locked, further upgrades are taken
 * only if nobody holds them. So transactions never wait for each other in a circle.
 *
 * <p>Failure: it keeps nothing outside the transaction, so a transaction that fails can be run again.
 */
@ApplicationScoped
public class Desk {
    private static final Logger LOG = Logger.getLogger(Desk.class);
    /** How many upgrades one transaction starts at most; the scheduler goes on with the rest at once. */
    private static final int STARTS = 250;

    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Products products;
    private final Recalls recalls;
    private final Timeline timeline;
    private final Outbox outbox;
    private final Meters meters;
    private final Circumstances circumstances;
    private final Announcements announcements;
    private final Closings closings;

    Desk(
            Upgrades upgrades,
            Rollouts rollouts,
            Products products,
            Recalls recalls,
            Timeline timeline,
            Outbox outbox,
            Meters meters,
            Circumstances circumstances,
            Announcements announcements,
            Closings closings) {
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.products = products;
        this.recalls = recalls;
        this.timeline = timeline;
        this.outbox = outbox;
        this.meters = meters;
        this.circumstances = circumstances;
        this.announcements = announcements;
        this.closings = closings;
    }

    /** Tells upgrades their news, in its order. */
    public Uni<Void> tell(Mutiny.Session session, List<Told> news, Instant at) {
        if (news.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Batch batch = new Batch(precise(at));
        Set<UpgradeId> ids = new LinkedHashSet<>();
        news.forEach(told -> ids.add(told.upgrade()));
        return upgrades.lock(session, ids)
                .invoke(loaded -> {
                    batch.load(loaded);
                    news.forEach(told -> tell(batch, told));
                })
                .chain(() -> settle(session, batch));
    }

    /**
     * Turns back who is on the way to a release that was recalled, whatever rollout it is in; whoever recalls does it at
     * once, the scheduler for those whom a crash left out.
     */
    Uni<Void> turnBackFromRecalled(Mutiny.Session session, Instant at) {
        return recalls.onTheWay(session, STARTS)
                .chain(found -> tell(
                        session,
                        found.entrySet().stream()
                                .map(e -> new Told(
                                        e.getKey(), new News.Abort(e.getValue().told())))
                                .toList(),
                        at));
    }

    private static void tell(Batch batch, Told told) {
        if (batch.has(told.upgrade())) {
            batch.count(told.upgrade(), batch.tell(told.upgrade(), told.news()));
        } else {
            LOG.warnf("news for an upgrade that is not known upgrade=%s", told.upgrade());
        }
    }

    /** Looks at rollouts whose rows are locked: opens rings that have soaked, starts what may start. */
    Uni<Void> look(Mutiny.Session session, List<KeptRollout> due, Instant at) {
        Batch batch = new Batch(precise(at));
        return each(due, rollout -> proceed(session, batch, rollout)).chain(() -> finish(session, batch));
    }

    /** Saves a batch, counts its moves in their rollouts, and starts what may start because of them. */
    Uni<Void> settle(Mutiny.Session session, Batch batch) {
        return save(session, batch)
                .chain(() -> rollouts.lock(session, batch.moved()))
                .chain(locked -> each(locked, rollout -> proceed(session, batch, rollout)))
                .chain(() -> finish(session, batch));
    }

    Uni<Void> save(Mutiny.Session session, Batch batch) {
        return upgrades.save(session, batch.takeChanged(), batch.now())
                .chain(() -> upgrades.addPlans(session, batch.takeBegun()))
                .chain(() -> announcements.save(session, batch.takeAnnounced()))
                .chain(() -> closings.put(session, batch.takeClosings()));
    }

    Uni<Void> finish(Mutiny.Session session, Batch batch) {
        meters.count(batch);
        return timeline.add(session, batch.lines()).chain(() -> outbox.say(session, batch.says()));
    }

    /** Counts, opens, stops, starts and gives up, and saves the rollout with its next look. */
    Uni<Void> proceed(Mutiny.Session session, Batch batch, KeptRollout kept) {
        Rollout.Decision decision =
                kept.rollout().moved(batch.moves(kept.rollout().id()), batch.now());
        KeptRollout counted = batch.take(kept, decision);
        Uni<KeptRollout> next = switch (counted.rollout().phase()) {
            case RUNNING ->
                products.catalogue(session, counted.rollout().product())
                        .chain(catalogue -> admit(session, batch, counted, known(catalogue, counted), STARTS));
            case ABORTED -> giveUp(session, batch, counted).chain(given -> turnBack(session, batch, given));
            case PAUSED, STOPPED, FINISHED -> Uni.createFrom().item(counted);
        };
        return next.chain(last -> wakeAt(session, batch, last).chain(wake -> rollouts.save(session, last, wake)));
    }

    private static Catalogue known(Optional<Catalogue> catalogue, KeptRollout of) {
        ProductName product = of.rollout().product();
        return catalogue.orElseThrow(() -> new IllegalStateException("product " + product + " is not there"));
    }

    private Uni<KeptRollout> admit(
            Mutiny.Session session, Batch batch, KeptRollout kept, Catalogue catalogue, int most) {
        Optional<RingProgress> ring = kept.rollout().admitting();
        if (ring.isEmpty() || most <= 0) {
            return Uni.createFrom().item(kept);
        }
        int limit = Math.min(most, ring.get().freeSlots());
        RolloutId id = kept.rollout().id();
        return upgrades.waiting(session, id, ring.get().ring().name(), batch.now(), limit)
                .chain(candidates -> circumstances(session, candidates, catalogue, kept.rollout(), batch.now())
                        .chain(found -> {
                            List<Kept> blocked = new ArrayList<>();
                            KeptRollout started = start(batch, kept, catalogue, candidates, found, blocked);
                            Uni<Void> saved = save(session, batch).chain(() -> upgrades.lookAgain(session, blocked));
                            // Blocked ones made no use of their slots: others may.
                            return saved.chain(() -> candidates.size() < limit
                                    ? Uni.createFrom().item(started)
                                    : admit(session, batch, started, catalogue, most - candidates.size()));
                        }));
    }

    private KeptRollout start(
            Batch batch,
            KeptRollout kept,
            Catalogue catalogue,
            List<Candidate> candidates,
            Map<UpgradeId, Circumstances.Circumstance> found,
            List<Kept> blocked) {
        KeptRollout current = kept;
        Set<TenantId> started = new HashSet<>();
        for (Candidate candidate : candidates) {
            UpgradeId id = candidate.kept().upgrade().subject().upgrade();
            StartFacts facts =
                    Circumstances.facts(one(candidate), circumstance(found, id), catalogue, current.rollout(), started);
            Optional<Announcement> anew = Announcing.anew(facts, batch.now());
            if (anew.isPresent()) {
                batch.load(List.of(candidate.kept()));
                batch.announce(id, anew.get(), notes(catalogue, facts, batch.now()));
                continue;
            }
            List<Blocker> blockers = StartRules.blockers(facts, batch.now());
            Optional<News> news = first(candidate, facts, blockers, batch.now());
            if (news.isPresent()) {
                batch.load(List.of(candidate.kept()));
                started.add(candidate.tenant().id());
                closing(facts, id, batch.now()).ifPresent(batch::closes);
                Rollout.Move move = batch.tell(id, news.get());
                current = batch.take(current, current.rollout().moved(List.of(move), batch.now()));
            } else {
                blocked.add(candidate.kept().wokenAt(StartRules.nextLook(blockers, batch.now())));
            }
        }
        return current;
    }

    /** What an upgrade that has not begun is told; nothing where it must wait. */
    private static Optional<News> first(Candidate candidate, StartFacts facts, List<Blocker> blockers, Instant now) {
        boolean recall = facts.rollout().kind() == Rollout.Kind.RECALL;
        if (recall && candidate.otherActive().isPresent()) {
            return Optional.empty();
        }
        if (recall && !facts.tenant().version().equals(facts.rollout().version())) {
            return Optional.of(new News.GivenUp("it runs " + facts.tenant().version() + ", not the recalled "
                    + facts.rollout().version()));
        }
        return switch (facts.planned()) {
            case Planning.Planned.Way way when blockers.isEmpty() -> Optional.of(begin(candidate, way, facts, now));
            case Planning.Planned.Way way -> Optional.empty();
            case Planning.Planned.NoWay none when recall -> Optional.of(new News.HasNoWay(none.reasons()));
            case Planning.Planned.NoWay none -> Optional.empty();
        };
    }

    private static News begin(Candidate candidate, Planning.Planned.Way way, StartFacts facts, Instant now) {
        boolean goesWhereItWas = way.plan().goesBack()
                && candidate.previous().filter(way.plan().to()::equals).isPresent();
        return new News.MayBegin(
                way.plan(),
                way.ahead(),
                facts.known(goesWhereItWas ? candidate.previousSchema() : Optional.empty(), now));
    }

    /** When the window closes in which a hop begins now; nothing where work may run at any time. */
    private static Optional<Closing> closing(StartFacts facts, UpgradeId id, Instant now) {
        return facts.windowCloses(now)
                .flatMap(closes -> facts.estimate()
                        .map(estimate -> new Closing(id, closes, now, estimate.forward(), estimate.undo())));
    }

    /**
     * Tells people of work that goes beyond its window, once for each: a start that fits does not keep a step from taking
     * longer than anybody thought.
     */
    Uni<Void> announceOverruns(Mutiny.Session session, Instant at) {
        Batch batch = new Batch(precise(at));
        return closings.due(session, batch.now(), STARTS)
                .chain(due -> due.isEmpty() ? Uni.createFrom().voidItem() : announceOverruns(session, batch, due));
    }

    private Uni<Void> announceOverruns(Mutiny.Session session, Batch batch, List<Closing> due) {
        List<UpgradeId> ids = due.stream().map(Closing::upgrade).toList();
        return upgrades.lock(session, ids)
                .invoke(batch::load)
                .chain(() -> closings.take(session, ids))
                .invoke(taken -> due.stream()
                        .filter(closing -> taken.contains(closing.upgrade()))
                        .forEach(closing -> overrun(batch, closing)))
                .chain(() -> settle(session, batch));
    }

    private static void overrun(Batch batch, Closing closing) {
        Upgrade upgrade = batch.upgrade(closing.upgrade()).upgrade();
        Instant planned = closing.begun().plus(closing.forward());
        Instant back = batch.now().plus(closing.undo());
        switch (upgrade.state().phase()) {
            case RUNNING ->
                batch.overruns(
                        closing,
                        "it goes forward to " + upgrade.subject().to(),
                        planned.isAfter(batch.now()) ? planned : back);
            case UNDOING ->
                batch.overruns(closing, "it goes back to " + upgrade.hops().runs(), back);
            case CLOSING -> batch.overruns(closing, "what was parked is let go", batch.now());
            case HELD -> batch.overruns(closing, "it is held, and somebody must decide", back);
            // Nothing is at work, or nothing any more.
            case WAITING, BARRED, BETWEEN_HOPS, CONFIRMED, ROLLED_BACK, ABORTED -> {}
        }
    }

    /** Looks at upgrades between two hops, their rows locked: what may goes on, what has no way on is held. */
    Uni<Void> goOn(Mutiny.Session session, List<Candidate> between, Instant at) {
        if (between.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Batch batch = new Batch(precise(at));
        Map<RolloutId, List<Candidate>> byRollout =
                new TreeMap<>((a, b) -> a.value().compareTo(b.value()));
        between.forEach(c -> byRollout
                .computeIfAbsent(c.kept().rollout(), r -> new ArrayList<>())
                .add(c));
        List<Kept> blocked = new ArrayList<>();
        return rollouts.lock(session, byRollout.keySet())
                .chain(locked -> each(
                        locked,
                        kept -> goOn(
                                session,
                                batch,
                                byRollout.getOrDefault(kept.rollout().id(), List.of()),
                                kept,
                                blocked)))
                .chain(() -> upgrades.lookAgain(session, blocked))
                .chain(() -> settle(session, batch));
    }

    private Uni<Void> goOn(
            Mutiny.Session session, Batch batch, List<Candidate> between, KeptRollout kept, List<Kept> blocked) {
        return products.catalogue(session, kept.rollout().product())
                .map(catalogue -> known(catalogue, kept))
                .chain(catalogue -> circumstances(session, between, catalogue, kept.rollout(), batch.now())
                        .invoke(found -> {
                            Set<TenantId> started = new HashSet<>();
                            between.forEach(c -> goOn(batch, c, found, catalogue, kept.rollout(), started, blocked));
                        }))
                .replaceWithVoid();
    }

    private static void goOn(
            Batch batch,
            Candidate candidate,
            Map<UpgradeId, Circumstances.Circumstance> found,
            Catalogue catalogue,
            Rollout rollout,
            Set<TenantId> started,
            List<Kept> blocked) {
        UpgradeId id = candidate.kept().upgrade().subject().upgrade();
        StartFacts facts = Circumstances.facts(one(candidate), circumstance(found, id), catalogue, rollout, started);
        List<Blocker> blockers = StartRules.blockersOfNextHop(facts, batch.now());
        Optional<News> news = rollout.phase() == Rollout.Phase.ABORTED
                ? Optional.of(new News.GivenUp(rollout.reason()))
                : switch (facts.planned()) {
                    case Planning.Planned.NoWay none -> Optional.of(new News.HasNoWay(none.reasons()));
                    case Planning.Planned.Way way
                    when blockers.isEmpty() -> Optional.of(begin(candidate, way, facts, batch.now()));
                    case Planning.Planned.Way way -> Optional.empty();
                };
        if (news.isEmpty()) {
            blocked.add(candidate.kept().wokenAt(StartRules.nextLook(blockers, batch.now())));
            return;
        }
        batch.load(List.of(candidate.kept()));
        started.add(candidate.tenant().id());
        closing(facts, id, batch.now()).ifPresent(batch::closes);
        batch.count(id, batch.tell(id, news.get()));
    }

    private Uni<Map<UpgradeId, Circumstances.Circumstance>> circumstances(
            Mutiny.Session session, List<Candidate> candidates, Catalogue catalogue, Rollout rollout, Instant now) {
        return circumstances.of(
                session,
                candidates.stream().map(Desk::one).toList(),
                catalogue,
                rollout,
                Circumstances.Peers.LOCKED,
                now);
    }

    private static Circumstances.Case one(Candidate candidate) {
        return new Circumstances.Case(
                candidate.kept().upgrade().subject().upgrade(),
                candidate.tenant(),
                candidate.kept().upgrade().subject().to(),
                candidate.kept().announcedAt(),
                candidate.otherActive(),
                candidate.parkedBecause());
    }

    static Circumstances.Circumstance circumstance(Map<UpgradeId, Circumstances.Circumstance> found, UpgradeId id) {
        Circumstances.Circumstance circumstance = found.get(id);
        if (circumstance == null) {
            throw new IllegalStateException("the circumstances of " + id + " were not looked for");
        }
        return circumstance;
    }

    /** What may be told of the release that an upgrade goes to. */
    static List<String> notes(Catalogue catalogue, StartFacts facts, Instant now) {
        return catalogue.release(facts.to()).map(release -> release.told(now)).orElse(List.of());
    }

    private Uni<KeptRollout> giveUp(Mutiny.Session session, Batch batch, KeptRollout kept) {
        return upgrades.atRest(session, kept.rollout().id(), STARTS)
                .chain(resting -> tellAll(
                        session,
                        batch,
                        kept,
                        resting,
                        new News.GivenUp(kept.rollout().reason())));
    }

    private Uni<KeptRollout> turnBack(Mutiny.Session session, Batch batch, KeptRollout kept) {
        return kept.rollout().turnsBack()
                ? upgrades.toTurnBack(session, kept.rollout().id(), STARTS)
                        .chain(begun -> tellAll(
                                session,
                                batch,
                                kept,
                                begun,
                                new News.Abort(kept.rollout().reason())))
                : Uni.createFrom().item(kept);
    }

    private Uni<KeptRollout> tellAll(
            Mutiny.Session session, Batch batch, KeptRollout kept, List<Kept> loaded, News news) {
        batch.load(loaded);
        List<Rollout.Move> moves = loaded.stream()
                .map(w -> batch.tell(w.upgrade().subject().upgrade(), news))
                .toList();
        KeptRollout counted = batch.take(kept, kept.rollout().moved(moves, batch.now()));
        return save(session, batch).map(saved -> counted);
    }

    private Uni<Optional<Instant>> wakeAt(Mutiny.Session session, Batch batch, KeptRollout kept) {
        Rollout rollout = kept.rollout();
        if (rollout.phase() == Rollout.Phase.ABORTED) {
            return upgrades.areLeftToGiveUp(session, rollout.id(), rollout.turnsBack())
                    .map(left -> left ? Optional.of(batch.now()) : Optional.empty());
        }
        Optional<Instant> soaked = rollout.soakedAt();
        if (soaked.isPresent()) {
            return Uni.createFrom().item(soaked);
        }
        return rollout.admitting().isPresent()
                ? upgrades.nextLook(
                        session, rollout.id(), rollout.admitting().get().ring().name())
                : Uni.createFrom().item(Optional.empty());
    }

    static <T> Uni<Void> each(List<T> items, Function<T, Uni<Void>> work) {
        return Multi.createFrom()
                .iterable(items)
                .onItem()
                .transformToUniAndConcatenate(work::apply)
                .collect()
                .last()
                .replaceWithVoid();
    }

    /** PostgreSQL keeps microseconds; a hash over anything finer could not be checked later. */
    static Instant precise(Instant at) {
        return at.truncatedTo(ChronoUnit.MICROS);
    }

    static boolean isHeld(Kept kept) {
        return kept.upgrade().state() instanceof State.Held;
    }
}
