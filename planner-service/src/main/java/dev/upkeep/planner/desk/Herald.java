package dev.upkeep.planner.desk;

import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Kept;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Rollouts.KeptRollout;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import dev.upkeep.planner.store.Upgrades;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * Sees to it that what people were told of upgrades stays true when something about their tenants changes: announces
 * anew what has another date or a greater impact now, and lets all of them be looked at soon.
 *
 * <p>Ordering: whoever calls holds the tenants' upgrades that have not begun, then the tenants; rollouts come last.
 */
@ApplicationScoped
class Herald {
    private final Upgrades upgrades;
    private final Rollouts rollouts;
    private final Products products;
    private final Circumstances circumstances;
    private final Desk desk;

    Herald(Upgrades upgrades, Rollouts rollouts, Products products, Circumstances circumstances, Desk desk) {
        this.upgrades = upgrades;
        this.rollouts = rollouts;
        this.products = products;
        this.circumstances = circumstances;
        this.desk = desk;
    }

    /** Looks at the upgrades of tenants that changed, as they are in this transaction. */
    Uni<Void> look(Mutiny.Session session, Collection<KeptTenant> changed, Instant now) {
        Map<TenantId, Tenant> tenants = new HashMap<>();
        changed.forEach(kept -> tenants.put(kept.tenant().id(), kept.tenant()));
        return upgrades.lockWaiting(session, tenants.keySet()).chain(waiting -> {
            Batch batch = new Batch(now);
            batch.load(waiting);
            Map<RolloutId, List<Kept>> byRollout = waiting.stream()
                    .collect(Collectors.groupingBy(Kept::rollout, LinkedHashMap::new, Collectors.toList()));
            return each(byRollout, (rollout, kept) -> look(session, batch, rollout, kept, tenants))
                    .chain(() -> desk.settle(session, batch))
                    .chain(() -> upgrades.lookAgain(
                            session,
                            waiting.stream().map(kept -> kept.wokenAt(now)).toList()))
                    .chain(() -> rollouts.wake(session, byRollout.keySet(), now));
        });
    }

    private Uni<Void> look(
            Mutiny.Session session, Batch batch, RolloutId id, List<Kept> waiting, Map<TenantId, Tenant> tenants) {
        return rollouts.find(session, id)
                .map(found -> found.map(KeptRollout::rollout).orElseThrow())
                .chain(rollout -> products.catalogue(session, rollout.product())
                        .map(Optional::orElseThrow)
                        .chain(catalogue -> look(session, batch, rollout, catalogue, waiting, tenants)));
    }

    private Uni<Void> look(
            Mutiny.Session session,
            Batch batch,
            Rollout rollout,
            Catalogue catalogue,
            List<Kept> waiting,
            Map<TenantId, Tenant> tenants) {
        if (rollout.phase() == Rollout.Phase.ABORTED || rollout.phase() == Rollout.Phase.FINISHED) {
            return Uni.createFrom().voidItem();
        }
        List<Circumstances.Case> cases = waiting.stream()
                .filter(kept -> kept.upgrade().state() instanceof State.Waiting)
                .flatMap(kept ->
                        Optional.ofNullable(tenants.get(kept.upgrade().subject().tenant()))
                                .map(tenant -> new Circumstances.Case(
                                        kept.upgrade().subject().upgrade(),
                                        tenant,
                                        kept.upgrade().subject().to(),
                                        kept.announcedAt(),
                                        Optional.empty(),
                                        Optional.empty()))
                                .stream())
                .toList();
        return circumstances
                .of(session, cases, catalogue, rollout, Circumstances.Peers.SEEN, batch.now())
                .invoke(found -> cases.forEach(one -> announce(batch, one, found, catalogue, rollout)))
                .replaceWithVoid();
    }

    private static void announce(
            Batch batch,
            Circumstances.Case one,
            Map<UpgradeId, Circumstances.Circumstance> found,
            Catalogue catalogue,
            Rollout rollout) {
        StartFacts facts = Circumstances.unplanned(one, Desk.circumstance(found, one.upgrade()), catalogue, rollout);
        Announcing.anew(facts, batch.now())
                .ifPresent(told -> batch.announce(one.upgrade(), told, Desk.notes(catalogue, facts, batch.now())));
    }

    private static <K, V> Uni<Void> each(Map<K, V> map, BiFunction<K, V, Uni<Void>> work) {
        return Multi.createFrom()
                .iterable(Set.copyOf(map.keySet()))
                .onItem()
                .transformToUniAndConcatenate(key -> work.apply(key, Objects.requireNonNull(map.get(key))))
                .collect()
                .last()
                .replaceWithVoid();
    }
}
