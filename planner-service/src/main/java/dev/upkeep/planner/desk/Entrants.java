package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.LifecycleEvent.Subject;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Recalling;
import dev.upkeep.planner.core.Upgrade;
import dev.upkeep.planner.store.Enrolments;
import dev.upkeep.planner.store.Enrolments.Enrolment;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Whom a rollout takes in, and where each of them goes: forward to its release, or back from the release that was recalled.
 *
 * <p>Ordering: who belongs to a page is looked at again once its tenants are locked, so that nobody is taken in for what was
 * true a moment ago.
 */
@ApplicationScoped
class Entrants {
    /** Small enough to hold nothing up, large enough that its queries cost little a tenant. */
    static final int PAGE = 500;

    private final Tenants tenants;
    private final Upgrades upgrades;
    private final Enrolments enrolments;

    Entrants(Tenants tenants, Upgrades upgrades, Enrolments enrolments) {
        this.tenants = tenants;
        this.upgrades = upgrades;
        this.enrolments = enrolments;
    }

    /**
     * A page of tenants, locked.
     *
     * @param to the last one that was looked at
     */
    record Page(List<KeptTenant> tenants, String to, boolean isLast) {
        /** Nobody, and nobody after it. */
        static final Page END = new Page(List.of(), "", true);
    }

    /**
     * One that is taken in.
     *
     * @param noWay why it can only be held for a person; empty if there is a way
     */
    record Entrant(KeptTenant kept, Subject subject, List<String> noWay) {}

    /** The next page of those who may be taken in. */
    Uni<Page> page(Mutiny.Session session, Enrolment enrolment) {
        ProductName product = enrolment.product();
        String after = enrolment.enteredTo();
        return switch (enrolment.kind()) {
            case RELEASE ->
                tenants.page(session, product, after, PAGE)
                        .map(found -> new Page(
                                found,
                                found.isEmpty()
                                        ? after
                                        : found.getLast().tenant().id().value(),
                                found.size() < PAGE));
            case RECALL ->
                tenants.idsOnRelease(session, product, enrolment.version(), after, PAGE)
                        .chain(ids -> tenants.lock(session, ids)
                                .map(found ->
                                        new Page(found, ids.isEmpty() ? after : ids.getLast(), ids.size() < PAGE)));
        };
    }

    /** Those of a page, locked, that are taken in. */
    Uni<List<Entrant>> of(Mutiny.Session session, Catalogue catalogue, Enrolment enrolment, List<KeptTenant> page) {
        return switch (enrolment.kind()) {
            case RELEASE ->
                Uni.createFrom()
                        .item(page.stream()
                                .filter(kept -> kept.tenant().version().compareTo(enrolment.version()) < 0)
                                .map(kept -> new Entrant(
                                        kept, subject(enrolment.rollout(), kept, enrolment.version()), List.of()))
                                .toList());
            case RECALL -> returning(session, catalogue, enrolment, page);
        };
    }

    /** How many of each ring go back from a recalled release; who runs it is looked at anew as pages are taken in. */
    Uni<Map<RingName, Integer>> returning(
            Mutiny.Session session, ProductName product, Version recalled, boolean onceMore) {
        return proven(session, product, recalled, Optional.empty())
                .chain(proven -> enrolments.returning(session, product, recalled, proven.keySet(), onceMore));
    }

    /** Those who run the release, and those whose hop to it is proven already; but none that is on its way back. */
    private Uni<List<Entrant>> returning(
            Mutiny.Session session, Catalogue catalogue, Enrolment enrolment, List<KeptTenant> page) {
        Version recalled = enrolment.version();
        List<TenantId> ids = page.stream().map(kept -> kept.tenant().id()).toList();
        return upgrades.takenBack(session, enrolment.product(), recalled, !enrolment.onceMore(), ids)
                .chain(covered -> proven(session, enrolment.product(), recalled, Optional.of(ids))
                        .map(proven -> page.stream()
                                .filter(kept -> goesBack(kept, recalled, covered, proven))
                                .map(kept -> returning(catalogue, enrolment, kept, proven))
                                .toList()));
    }

    private static boolean goesBack(
            KeptTenant kept, Version recalled, Set<TenantId> covered, Map<TenantId, Version> proven) {
        TenantId id = kept.tenant().id();
        return !covered.contains(id) && (kept.tenant().version().equals(recalled) || proven.containsKey(id));
    }

    /** The tenants whose hop to a release is proven, with the versions that it began on. */
    private Uni<Map<TenantId, Version>> proven(
            Mutiny.Session session, ProductName product, Version recalled, Optional<Collection<TenantId>> of) {
        return upgrades.onTheWayTo(session, product, recalled, of).map(coming -> {
            Map<TenantId, Version> proven = new HashMap<>();
            coming.stream()
                    .map(Kept::upgrade)
                    .filter(Upgrade::isProven)
                    .forEach(u -> proven.put(u.subject().tenant(), u.hops().runs()));
            return proven;
        });
    }

    private static Entrant returning(
            Catalogue catalogue, Enrolment enrolment, KeptTenant kept, Map<TenantId, Version> proven) {
        Version recalled = enrolment.version();
        Optional<Version> to = Recalling.target(
                catalogue.product(),
                catalogue.offer(),
                recalled,
                Optional.ofNullable(proven.get(kept.tenant().id())).or(kept::previous));
        // A tenant without a version to go back to is planned to where it is: it can only be held.
        Subject subject = subject(enrolment.rollout(), kept, to.orElse(recalled));
        return new Entrant(kept, from(recalled, subject), noWay(catalogue, recalled, kept, to));
    }

    /** Why a tenant can't go back for sure; where parts stand elsewhere, what runs there decides when it would begin. */
    private static List<String> noWay(Catalogue catalogue, Version recalled, KeptTenant kept, Optional<Version> to) {
        if (to.isEmpty()) {
            return List.of("no release below " + recalled + " is published that it could go back to");
        }
        return kept.tenant().site().peers().isEmpty()
                        && Recalling.plan(
                                        catalogue.product(),
                                        kept.tenant().on(recalled),
                                        catalogue.offer(),
                                        to.get(),
                                        Map.of())
                                instanceof Planning.Planned.NoWay none
                ? none.reasons()
                : List.of();
    }

    /** An upgrade of a rollout; its id begins with the rollout's, so that a notice about it can be put in its place. */
    private static Subject subject(RolloutId rollout, KeptTenant kept, Version to) {
        return new Subject(
                kept.tenant().id(),
                kept.tenant().account(),
                kept.tenant().product(),
                kept.tenant().version(),
                to,
                new UpgradeId(
                        "u" + rollout.value().substring(1) + "-" + kept.tenant().id()),
                rollout);
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
}
