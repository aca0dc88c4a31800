package dev.upkeep.planner.desk;

import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.audit.Link;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.messaging.LogKeys;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Chain;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Enrolments;
import dev.upkeep.planner.store.Enrolments.Enrolment;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
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
    /** Small enough to hold nothing up, large enough that its queries cost little a tenant. */
    static final int PAGE = 500;

    private static final Logger LOG = Logger.getLogger(EnrolmentDesk.class);

    /** How long a page that could not be entered is left alone. */
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final Mutiny.SessionFactory sessions;
    private final Products products;
    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Enrolments enrolments;
    private final Announcements announcements;
    private final Circumstances circumstances;
    private final Desk desk;
    private final Map<RolloutId, String> stuck = new ConcurrentHashMap<>();

    EnrolmentDesk(
            Mutiny.SessionFactory sessions,
            Products products,
            Tenants tenants,
            Upgrades upgrades,
            Rollouts rollouts,
            Enrolments enrolments,
            Announcements announcements,
            Circumstances circumstances,
            Desk desk) {
        this.sessions = sessions;
        this.products = products;
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.enrolments = enrolments;
        this.announcements = announcements;
        this.circumstances = circumstances;
        this.desk = desk;
    }

    /** Enters the first page of a rollout that begins in this transaction. */
    Uni<KeptRollout> first(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            KeptRollout kept,
            List<KeptTenant> page,
            Map<RingName, Integer> counted) {
        Rollout rollout = kept.rollout();
        return enter(
                session,
                batch,
                catalogue,
                kept,
                page,
                new Enrolment(rollout.id(), rollout.product(), rollout.version(), "", counted));
    }

    /** Enters the next page of the rollout that has waited longest; false if none waits, or its page can't be entered. */
    Uni<Boolean> next(Instant at) {
        return sessions.withTransaction((session, tx) -> enrolments.next(session, at.minus(AGAIN)))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(false)
                        : sessions.withTransaction((session, tx) -> next(session, found.get(), Desk.precise(at)))
                                .invoke(() -> stuck.remove(found.get().rollout()))
                                .replaceWith(true)
                                .onFailure()
                                .recoverWithUni(failure -> putBack(found.get(), failure, at)));
    }

    /** The rollouts of which this instance could not enter the next page, each with the reason. */
    public Map<String, String> stuck() {
        Map<String, String> reasons = new TreeMap<>();
        stuck.forEach((rollout, reason) -> reasons.put(rollout.value(), reason));
        return reasons;
    }

    private Uni<Boolean> putBack(Enrolment enrolment, Throwable failure, Instant at) {
        stuck.put(enrolment.rollout(), String.valueOf(failure.getMessage()));
        LogKeys.of("rollout", enrolment.rollout().value(), "after", enrolment.enteredTo())
                .log(() -> LOG.warnf("the tenants after this one can't be entered, it is tried again: %s", failure));
        return sessions.withTransaction((session, tx) -> enrolments.putBack(session, enrolment.rollout(), at))
                .replaceWith(false);
    }

    private Uni<Void> next(Mutiny.Session session, Enrolment enrolment, Instant now) {
        return tenants.page(session, enrolment.product(), enrolment.enteredTo(), PAGE)
                .chain(page -> rollouts.lock(session, List.of(enrolment.rollout()))
                        .chain(locked -> enrolments
                                .lock(session, enrolment)
                                .chain(still -> still
                                        ? enter(session, enrolment, page, locked.getFirst(), now)
                                        : Uni.createFrom().voidItem())));
    }

    private Uni<Void> enter(
            Mutiny.Session session, Enrolment enrolment, List<KeptTenant> page, KeptRollout kept, Instant now) {
        Batch batch = new Batch(now);
        @Nullable
        List<KeptTenant> entering = switch (kept.rollout().phase()) {
            case RUNNING -> page;
            // Nobody further is entered: those who are left are none of its.
            case ABORTED, FINISHED -> List.of();
            // It was turned since it was looked for, and may go on some day.
            case PAUSED, STOPPED -> null;
        };
        return entering == null
                ? Uni.createFrom().voidItem()
                : products.catalogue(session, enrolment.product())
                        .map(Optional::orElseThrow)
                        .chain(catalogue -> enter(session, batch, catalogue, kept, entering, enrolment))
                        .chain(entered -> desk.proceed(session, batch, entered))
                        .chain(() -> desk.finish(session, batch));
    }

    private Uni<KeptRollout> enter(
            Mutiny.Session session,
            Batch batch,
            Catalogue catalogue,
            KeptRollout kept,
            List<KeptTenant> page,
            Enrolment enrolment) {
        Version to = enrolment.version();
        List<KeptTenant> behind = page.stream()
                .filter(t -> t.tenant().version().compareTo(to) < 0)
                .toList();
        List<Subject> subjects =
                behind.stream().map(t -> subject(enrolment.rollout(), t, to)).toList();
        Map<TenantId, RingName> rings = rings(behind);
        Map<RingName, Integer> ahead = new HashMap<>(enrolment.ahead());
        rings.values().forEach(ring -> ahead.merge(ring, -1, Integer::sum));
        boolean isLast = page.size() < PAGE;
        // Those who came since the count are more than it said; those who went are left over in the end.
        Map<RingName, Integer> change = new HashMap<>();
        ahead.forEach((ring, left) -> {
            if (left < 0 || (isLast && left > 0)) {
                change.put(ring, -left);
            }
        });
        ahead.replaceAll((ring, left) -> Math.max(0, left));
        List<String> notes =
                catalogue.release(to).map(release -> release.told(batch.now())).orElse(List.of());
        KeptRollout counted = batch.take(kept, kept.rollout().counted(change, batch.now()));
        return upgrades.add(session, subjects, rings, batch.now())
                .chain(() -> announce(session, batch, catalogue, counted.rollout(), subjects, behind, notes))
                .chain(() -> isLast
                        ? enrolments.end(session, enrolment.rollout())
                        : enrolments.save(
                                session,
                                enrolment.at(page.getLast().tenant().id().value(), ahead)))
                .replaceWith(counted);
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
}
