package dev.upkeep.planner.desk;

import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.RingName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.core.Agenda;
import dev.upkeep.planner.core.Announcing;
import dev.upkeep.planner.core.Blocker;
import dev.upkeep.planner.core.ExpectedRelease;
import dev.upkeep.planner.core.Lane;
import dev.upkeep.planner.core.Planning;
import dev.upkeep.planner.core.Preview;
import dev.upkeep.planner.core.Previewing;
import dev.upkeep.planner.core.Product;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Rollout;
import dev.upkeep.planner.core.StartFacts;
import dev.upkeep.planner.core.StartRules;
import dev.upkeep.planner.core.State;
import dev.upkeep.planner.core.SupportClock;
import dev.upkeep.planner.core.Tenant;
import dev.upkeep.planner.core.forecast.Forecast;
import dev.upkeep.planner.core.forecast.Outlook;
import dev.upkeep.planner.core.forecast.RuledEntrant;
import dev.upkeep.planner.store.Fleet;
import dev.upkeep.planner.store.Freezes;
import dev.upkeep.planner.store.Products;
import dev.upkeep.planner.store.Products.Catalogue;
import dev.upkeep.planner.store.Readings;
import dev.upkeep.planner.store.Rollouts;
import dev.upkeep.planner.store.Tenants;
import dev.upkeep.planner.store.Tenants.KeptTenant;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.hibernate.reactive.mutiny.Mutiny;

/** Says how an upgrade or a rollout would go, and what is to come; changes nothing. */
@ApplicationScoped
public class LookAhead {
    private static final RolloutId NOT_STARTED = new RolloutId("r-not-started");
    /** Small enough that planning a page holds nothing else up. */
    private static final int PAGE = 200;

    private final Mutiny.SessionFactory sessions;
    private final InstantSource clock;
    private final Products products;
    private final Tenants tenants;
    private final Fleet fleet;
    private final Readings readings;
    private final Rollouts rollouts;
    private final Freezes freezes;
    private final Circumstances circumstances;

    LookAhead(
            Mutiny.SessionFactory sessions,
            InstantSource clock,
            Products products,
            Tenants tenants,
            Fleet fleet,
            Readings readings,
            Rollouts rollouts,
            Freezes freezes,
            Circumstances circumstances) {
        this.sessions = sessions;
        this.clock = clock;
        this.products = products;
        this.tenants = tenants;
        this.fleet = fleet;
        this.readings = readings;
        this.rollouts = rollouts;
        this.freezes = freezes;
        this.circumstances = circumstances;
    }

    /**
     * What lies ahead.
     *
     * @param of a tenant's or a product's name
     */
    public record Ahead(String of, Instant now, List<Agenda.Item> items) {}

    /** A forecast, and of what. */
    public record Foretold(String product, Version version, Outlook outlook) {}

    /** An upgrade that may be: of a rollout that is under way, or of one that would be started now. */
    private record Maybe(StartFacts facts, List<Blocker> blockers) {}

    /**
     * How a tenant's upgrade would go.
     *
     * @param to where; else where its latest upgrade goes, or to the latest release
     */
    public Uni<Preview> plan(String tenant, Optional<String> to) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return sessions.withTransaction((session, tx) -> tenant(session, id)
                .chain(kept -> catalogue(session, kept.tenant().product())
                        .chain(catalogue -> readings.latest(session, id)
                                .map(found -> found.filter(LookAhead::hasNotBegun))
                                .chain(waiting -> maybe(
                                                session,
                                                kept.tenant(),
                                                target(catalogue, waiting, "to", to),
                                                waiting,
                                                catalogue,
                                                now)
                                        .map(maybe -> Previewing.of(
                                                maybe.facts(), catalogue.offer(), maybe.blockers(), now))))));
    }

    private static Version target(
            Catalogue catalogue, Optional<Readings.Shown> waiting, String parameter, Optional<String> to) {
        return to.map(text -> version(parameter, text))
                .or(() -> waiting.map(Readings.Shown::to))
                .or(catalogue::latest)
                .orElseThrow(() -> Declined.because(
                        409,
                        "nothing-published",
                        "/" + parameter,
                        "no release of " + catalogue.product().name() + " is published",
                        "publish one first"));
    }

    private static Version version(String parameter, String text) {
        try {
            return Version.of(text);
        } catch (IllegalArgumentException malformed) {
            throw Declined.because(
                    400,
                    "parameter-invalid",
                    "/" + parameter,
                    String.valueOf(malformed.getMessage()),
                    "give a full version");
        }
    }

    private static boolean hasNotBegun(Readings.Shown upgrade) {
        return upgrade.state().phase() == State.Phase.WAITING;
    }

    private Uni<Maybe> maybe(
            Mutiny.Session session,
            Tenant tenant,
            Version to,
            Optional<Readings.Shown> waiting,
            Catalogue catalogue,
            Instant now) {
        Optional<Readings.Shown> planned =
                waiting.filter(upgrade -> upgrade.to().equals(to));
        if (planned.isEmpty()) {
            Rollout rollout = notStarted(catalogue, to, now);
            return around(session, List.of(wouldBe(tenant, to, rollout, now)), catalogue, rollout, now)
                    .map(all -> {
                        StartFacts facts = all.getFirst();
                        StartFacts told = facts.told(Announcing.assumed(facts, now));
                        return new Maybe(told, StartRules.blockersOfTheTenant(told, now));
                    });
        }
        return rollouts.find(session, planned.get().rollout())
                .map(found -> found.orElseThrow().rollout())
                .chain(rollout -> around(
                                session,
                                List.of(new Circumstances.Case(
                                        planned.get().id(),
                                        tenant,
                                        to,
                                        planned.get().announcedAt(),
                                        planned.get().otherActive(),
                                        planned.get().parkedBecause())),
                                catalogue,
                                rollout,
                                now)
                        .map(all -> new Maybe(all.getFirst(), StartRules.blockers(all.getFirst(), now))));
    }

    private Uni<List<StartFacts>> around(
            Mutiny.Session session, List<Circumstances.Case> cases, Catalogue catalogue, Rollout rollout, Instant now) {
        return circumstances
                .of(session, cases, catalogue, rollout, Circumstances.Peers.SEEN, Circumstances.Sizes.OF_ALL, now)
                .map(found -> cases.stream()
                        .map(one -> Circumstances.facts(
                                one, Desk.circumstance(found, one.upgrade()), catalogue, rollout, Set.of()))
                        .toList());
    }

    private static Circumstances.Case wouldBe(Tenant tenant, Version to, Rollout rollout, Instant now) {
        return new Circumstances.Case(
                new UpgradeId("u" + rollout.id().value().substring(1) + "-" + tenant.id()),
                tenant,
                to,
                now,
                Optional.empty(),
                Optional.empty());
    }

    private static Rollout notStarted(Catalogue catalogue, Version to, Instant now) {
        List<Product.Ring> through = catalogue
                .release(to)
                .map(release -> rings(catalogue, release))
                .orElseGet(() -> catalogue.product().rings());
        return Rollout.begin(
                        NOT_STARTED,
                        catalogue.product().name(),
                        to,
                        RolloutDesk.counts(through, Map.of()),
                        "nobody",
                        now)
                .next();
    }

    private static List<Product.Ring> rings(Catalogue catalogue, Release release) {
        return Lane.rings(catalogue.product(), release, catalogue.published().keySet());
    }

    /**
     * How a rollout would go if it were started now; of one that is under way, how what has not begun would go.
     *
     * @param version else the latest release
     * @param leaveOut whether rings go on without those that are blocked
     */
    public Uni<Foretold> forecast(String product, Optional<String> version, boolean leaveOut) {
        ProductName name = Registry.name("product", product, ProductName::new);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return sessions.withTransaction((session, tx) -> catalogue(session, name)
                        .chain(catalogue -> {
                            Version to = target(catalogue, Optional.empty(), "version", version);
                            Release release = catalogue
                                    .release(to)
                                    .orElseThrow(() -> Declined.because(
                                            422,
                                            "release-unknown",
                                            "/version",
                                            "release " + to + " of " + name + " is not published",
                                            "publish it first"));
                            return rollouts.underWay(session, name, to)
                                    .map(found -> course(catalogue, release, found, leaveOut, now));
                        }))
                .chain(course -> enter(course, "")
                        .map(all -> new Foretold(
                                product,
                                course.rollout().version(),
                                course.forecast().run())));
    }

    /** A forecast on its way. */
    private record Course(Catalogue catalogue, Rollout rollout, boolean isNew, Forecast forecast, Instant now) {}

    private static Course course(
            Catalogue catalogue, Release release, List<Rollouts.KeptRollout> underWay, boolean leaveOut, Instant now) {
        Optional<Rollout> running = underWay.stream()
                .map(Rollouts.KeptRollout::rollout)
                .filter(rollout -> rollout.kind() == Rollout.Kind.RELEASE)
                .filter(rollout -> rollout.phase() != Rollout.Phase.ABORTED)
                .findFirst();
        // While a ring soaks, nothing further begins before it has.
        Instant from = running.flatMap(Rollout::soakedAt).filter(now::isBefore).orElse(now);
        return new Course(
                catalogue,
                running.orElseGet(() -> notStarted(catalogue, release.version(), now)),
                running.isEmpty(),
                new Forecast(rings(catalogue, release), from, leaveOut),
                now);
    }

    /** Enters all tenants that are behind and have not begun, a page and a transaction at a time. */
    private Uni<Void> enter(Course course, String after) {
        ProductName product = course.catalogue().product().name();
        Version to = course.rollout().version();
        RolloutId rollout = course.rollout().id();
        return sessions.withTransaction((session, tx) -> fleet.page(session, product, after, PAGE)
                        .call(page -> fleet.begun(
                                        session,
                                        rollout,
                                        page.stream().map(Tenant::id).toList())
                                .chain(begun -> around(
                                        session,
                                        page.stream()
                                                .filter(t -> t.version().compareTo(to) < 0 && !begun.contains(t.id()))
                                                .map(t -> wouldBe(t, to, course.rollout(), course.now()))
                                                .toList(),
                                        course.catalogue(),
                                        course.rollout(),
                                        course.now()))
                                .invoke(all -> all.forEach(facts -> enter(course, facts)))))
                .chain(page -> page.size() < PAGE
                        ? Uni.createFrom().voidItem()
                        : enter(course, page.getLast().id().value()));
    }

    private static void enter(Course course, StartFacts facts) {
        StartFacts told = course.isNew() ? facts.told(Announcing.assumed(facts, course.now())) : facts;
        Tenant tenant = told.tenant();
        RingName ring = tenant.ring();
        RuledEntrant.of(told)
                .ifPresentOrElse(
                        entrant -> course.forecast().add(tenant.id(), ring, entrant),
                        () -> course.forecast().addBlocked(tenant.id(), ring, noWay(told)));
    }

    private static List<Blocker> noWay(StartFacts facts) {
        List<String> reasons = switch (facts.planned()) {
            case Planning.Planned.NoWay none -> none.reasons();
            case Planning.Planned.Way way -> List.of();
        };
        return List.of(new Blocker("pathExists", String.join("; ", reasons), Optional.empty()));
    }

    /** What lies ahead of a tenant. */
    public Uni<Ahead> ofTenant(String tenant, Duration ahead) {
        TenantId id = Registry.name("tenant", tenant, TenantId::new);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return sessions.withTransaction((session, tx) -> tenant(session, id)
                .map(KeptTenant::tenant)
                .chain(known -> catalogue(session, known.product())
                        .chain(catalogue -> readings.latest(session, id)
                                .map(found -> found.filter(LookAhead::hasNotBegun))
                                .chain(waiting -> waiting.isEmpty()
                                        ? wide(session, known, now)
                                                .map(frozen -> agenda(known, catalogue, now, ahead)
                                                        .freezes(frozen)
                                                        .items())
                                        : maybe(session, known, waiting.get().to(), waiting, catalogue, now)
                                                .map(maybe -> agenda(known, catalogue, now, ahead)
                                                        .freezes(maybe.facts().freezes())
                                                        .upgrade(maybe.facts(), maybe.blockers())
                                                        .items()))))
                .map(items -> new Ahead(tenant, now, items)));
    }

    private Uni<List<Tenant.Freeze>> wide(Mutiny.Session session, Tenant tenant, Instant now) {
        return freezes.toCome(session, tenant.product(), now).map(all -> {
            List<Tenant.Freeze> found = new java.util.ArrayList<>(tenant.freezes());
            all.stream()
                    .filter(one -> one.covers(tenant))
                    .map(Freezes.Wide::freeze)
                    .forEach(found::add);
            return found;
        });
    }

    private static Agenda agenda(Tenant tenant, Catalogue catalogue, Instant now, Duration ahead) {
        List<SupportClock.Line> own = SupportDesk.lines(catalogue, now).stream()
                .filter(line -> line.number().equals(SupportClock.Number.of(tenant.version())))
                .toList();
        return new Agenda(now, now.plus(ahead))
                .windows(tenant.windows(), Circumstances.OPENINGS)
                .support(own)
                .releases(expected(catalogue));
    }

    private static List<ExpectedRelease> expected(Catalogue catalogue) {
        return ExpectedRelease.of(catalogue.product().policies().cadence(), SupportDesk.published(catalogue));
    }

    /** What lies ahead of a product: expected releases, ends of support, freezes of all or some of its tenants. */
    public Uni<Ahead> ofProduct(String product, Duration ahead) {
        ProductName name = Registry.name("product", product, ProductName::new);
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return sessions.withTransaction((session, tx) -> catalogue(session, name)
                .chain(catalogue -> freezes.toCome(session, name, now)
                        .map(frozen -> new Agenda(now, now.plus(ahead))
                                .freezes(frozen.stream()
                                        .map(Freezes.Wide::freeze)
                                        .toList())
                                .support(SupportDesk.lines(catalogue, now))
                                .releases(expected(catalogue))
                                .items()))
                .map(items -> new Ahead(product, now, items)));
    }

    private Uni<KeptTenant> tenant(Mutiny.Session session, TenantId id) {
        return tenants.find(session, id)
                .map(found ->
                        found.orElseThrow(() -> Declined.unknown("tenant", id.value(), "apply its document first")));
    }

    private Uni<Catalogue> catalogue(Mutiny.Session session, ProductName product) {
        return products.catalogue(session, product)
                .map(found -> found.orElseThrow(
                        () -> Declined.unknown("product", product.value(), "apply its descriptor first")));
    }
}
