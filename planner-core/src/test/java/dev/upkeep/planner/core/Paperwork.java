package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.calendar.RuleOpenings;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * What a story asks of its starts besides its rollout: in half of the stories one more thing, which each tenant has from
 * the beginning, from some time on, or never. When a tenant has it is known here by how it was drawn, never by a rule.
 */
final class Paperwork {
    /** What may be asked for, one in a story. */
    enum Demand {
        NOTHING,
        RING_APPROVAL,
        PEER_AT_REST,
        AGREED_WINDOW,
        ROOM_IN_WINDOW,
        REACHABLE_CONTACT,
        DELIVERY,
        DELAY_OVER,
        MIGRATION_PERIOD,
        REQUEST,
        NOTES,
        GUIDE,
        SETTINGS,
        THIRD_PARTY,
        TAG,
        STAGE,
        RELEASED_KEY
    }

    private static final Instant NEVER = Samples.START.plus(Duration.ofDays(3650));
    private static final Instant CAME_OUT = Samples.START.minus(Duration.ofDays(1));
    private static final Duration ROOM = Duration.ofHours(2);
    private static final TenantId ELSEWHERE = new TenantId("elsewhere");

    private final Random random;
    private final Demand demand;
    private final Map<TenantId, Instant> from = new HashMap<>();

    Paperwork(long seed) {
        // Dice of its own: what is drawn here changes no other part of a story.
        random = new Random(seed * 31 + 7);
        demand = random.nextBoolean() ? Demand.NOTHING : Demand.values()[random.nextInt(Demand.values().length)];
    }

    // ---- the product and its releases ask for it

    Product product(Product plain) {
        return new Product(
                plain.name(),
                plain.components(),
                plain.bumps().entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, e -> meaning(e.getValue()))),
                plain.procedures().stream().map(this::procedure).toList(),
                plain.probes(),
                plain.metrics(),
                plain.rings().stream()
                        .map(r -> new Product.Ring(
                                r.name(), r.soak(), r.concurrency(), r.failureBudget(), demand == Demand.RING_APPROVAL))
                        .toList(),
                policies(plain.policies()));
    }

    private Product.Meaning meaning(Product.Meaning plain) {
        boolean channel = demand == Demand.REACHABLE_CONTACT || demand == Demand.DELIVERY;
        return new Product.Meaning(
                plain.schemaChange(),
                plain.settings(),
                plain.behaviour(),
                plain.consent(),
                demand == Demand.MIGRATION_PERIOD ? Duration.ofMinutes(24 * 60 + 5) : Duration.ZERO,
                channel ? Duration.ZERO : plain.notice(),
                channel ? Set.of("mail") : Set.of(),
                demand == Demand.DELAY_OVER ? Duration.ofDays(4000) : Duration.ZERO,
                demand == Demand.AGREED_WINDOW ? Product.WindowNeed.ALWAYS : Product.WindowNeed.IF_SET,
                demand == Demand.NOTES
                        ? Product.Acknowledge.IF_TRIGGERED
                        : demand == Demand.GUIDE ? Product.Acknowledge.GUIDE : Product.Acknowledge.NOTHING,
                plain.undo());
    }

    private Product.Procedure procedure(Product.Procedure plain) {
        return new Product.Procedure(
                plain.models(),
                plain.bumps(),
                plain.conditions(),
                plain.style(),
                demand == Demand.REQUEST,
                plain.downtime(),
                plain.checklist(),
                plain.steps(),
                plain.deadlines());
    }

    private Policies policies(Policies none) {
        Policies.Versioning free = none.versioning();
        return new Policies(
                new Policies.Versioning(
                        free.oneStamp(),
                        free.floor(),
                        free.stops(),
                        free.required(),
                        free.pin(),
                        demand == Demand.TAG
                                ? Map.of(Policies.Tag.SNAPSHOT, Set.of(Policies.Environment.CI))
                                : Map.of()),
                none.breaking(),
                none.notes(),
                none.deprecation(),
                none.support(),
                none.cadence(),
                none.skews(),
                none.acrossMajors(),
                demand == Demand.THIRD_PARTY
                        ? List.of(new Policies.Row(Range.of(">=1.0"), Map.of("postgresql", Range.of(">=15"))))
                        : List.of(),
                demand == Demand.STAGE
                        ? List.of(new Policies.StageFirst(
                                Set.of(Policies.Environment.STAGING), Duration.ofMinutes(1), true, Range.of("x")))
                        : List.of(),
                none.expedited());
    }

    Release release(Release plain) {
        return new Release(
                plain.product(),
                plain.version(),
                plain.artifacts(),
                plain.stamps(),
                plain.migrations(),
                plain.costs(),
                demand == Demand.SETTINGS
                        ? List.of(new Release.SettingChange(
                                "MODE", Samples.APP, Release.SettingChange.Fate.REQUIRED, "", ""))
                        : List.of(),
                plain.changes(),
                plain.deprecations(),
                plain.removals(),
                plain.tasks(),
                plain.advisories(),
                plain.thirdParty(),
                plain.definitions(),
                plain.needsWindow(),
                demand == Demand.GUIDE ? Optional.of("https://docs/guide") : Optional.empty(),
                demand == Demand.NOTES
                        ? new Release.Notes(Map.of(Release.Section.CHANGED, List.of("we remove it")), Set.of("remove"))
                        : Release.Notes.NONE);
    }

    // ---- tenants have it, from some time on

    /** Draws since when a tenant has what is asked for. */
    void draw(Tenant tenant, Said plain) {
        Instant drawn = switch (random.nextInt(3)) {
            case 0 -> Samples.START;
            case 1 -> Samples.START.plusSeconds(60L + random.nextInt(400));
            default -> NEVER;
        };
        from.put(
                tenant.id(),
                switch (demand) {
                    case NOTHING -> Samples.START;
                    case AGREED_WINDOW -> tenant.windows().isEmpty() ? drawn : Samples.START;
                    case ROOM_IN_WINDOW -> tenant.windows().isEmpty() ? nextRoom() : Samples.START;
                    case MIGRATION_PERIOD ->
                        plain.consents().isEmpty() ? Samples.START.plus(Duration.ofMinutes(5)) : Samples.START;
                    case STAGE -> drawn.equals(NEVER) ? NEVER : drawn.plusSeconds(60);
                    default -> drawn;
                });
    }

    private static Instant nextRoom() {
        return Samples.START.plus(Duration.ofDays(1)).minus(ROOM);
    }

    private boolean has(Tenant tenant, Instant now) {
        return !now.isBefore(since(tenant));
    }

    private Instant since(Tenant tenant) {
        return from.getOrDefault(tenant.id(), Samples.START);
    }

    StartFacts facts(
            Tenant plain,
            Said said,
            Product product,
            Releases releases,
            Planning.Planned planned,
            Rollout rollout,
            Version to,
            Surroundings around,
            Instant now) {
        Map<Version, Instant> published = new HashMap<>();
        releases.published().forEach(r -> published.put(r.version(), CAME_OUT));
        return new StartFacts(
                tenant(plain, now),
                said(plain, said, to, now),
                product,
                Stretch.of(releases, published, plain.version(), to),
                planned,
                rollout,
                announced(plain, now),
                around(plain, around, now),
                new RuleOpenings());
    }

    private Tenant tenant(Tenant plain, Instant now) {
        boolean has = has(plain, now);
        return switch (demand) {
            case AGREED_WINDOW ->
                plain.windows().isEmpty() && has
                        ? with(plain, List.of(daily(Samples.START.minusSeconds(60), Duration.ofDays(1))))
                        : plain;
            // Open until a moment after the beginning, which is too short, and again for long a day later.
            case ROOM_IN_WINDOW ->
                plain.windows().isEmpty()
                        ? with(plain, List.of(daily(Samples.START.minus(ROOM), ROOM.plusSeconds(100))))
                        : plain;
            case PEER_AT_REST ->
                with(
                        plain,
                        s -> site(s, Map.of(), Set.of(), Map.of(new ComponentName("control-plane"), ELSEWHERE), ""));
            case SETTINGS -> with(plain, s -> site(s, Map.of(), has ? Set.of("MODE") : Set.of("M"), Map.of(), ""));
            case THIRD_PARTY ->
                with(plain, s -> site(s, Map.of("postgresql", has ? "16.2" : "14.9"), Set.of(), Map.of(), ""));
            case TAG -> with(plain, s -> site(s, Map.of(), Set.of(), Map.of(), has ? "" : "snapshot"));
            default -> plain;
        };
    }

    private static Window daily(Instant first, Duration length) {
        return new Window(
                "FREQ=DAILY",
                LocalDateTime.ofInstant(first.minus(Duration.ofDays(9)), ZoneOffset.UTC),
                length,
                ZoneOffset.UTC);
    }

    private static Tenant.Site site(
            Tenant.Site plain,
            Map<String, String> thirdParty,
            Set<String> variables,
            Map<ComponentName, TenantId> peers,
            String follows) {
        return new Tenant.Site(
                plain.environment(),
                plain.versions(),
                thirdParty,
                variables,
                plain.rows(),
                peers,
                follows.isEmpty() ? Optional.empty() : Optional.of(follows));
    }

    private static Tenant with(Tenant t, List<Window> windows) {
        return new Tenant(
                t.id(),
                t.account(),
                t.product(),
                t.version(),
                t.model(),
                t.ring(),
                t.zone(),
                windows,
                t.freezes(),
                t.settings(),
                t.site());
    }

    private static Tenant with(Tenant t, UnaryOperator<Tenant.Site> site) {
        return new Tenant(
                t.id(),
                t.account(),
                t.product(),
                t.version(),
                t.model(),
                t.ring(),
                t.zone(),
                t.windows(),
                t.freezes(),
                t.settings(),
                site.apply(t.site()));
    }

    private Said said(Tenant tenant, Said plain, Version to, Instant now) {
        boolean has = has(tenant, now);
        List<Version> all = Fleet.VERSIONS;
        List<Said.Approval> approvals = new ArrayList<>();
        if (demand == Demand.RING_APPROVAL) {
            approvals.add(
                    new Said.Approval(Said.Approval.ofRing(tenant.ring()), to, "starter", has ? "another" : "starter"));
        }
        return new Said(
                plain.consents(),
                demand == Demand.REQUEST && has ? Set.copyOf(all) : Set.of(),
                (demand == Demand.NOTES || demand == Demand.GUIDE) && has
                        ? all.stream().collect(Collectors.toMap(v -> v, v -> "reader"))
                        : Map.of(),
                demand == Demand.GUIDE && has ? Set.copyOf(all) : Set.of(),
                demand == Demand.DELAY_OVER
                        ? Optional.of(new Said.Delay(since(tenant), CAME_OUT, "customer"))
                        : Optional.empty(),
                approvals,
                demand == Demand.REACHABLE_CONTACT && has ? Map.of("contactIsReachable", "approver") : Map.of());
    }

    private Announced announced(Tenant tenant, Instant now) {
        boolean has = has(tenant, now);
        Announcement told = new Announcement(1, 1, Samples.START, Bump.MINOR, Duration.ZERO, Samples.START);
        return switch (demand) {
            case REACHABLE_CONTACT ->
                new Announced(
                        told,
                        List.of(new Announced.Heard("mail", 1, Optional.empty(), Optional.of("no such mailbox"))));
            case DELIVERY ->
                new Announced(
                        told,
                        has
                                ? List.of(new Announced.Heard("mail", 1, Optional.of(since(tenant)), Optional.empty()))
                                : List.of());
            default -> new Announced(told, List.of());
        };
    }

    private Surroundings around(Tenant tenant, Surroundings plain, Instant now) {
        boolean has = has(tenant, now);
        Instant began = since(tenant).minusSeconds(60);
        return new Surroundings(
                plain.otherActive(),
                demand == Demand.RELEASED_KEY && !has ? Optional.of("poison") : plain.parkedBecause(),
                plain.freezes(),
                demand == Demand.STAGE
                        ? List.of(new Surroundings.Sibling(
                                ELSEWHERE,
                                Policies.Environment.STAGING,
                                now.isBefore(began) ? Optional.empty() : Optional.of(began),
                                Duration.ZERO))
                        : List.of(),
                demand == Demand.PEER_AT_REST
                        ? Map.of(
                                ELSEWHERE,
                                new Surroundings.Peer(
                                        Samples.V100, has ? Optional.empty() : Optional.of("an upgrade has not ended")))
                        : Map.of(),
                Map.of());
    }

    /** What would be wrong with a start now. */
    Optional<String> wrong(Tenant tenant, Instant now) {
        return has(tenant, now) ? Optional.empty() : Optional.of("a start without " + demand);
    }

    /** What would be wrong with a further hop now: its ring was let in before the first. */
    Optional<String> wrongWithHop(Tenant tenant, Instant now) {
        return demand == Demand.RING_APPROVAL ? Optional.empty() : wrong(tenant, now);
    }

    /** What would be wrong with a way back now, which waits for nothing that is about going on. */
    Optional<String> wrongWithWayBack(Tenant tenant, Instant now) {
        return switch (demand) {
            case NOTHING, PEER_AT_REST, AGREED_WINDOW, ROOM_IN_WINDOW, REQUEST, THIRD_PARTY, TAG, RELEASED_KEY ->
                wrong(tenant, now);
            case RING_APPROVAL,
                    REACHABLE_CONTACT,
                    DELIVERY,
                    DELAY_OVER,
                    MIGRATION_PERIOD,
                    NOTES,
                    GUIDE,
                    SETTINGS,
                    STAGE -> Optional.empty();
        };
    }
}
