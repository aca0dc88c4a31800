package dev.upkeep.planner.desk;

import dev.upkeep.contract.AccountId;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.calendar.RuleOpenings;
import dev.upkeep.planner.core.Announced;
import dev.upkeep.planner.core.Announcement;
import dev.upkeep.planner.core.Openings;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Recalling;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.Said;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.Stated;
import dev.upkeep.planner.core.Stretch;
import dev.upkeep.planner.core.Surroundings;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.store.Announcements;
import dev.upkeep.planner.store.Freezes;
import dev.upkeep.planner.store.Neighbours;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Statements;
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
import java.util.Set;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Brings together what the start rules look at, by a handful of queries whatever the number of upgrades. */
@ApplicationScoped
public class Circumstances {
    static final Openings OPENINGS = new RuleOpenings();

    private final Statements statements;
    private final Announcements announcements;
    private final Freezes freezes;
    private final Neighbours neighbours;

    Circumstances(Statements statements, Announcements announcements, Freezes freezes, Neighbours neighbours) {
        this.statements = statements;
        this.announcements = announcements;
        this.freezes = freezes;
        this.neighbours = neighbours;
    }

    /**
     * An upgrade that may start some day, or go on with its next hop.
     *
     * @param to where it goes: in a recall each tenant may go somewhere else
     * @param announcedAt when it was, as its row says: older ones have nothing else
     */
    record Case(
            UpgradeId upgrade,
            Tenant tenant,
            Version to,
            Instant announcedAt,
            Optional<UpgradeId> otherActive,
            Optional<String> parkedBecause) {}

    /** What goes on around an upgrade, before its rollout is looked at. */
    record Circumstance(Said said, Optional<Announced> announced, Surroundings around) {}

    /** Whether peers are locked, so that they don't start meanwhile, or only looked at. */
    enum Peers {
        LOCKED,
        SEEN
    }

    /** Whose measured sizes are read: they tell how long it takes. */
    enum Sizes {
        /** Only of those with a window or a freeze ahead: for the others they decide nothing. */
        WHERE_THEY_COUNT,
        OF_ALL
    }

    /** The circumstances of the upgrades of one rollout. */
    Uni<Map<UpgradeId, Circumstance>> of(
            Mutiny.Session session, List<Case> cases, Catalogue catalogue, Rollout rollout, Peers peers, Instant now) {
        return of(session, cases, catalogue, rollout, peers, Sizes.WHERE_THEY_COUNT, now);
    }

    /** The same with these sizes. */
    Uni<Map<UpgradeId, Circumstance>> of(
            Mutiny.Session session,
            List<Case> cases,
            Catalogue catalogue,
            Rollout rollout,
            Peers peers,
            Sizes sizes,
            Instant now) {
        if (cases.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        Gathered gathered = new Gathered();
        List<TenantId> tenants = cases.stream().map(c -> c.tenant().id()).toList();
        return statements
                .standing(session, tenants)
                .invoke(found -> gathered.statements = found)
                .chain(() -> rollout.rings().stream().anyMatch(r -> r.ring().approval())
                        ? statements.standing(session, rollout.id())
                        : Uni.createFrom().item(List.<Stated>of()))
                .invoke(found -> gathered.ofRollout = found)
                .chain(() -> announcements.of(
                        session, cases.stream().map(Case::upgrade).toList()))
                .invoke(found -> gathered.announced = found)
                .chain(() -> freezes.toCome(session, catalogue.product().name(), now))
                .invoke(found -> gathered.freezes = found)
                .chain(() -> siblings(session, cases, catalogue, rollout.version(), now))
                .invoke(found -> gathered.siblings = found)
                .chain(() -> peers(session, cases, peers))
                .invoke(found -> gathered.peers = found)
                .chain(() -> neighbours.measured(
                        session,
                        switch (sizes) {
                            case OF_ALL -> tenants;
                            case WHERE_THEY_COUNT -> whereSizesCount(cases, gathered.freezes);
                        }))
                .map(measured -> {
                    Map<UpgradeId, Circumstance> circumstances = new LinkedHashMap<>();
                    for (Case one : cases) {
                        circumstances.put(one.upgrade(), gathered.circumstance(one, catalogue, rollout, measured));
                    }
                    return circumstances;
                });
    }

    private Uni<Map<AccountId, List<Surroundings.Sibling>>> siblings(
            Mutiny.Session session, List<Case> cases, Catalogue catalogue, Version to, Instant now) {
        boolean asked = catalogue.product().policies().stageFirst().stream()
                .anyMatch(rule -> rule.releases().covers(to.toString()));
        return asked
                ? neighbours.siblings(
                        session,
                        cases.stream().map(c -> c.tenant().account()).toList(),
                        catalogue.product().name(),
                        to,
                        now)
                : Uni.createFrom().item(Map.of());
    }

    private Uni<Map<TenantId, Surroundings.Peer>> peers(Mutiny.Session session, List<Case> cases, Peers how) {
        Set<TenantId> ids = cases.stream()
                .flatMap(c -> c.tenant().site().peers().values().stream())
                .collect(Collectors.toSet());
        return how == Peers.LOCKED ? neighbours.lockPeers(session, ids) : neighbours.peers(session, ids);
    }

    private static List<TenantId> whereSizesCount(List<Case> cases, List<Freezes.Wide> freezes) {
        return cases.stream()
                .map(Case::tenant)
                .filter(t -> !t.windows().isEmpty()
                        || !t.freezes().isEmpty()
                        || freezes.stream().anyMatch(wide -> wide.covers(t)))
                .map(Tenant::id)
                .toList();
    }

    /** The facts about one upgrade; {@code startedNow} are tenants that this very transaction has started. */
    static StartFacts facts(
            Case one, Circumstance circumstance, Catalogue catalogue, Rollout rollout, Set<TenantId> startedNow) {
        Map<ComponentName, Version> peers = circumstance.around().peerVersions(one.tenant());
        Planning.Planned planned = switch (rollout.kind()) {
            case RELEASE -> Planning.next(catalogue.product(), one.tenant(), catalogue.offer(), one.to(), peers);
            case RECALL -> Recalling.plan(catalogue.product(), one.tenant(), catalogue.offer(), one.to(), peers);
        };
        return facts(one, circumstance, catalogue, rollout, startedNow, planned);
    }

    /** The same without a plan: enough to say when it may start at the earliest. */
    static StartFacts unplanned(Case one, Circumstance circumstance, Catalogue catalogue, Rollout rollout) {
        return facts(
                one,
                circumstance,
                catalogue,
                rollout,
                Set.of(),
                new Planning.Planned.NoWay(List.of("it was not looked for")));
    }

    private static StartFacts facts(
            Case one,
            Circumstance circumstance,
            Catalogue catalogue,
            Rollout rollout,
            Set<TenantId> startedNow,
            Planning.Planned planned) {
        Tenant tenant = one.tenant();
        Stretch stretch = catalogue.stretch(tenant.version(), one.to());
        return new StartFacts(
                tenant,
                circumstance.said(),
                catalogue.product(),
                stretch,
                planned,
                rollout,
                circumstance.announced().orElseGet(() -> untold(one, stretch)),
                with(circumstance.around(), startedNow),
                OPENINGS);
    }

    /** What was planned before there were announcements: announced once, for any time. */
    private static Announced untold(Case one, Stretch stretch) {
        return new Announced(
                new Announcement(1, 1, one.announcedAt(), stretch.bump(), Duration.ofDays(1), one.announcedAt()),
                List.of());
    }

    /** Peers that this very transaction has started are busy, although no query could see it. */
    private static Surroundings with(Surroundings around, Set<TenantId> startedNow) {
        if (around.peers().keySet().stream().noneMatch(startedNow::contains)) {
            return around;
        }
        Map<TenantId, Surroundings.Peer> peers = new HashMap<>(around.peers());
        peers.replaceAll((id, peer) -> startedNow.contains(id)
                ? new Surroundings.Peer(peer.version(), Optional.of("an upgrade has just started"))
                : peer);
        return new Surroundings(
                around.otherActive(),
                around.parkedBecause(),
                around.freezes(),
                around.siblings(),
                peers,
                around.measured());
    }

    /** What the queries found, on the way to circumstances. */
    private static final class Gathered {
        private Map<TenantId, List<Stated>> statements = Map.of();
        private List<Stated> ofRollout = List.of();
        private Map<UpgradeId, Announced> announced = Map.of();
        private List<Freezes.Wide> freezes = List.of();
        private Map<AccountId, List<Surroundings.Sibling>> siblings = Map.of();
        private Map<TenantId, Surroundings.Peer> peers = Map.of();

        Circumstance circumstance(
                Case one, Catalogue catalogue, Rollout rollout, Map<TenantId, Map<String, String>> measured) {
            Tenant tenant = one.tenant();
            List<Stated> said = new ArrayList<>(statements.getOrDefault(tenant.id(), List.of()));
            said.addAll(ofRollout);
            return new Circumstance(
                    Said.of(
                            said,
                            rollout.version(),
                            Optional.ofNullable(catalogue.published().get(rollout.version()))),
                    Optional.ofNullable(announced.get(one.upgrade())),
                    new Surroundings(
                            one.otherActive(),
                            one.parkedBecause(),
                            freezes.stream()
                                    .filter(wide -> wide.covers(tenant))
                                    .map(Freezes.Wide::freeze)
                                    .toList(),
                            siblings.getOrDefault(tenant.account(), List.of()).stream()
                                    .filter(s -> !s.id().equals(tenant.id()))
                                    .toList(),
                            peers,
                            measured.getOrDefault(tenant.id(), Map.of())));
        }
    }
}
