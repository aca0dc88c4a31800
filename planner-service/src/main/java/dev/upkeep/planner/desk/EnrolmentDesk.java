package dev.upkeep.planner.desk;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.messaging.LogKeys;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.News;
import dev.upkeep.planner.core.Recall;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.desk.Entrants.Entrant;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Enrolments;
import dev.upkeep.planner.store.Enrolments.Enrolment;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Timeline;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Enters a rollout's tenants, a page and a transaction at a time, so that neither memory nor locks grow with the fleet.
 * Their rings are counted when the rollout begins, so that none of them is over before all of it was entered; who came or
 * went meanwhile is put right page by page.
 *
 * <p>Ordering: a page's tenants are locked before its rollout, as everywhere.
 *
 * <p>Failure: a page is one transaction and keeps how far it came, so whoever comes after a crash goes on from there. A
 * page that can't be entered is tried again, behind those of other rollouts.
 */
@ApplicationScoped
public class EnrolmentDesk {
    private static final Logger LOG = Logger.getLogger(EnrolmentDesk.class);

    /** How long a page that could not be entered is left alone. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    /** More than this many need not be told apart. */
    private static final int STUCK_TOLD = 20;

    private final Mutiny.SessionFactory sessions;
    private final Products products;
    private final Tenants tenants;
    private final Entrants entrants;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Enrolments enrolments;
    private final Announcements announcements;
    private final Circumstances circumstances;
    private final Desk desk;
    private volatile Map<RolloutId, String> stuck = Map.of();

    EnrolmentDesk(
            Mutiny.SessionFactory sessions,
            Products products,
            Tenants tenants,
            Entrants entrants,
            Upgrades upgrades,
            Rollouts rollouts,
            Enrolments enrolments,
            Announcements announcements,
            Circumstances circumstances,
            Desk desk) {
        this.sessions = sessions;
        this.products = products;
        this.tenants = tenants;
        this.entrants = entrants;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.enrolments = enrolments;
        this.announcements = announcements;
        this.circumstances = circumstances;
        this.desk = desk;
    }

    /**
     * What came of a page.
     *
     * @param kept the rollout, its rings counted anew
     * @param held those who can't go, each with the reasons
     */
    record Entered(KeptRollout kept, Map<TenantId, List<String>> held) {}

    /** Enters the first page of a rollout that begins in this transaction; the page's tenants are locked already. */
    Uni<Entered> enter(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            KeptRollout kept,
            Entrants.Page page,
            Enrolment enrolment) {
        return entrants.of(session, catalogue, enrolment, page.tenants())
                .chain(those -> enter(session, batch, catalogue, kept, page, enrolment, those));
    }

    /** Enters the next page of the rollout that has waited longest; false if none waits, or its page can't be entered. */
    Uni<Boolean> next(Instant at) {
        return sessions.withTransaction((session, tx) -> enrolments.next(session, at.minus(AGAIN)))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(false)
                        : sessions.withTransaction((session, tx) -> next(session, found.get(), Desk.precise(at)))
                                .replaceWith(true)
                                .onFailure()
                                .recoverWithUni(failure -> putBack(found.get(), failure, at)));
    }

    /** Looks which rollouts' next page can't be entered, whichever instance tried. */
    Uni<Void> lookForStuck(Mutiny.Session session) {
        return enrolments
                .stuck(session, STUCK_TOLD)
                .invoke(found -> stuck = found)
                .replaceWithVoid();
    }

    /** The rollouts of which the next page can't be entered, each with the reason, as of the last look. */
    Map<RolloutId, String> stuck() {
        return stuck;
    }

    private Uni<Boolean> putBack(Enrolment enrolment, Throwable failure, Instant at) {
        LogKeys.of("rollout", enrolment.rollout().value(), "after", enrolment.enteredTo())
                .log(() -> LOG.warnf("the tenants after this one can't be entered, it is tried again: %s", failure));
        String reason = Objects.requireNonNullElse(failure.getMessage(), failure.toString());
        return sessions.withTransaction((session, tx) -> enrolments.putBack(session, enrolment.rollout(), reason, at))
                .replaceWith(false);
    }

    private Uni<Void> next(Mutiny.Session session, Enrolment enrolment, Instant now) {
        return entrants.page(session, enrolment)
                .chain(page -> rollouts.lock(session, List.of(enrolment.rollout()))
                        .chain(locked -> enrolments
                                .lock(session, enrolment)
                                .chain(still -> still
                                        ? enter(session, enrolment, page, locked.getFirst(), now)
                                        : Uni.createFrom().voidItem())));
    }

    private Uni<Void> enter(
            Mutiny.Session session, Enrolment enrolment, Entrants.Page page, KeptRollout kept, Instant now) {
        Batch batch = new Batch(now);
        Entrants.@Nullable Page entering = switch (kept.rollout().phase()) {
            case RUNNING -> page;
            // Nobody further is entered: those who are left are none of its.
            case ABORTED, FINISHED -> Entrants.Page.END;
            // It was turned since it was looked for, and may go on some day.
            case PAUSED, STOPPED -> null;
        };
        return entering == null
                ? Uni.createFrom().voidItem()
                : products.catalogue(session, enrolment.product())
                        .map(Optional::orElseThrow)
                        .chain(catalogue -> enter(session, batch, catalogue, kept, entering, enrolment))
                        .chain(entered -> desk.proceed(session, batch, entered.kept()))
                        .chain(() -> desk.finish(session, batch));
    }

    private Uni<Entered> enter(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            KeptRollout kept,
            Entrants.Page page,
            Enrolment enrolment,
            List<Entrant> those) {
        List<Subject> subjects = those.stream().map(Entrant::subject).toList();
        Map<TenantId, RingName> rings = rings(those);
        Map<RingName, Integer> ahead = new HashMap<>(enrolment.ahead());
        rings.values().forEach(ring -> ahead.merge(ring, -1, Integer::sum));
        // Those who came since the count are more than it said; those who went are left over in the end.
        Map<RingName, Integer> change = new HashMap<>();
        ahead.forEach((ring, left) -> {
            if (left < 0 || (page.isLast() && left > 0)) {
                change.put(ring, -left);
            }
        });
        ahead.replaceAll((ring, left) -> Math.max(0, left));
        KeptRollout counted = batch.take(kept, kept.rollout().counted(change, batch.now()));
        return upgrades.add(session, subjects, rings, batch.now())
                .chain(() -> announce(
                        session, batch, catalogue, counted.rollout(), those, notes(catalogue, enrolment, batch.now())))
                .chain(() -> hold(session, batch, those))
                .chain(() -> page.isLast()
                        ? enrolments.end(session, enrolment.rollout())
                        : enrolments.save(session, enrolment.at(page.to(), ahead)))
                .replaceWith(() -> new Entered(counted, held(those)));
    }

    /** What those who are told of it read besides: what the release brings, or why it is taken back. */
    private static List<String> notes(Catalogue catalogue, Enrolment enrolment, Instant now) {
        return switch (enrolment.kind()) {
            case RELEASE ->
                catalogue
                        .release(enrolment.version())
                        .map(release -> release.told(now))
                        .orElse(List.of());
            case RECALL ->
                catalogue.offer().recall(enrolment.version()).map(Recall::told).stream()
                        .toList();
        };
    }

    private static Map<TenantId, RingName> rings(List<Entrant> those) {
        Map<TenantId, RingName> rings = new LinkedHashMap<>();
        those.forEach(e -> rings.put(e.subject().tenant(), e.kept().tenant().ring()));
        return rings;
    }

    private static Map<TenantId, List<String>> held(List<Entrant> those) {
        return those.stream()
                .filter(e -> !e.noWay().isEmpty())
                .collect(Collectors.toMap(e -> e.subject().tenant(), Entrant::noWay));
    }

    /** Holds for a person whoever can't go. */
    private Uni<Void> hold(Mutiny.Session session, Batch batch, List<Entrant> those) {
        Map<UpgradeId, List<String>> reasons = new LinkedHashMap<>();
        those.stream()
                .filter(e -> !e.noWay().isEmpty())
                .forEach(e -> reasons.put(e.subject().upgrade(), e.noWay()));
        return reasons.isEmpty()
                ? Uni.createFrom().voidItem()
                : upgrades.lock(session, Set.copyOf(reasons.keySet()))
                        .invoke(loaded -> {
                            batch.load(loaded);
                            reasons.forEach((id, why) -> batch.count(id, batch.tell(id, new News.HasNoWay(why))));
                        })
                        .chain(() -> desk.save(session, batch));
    }

    /** Tells people for the first time, each of the earliest date that windows, delays and notices allow. */
    private Uni<Void> announce(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            Rollout rollout,
            List<Entrant> those,
            List<String> notes) {
        List<Circumstances.Case> cases = those.stream()
                .map(e -> new Circumstances.Case(
                        e.subject().upgrade(),
                        e.kept().tenant(),
                        e.subject().to(),
                        batch.now(),
                        Optional.empty(),
                        Optional.empty()))
                .toList();
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
                            .chain(() -> tenants.saveChains(session, say(batch, those, told, notes)));
                });
    }

    /** Writes down and says that upgrades are planned; the tenants' chains, longer by one, are to be saved. */
    private static List<Chain> say(Batch batch, List<Entrant> those, List<Announcement> told, List<String> notes) {
        List<Chain> chains = new ArrayList<>();
        for (int i = 0; i < those.size(); i++) {
            Subject subject = those.get(i).subject();
            Timeline.Line line = Timeline.Line.after(
                    those.get(i).kept().chain(),
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
}
