package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.RolloutId;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.Version;
import dev.upkeep.planner.calendar.RuleOpenings;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** A tenant that may start now: 1.0.0 to 1.1.0 at {@link Samples#START}; a test changes the one thing that it is about. */
final class Situation {
    static final Version V200 = Version.of("2.0.0");
    static final Version V300 = Version.of("3.0.0");
    static final String OPS = "ops";

    private Version to = Samples.V110;
    private final Map<Version, Release> releases = new LinkedHashMap<>();
    private final Map<Version, Instant> published = new HashMap<>();
    private Meaning meaning = new Meaning();
    private Policies policies = Policies.NONE;
    private UnaryOperator<Product.Procedure> procedure = UnaryOperator.identity();
    private List<Product.Ring> rings = Samples.rings(2, 1);
    private UnaryOperator<Rollout> rollout = UnaryOperator.identity();
    private List<Window> windows = List.of();
    private List<Tenant.Freeze> freezes = List.of();
    private Tenant.Site site = Tenant.Site.PLAIN;
    private Said said = Said.NOTHING;
    private Announcement told = new Announcement(1, 1, Samples.START, Bump.MINOR, Duration.ZERO, Samples.START);
    private List<Announced.Heard> heard = List.of();
    private Surroundings around = Surroundings.NOTHING;

    /** What a bump asks for; the same for all three. */
    static final class Meaning {
        boolean consent;
        Duration migrationPeriod = Duration.ZERO;
        Duration notice = Duration.ZERO;
        Set<String> channels = Set.of();
        Duration delay = Duration.ZERO;
        Product.WindowNeed window = Product.WindowNeed.IF_SET;
        Product.Acknowledge acknowledge = Product.Acknowledge.NOTHING;

        private Product.Meaning made() {
            return new Product.Meaning(
                    true,
                    Product.Settings.ANY,
                    true,
                    consent,
                    migrationPeriod,
                    notice,
                    channels,
                    delay,
                    window,
                    acknowledge,
                    Product.Undo.AS_FOUND);
        }
    }

    Situation() {
        release(Samples.release(Samples.V100));
        release(Samples.release(Samples.V110));
    }

    // ---- what a test changes

    Situation to(Version version) {
        to = version;
        releases.computeIfAbsent(version, Samples::release);
        return this;
    }

    Situation release(Release release) {
        releases.put(release.version(), release);
        return this;
    }

    Situation cameOut(Version version, Instant at) {
        published.put(version, at);
        return this;
    }

    Situation meaning(Consumer<Meaning> change) {
        change.accept(meaning);
        return this;
    }

    Situation policies(Policies changed) {
        policies = changed;
        return this;
    }

    Situation customerTriggers() {
        procedure = p -> new Product.Procedure(
                p.models(),
                p.bumps(),
                p.conditions(),
                p.style(),
                true,
                p.downtime(),
                p.checklist(),
                p.steps(),
                p.deadlines());
        return this;
    }

    Situation downtime(Duration downtime) {
        procedure = p -> new Product.Procedure(
                p.models(),
                p.bumps(),
                p.conditions(),
                p.style(),
                p.customerTriggers(),
                downtime,
                p.checklist(),
                p.steps(),
                p.deadlines());
        return this;
    }

    Situation rings(List<Product.Ring> changed) {
        rings = changed;
        return this;
    }

    Situation rollout(UnaryOperator<Rollout> change) {
        rollout = change;
        return this;
    }

    Situation window(String rule, String first, String length, String zone) {
        List<Window> more = new ArrayList<>(windows);
        more.add(new Window(rule, LocalDateTime.parse(first), Duration.parse(length), ZoneId.of(zone)));
        windows = more;
        return this;
    }

    Situation freeze(String from, String to, Bump... bumps) {
        freezes = List.of(freezing(from, to, bumps));
        return this;
    }

    static Tenant.Freeze freezing(String from, String to, Bump... bumps) {
        return new Tenant.Freeze(Instant.parse(from), Instant.parse(to), "audit", Set.of(bumps));
    }

    Situation site(
            Policies.Environment environment,
            Map<String, String> thirdParty,
            Set<String> variables,
            Map<ComponentName, TenantId> peers,
            String follows) {
        site = new Tenant.Site(
                environment,
                Map.of(),
                thirdParty,
                variables,
                Map.of(),
                peers,
                follows.isEmpty() ? Optional.empty() : Optional.of(follows));
        return this;
    }

    Situation said(Said changed) {
        said = changed;
        return this;
    }

    Situation delay(String until, String countedFrom) {
        return said(new Said(
                said.consents(),
                said.requested(),
                said.acknowledged(),
                said.guides(),
                Optional.of(new Said.Delay(Instant.parse(until), Instant.parse(countedFrom), "carla")),
                said.approvals(),
                said.waivers()));
    }

    Situation consent(String... lines) {
        return said(new Said(
                Arrays.stream(lines).map(Line::new).collect(Collectors.toSet()),
                said.requested(),
                said.acknowledged(),
                said.guides(),
                said.delay(),
                said.approvals(),
                said.waivers()));
    }

    Situation read(Set<Version> notes, Set<Version> guides) {
        Map<Version, String> acknowledged = new HashMap<>();
        notes.forEach(v -> acknowledged.put(v, OPS));
        return said(new Said(
                said.consents(),
                said.requested(),
                acknowledged,
                guides,
                said.delay(),
                said.approvals(),
                said.waivers()));
    }

    Situation requested(Version version) {
        return said(new Said(
                said.consents(),
                Set.of(version),
                said.acknowledged(),
                said.guides(),
                said.delay(),
                said.approvals(),
                said.waivers()));
    }

    Situation approved(String what, String requestedBy, String... by) {
        return said(new Said(
                said.consents(),
                said.requested(),
                said.acknowledged(),
                said.guides(),
                said.delay(),
                Arrays.stream(by)
                        .map(person -> new Said.Approval(what, to, requestedBy, person))
                        .toList(),
                said.waivers()));
    }

    Situation waived(String rule) {
        return said(new Said(
                said.consents(),
                said.requested(),
                said.acknowledged(),
                said.guides(),
                said.delay(),
                said.approvals(),
                Map.of(rule, "ada")));
    }

    Situation told(Announcement changed) {
        told = changed;
        return this;
    }

    Situation heard(Announced.Heard... changed) {
        heard = List.of(changed);
        return this;
    }

    Situation around(Surroundings changed) {
        around = changed;
        return this;
    }

    Situation otherActive(String upgrade) {
        return around(new Surroundings(
                Optional.of(new UpgradeId(upgrade)), Optional.empty(), List.of(), List.of(), Map.of(), Map.of()));
    }

    // ---- what comes of it

    StartFacts facts() {
        Product plain = Samples.product(Samples.WHOLE, meaning.made(), rings);
        Product product = new Product(
                plain.name(),
                plain.components(),
                plain.bumps(),
                plain.procedures().stream().map(procedure).toList(),
                plain.probes(),
                plain.metrics(),
                plain.rings(),
                policies);
        Tenant sample = Samples.tenant("acme", "staging", Samples.V100);
        Tenant tenant = new Tenant(
                sample.id(),
                sample.account(),
                sample.product(),
                sample.version(),
                sample.model(),
                sample.ring(),
                ZoneOffset.UTC,
                windows,
                freezes,
                Map.of(),
                site);
        releases.keySet().forEach(v -> published.putIfAbsent(v, Samples.START.minus(Duration.ofDays(100))));
        List<Release> all = List.copyOf(releases.values());
        RolloutId id = new RolloutId("r-1");
        List<RingProgress> progress =
                rings.stream().map(r -> RingProgress.of(r, 1)).toList();
        Rollout begun = Rollout.begin(id, product.name(), to, progress, OPS, Samples.START)
                .next();
        return new StartFacts(
                tenant,
                said,
                product,
                Stretch.of(all, published, tenant.version(), to),
                Planning.plan(product, tenant, all, to),
                rollout.apply(begun),
                new Announced(told, heard),
                around,
                new RuleOpenings());
    }

    List<Blocker> blockers() {
        return blockers(Samples.START);
    }

    List<Blocker> blockers(Instant now) {
        return StartRules.blockers(facts(), now);
    }
}
