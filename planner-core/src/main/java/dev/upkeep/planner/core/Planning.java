package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Computes a hop's plan from the descriptor, the tenant and the releases between, or says why there is none. */
public final class Planning {
    private final Product product;
    private final Tenant tenant;
    private final List<Release> releases;
    private final Release from;
    private final Release to;
    private final Crossed crossed;
    private final Targets targets;
    private final Map<ComponentName, Version> peers;
    private final StateRules stateRules;

    private Planning(
            Product product,
            Tenant tenant,
            List<Release> releases,
            Release from,
            Release to,
            Map<ComponentName, Version> peers,
            StateRules stateRules) {
        this.product = product;
        this.tenant = tenant;
        this.releases = releases;
        this.from = from;
        this.to = to;
        this.crossed = Crossed.between(
                product,
                from.version(),
                to,
                releases.stream()
                        .filter(r -> r.version().compareTo(from.version()) > 0
                                && r.version().compareTo(to.version()) <= 0)
                        .sorted((a, b) -> a.version().compareTo(b.version()))
                        .toList(),
                tenant.site().peers().keySet());
        this.targets = Targets.of(product, tenant);
        this.peers = peers;
        this.stateRules = stateRules;
    }

    /** A plan, or the reasons why there is none. */
    public sealed interface Planned {
        /**
         * This is the way.
         *
         * @param ahead where it goes after the hop that is planned
         */
        record Way(Plan plan, List<Version> ahead) implements Planned {
            public Way {
                ahead = List.copyOf(ahead);
            }

            /** One that ends with the hop that is planned. */
            public Way(Plan plan) {
                this(plan, List.of());
            }
        }

        /** There is no way. */
        record NoWay(List<String> reasons) implements Planned {
            public NoWay {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /**
     * The next hop of the way that takes a tenant to a version. All hops are planned, so that no tenant sets out on a way
     * that it could not go to its end.
     *
     * @param peers by component, what the tenant that stands for it runs
     */
    public static Planned next(
            Product product, Tenant tenant, Releases releases, Version target, Map<ComponentName, Version> peers) {
        return switch (hops(product, tenant, releases, target, peers)) {
            case Hopped.Way way ->
                new Planned.Way(
                        way.plans().getFirst(),
                        way.plans().stream().skip(1).map(Plan::to).toList());
            case Hopped.NoWay none -> new Planned.NoWay(none.reasons());
        };
    }

    /** The plans of all hops, or the reasons why there is no way. */
    sealed interface Hopped {
        /** This is the way; there is one plan at least. */
        record Way(List<Plan> plans) implements Hopped {
            public Way {
                plans = List.copyOf(plans);
            }
        }

        /** There is no way. */
        record NoWay(List<String> reasons) implements Hopped {
            public NoWay {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /** The plans of all hops of the way that {@link #next} sets out on. */
    static Hopped hops(
            Product product, Tenant tenant, Releases releases, Version target, Map<ComponentName, Version> peers) {
        Policies.Versioning versioning = product.policies().versioning();
        Path path = Path.of(
                tenant.version(), target, releases, versioning.stops(), versioning.required(), versioning.floor());
        return switch (path) {
            case Path.NoWay none -> new Hopped.NoWay(none.reasons());
            case Path.Way way -> hops(product, tenant, releases, way.stops(), peers);
        };
    }

    private static Hopped hops(
            Product product, Tenant tenant, Releases releases, List<Version> stops, Map<ComponentName, Version> peers) {
        List<Plan> plans = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        Version at = tenant.version();
        for (Version stop : stops) {
            String hop = stops.size() == 1 ? "" : at + " → " + stop + ": ";
            switch (plan(product, tenant.on(at), releases.published(), stop, peers)) {
                case Planned.Way way -> plans.add(way.plan());
                case Planned.NoWay none -> none.reasons().forEach(reason -> reasons.add(hop + reason));
            }
            at = stop;
        }
        return reasons.isEmpty() ? new Hopped.Way(plans) : new Hopped.NoWay(reasons);
    }

    /**
     * The plan that takes the hop from a version to what the tenant runs back.
     *
     * @param releases all releases of the product that are published, in any order; both versions among them
     */
    static Planned back(
            Product product, Tenant tenant, List<Release> releases, Version to, Map<ComponentName, Version> peers) {
        Release here = find(releases, tenant.version());
        Release there = find(releases, to);
        Planning hop = new Planning(product, tenant.on(to), releases, there, here, peers, StateRules.STANDARD);
        return switch (hop.plan()) {
            case Planned.NoWay none -> none;
            case Planned.Way way ->
                // From here on it is about the tenant as it is now.
                new Planning(product, tenant, releases, there, here, peers, StateRules.STANDARD).back(way.plan());
        };
    }

    private static Release find(List<Release> releases, Version version) {
        return releases.stream()
                .filter(r -> r.version().equals(version))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("release " + version + " is not published"));
    }

    private Planned back(Plan hop) {
        Planned planned = new Recalling(hop, crossed, new Wiring(product), foreign()).plan();
        if (planned instanceof Planned.Way(Plan plan, List<Version> ahead)) {
            List<String> broken = broken(plan, plan.outline().style());
            return broken.isEmpty() ? planned : new Planned.NoWay(broken);
        }
        return planned;
    }

    /**
     * The plan that takes a tenant to a version in one hop, where nothing of it stands elsewhere.
     *
     * @param releases all releases of the product that are published, in any order
     */
    public static Planned plan(Product product, Tenant tenant, List<Release> releases, Version target) {
        return plan(product, tenant, releases, target, Map.of());
    }

    /**
     * The plan that takes a tenant to a version.
     *
     * @param releases all releases of the product that are published, in any order
     * @param peers by component, what the tenant that stands for it runs
     */
    public static Planned plan(
            Product product, Tenant tenant, List<Release> releases, Version target, Map<ComponentName, Version> peers) {
        return plan(product, tenant, releases, target, peers, StateRules.STANDARD);
    }

    static Planned plan(
            Product product,
            Tenant tenant,
            List<Release> releases,
            Version target,
            Map<ComponentName, Version> peers,
            StateRules stateRules) {
        Map<Version, Release> byVersion = new TreeMap<>();
        releases.forEach(r -> byVersion.put(r.version(), r));
        List<String> reasons = new ArrayList<>();
        Release from = byVersion.get(tenant.version());
        Release to = byVersion.get(target);
        if (from == null) {
            reasons.add("release " + tenant.version() + " of " + product.name()
                    + " is not published, so there would be no way back to it");
        }
        if (to == null) {
            reasons.add("release " + target + " of " + product.name() + " is not published");
        }
        if (target.compareTo(tenant.version()) <= 0) {
            reasons.add("the tenant has " + tenant.version() + " already");
        }
        if (from == null || to == null || !reasons.isEmpty()) {
            return new Planned.NoWay(reasons);
        }
        return new Planning(product, tenant, releases, from, to, peers, stateRules).plan();
    }

    /** What of a procedure could not be undone or must never be done, whatever the release: for those who check a descriptor. */
    public static List<String> unsafe(Product product, Product.Procedure procedure) {
        return Lint.wrong(product, procedure);
    }

    private Planned plan() {
        Bump bump = Bump.between(from.version(), to.version());
        Product.Meaning meaning = product.meaning(bump);
        List<String> reasons = new ArrayList<>();
        if (!crossed.migrations().isEmpty() && !meaning.schemaChange()) {
            reasons.add("a " + bump.name().toLowerCase(Locale.ROOT) + " of " + product.name()
                    + " must not change the schema, but the release brings migrations "
                    + crossed.migrations().stream().map(Migration::id).toList());
        }
        Optional<Product.Procedure> procedure = product.procedure(tenant.model(), bump, crossed.crossing());
        if (procedure.isEmpty()) {
            reasons.add("the descriptor has no procedure for model "
                    + tenant.model().name().toLowerCase(Locale.ROOT).replace('_', '-') + " and bump "
                    + bump.name().toLowerCase(Locale.ROOT));
            return new Planned.NoWay(reasons);
        }
        List<Step> forward = Drafting.forward(product, procedure.get(), crossed, targets, elsewhere());
        Proposal proposal = new Proposal(product, procedure.get(), crossed, targets, forward);
        reasons.addAll(Lint.wrong(proposal));
        reasons.addAll(unjudged(forward));
        if (meaning.undo() == Product.Undo.RESTORE
                && forward.stream().noneMatch(s -> s.action() instanceof Action.ProveBackup)) {
            reasons.add("the way back is always to restore, but the procedure proves no backup: add prove-backup");
        }
        if (forward.isEmpty()) {
            reasons.add("the procedure leaves no step to do");
        }
        reasons.addAll(unknownPeers());
        if (!reasons.isEmpty()) {
            return new Planned.NoWay(reasons);
        }
        try {
            Plan plan = plan(proposal, meaning.undo());
            List<String> broken = broken(plan, procedure.get().style());
            return broken.isEmpty() ? new Planned.Way(plan) : new Planned.NoWay(broken);
        } catch (Targets.Unresolved e) {
            return new Planned.NoWay(List.of(e.getMessage()));
        }
    }

    private List<String> unjudged(List<Step> forward) {
        boolean probesTheSchema = product.probes().stream()
                .anyMatch(p -> p instanceof Product.ProbeTemplate.Schema && isHere(Targets.texts(p)));
        return probesTheSchema
                        && forward.stream().anyMatch(s -> s.action() instanceof Action.Prove)
                        && forward.stream().noneMatch(s -> s.action() instanceof Action.CheckSchema)
                ? List.of("a probe of kind schema has nothing to compare with: add check-schema to the procedure")
                : List.of();
    }

    private Plan plan(Proposal proposal, Product.Undo undo) {
        List<Target> all = targets.all(releases, from.version(), to.version());
        boolean reverts = undo != Product.Undo.RESTORE
                && proposal.changesSchema()
                && crossed.migrations().stream().limit(1).allMatch(Migration::reversible);
        return new Plan(
                product.name(),
                from.version(),
                to.version(),
                undo,
                proposal.forward(),
                new Undoing(
                                proposal.forward(),
                                from.version(),
                                proposal.procedure().deadlines(),
                                proposal.procedure().style(),
                                reverts,
                                proposal.wiring(),
                                foreign())
                        .routes(),
                all,
                proposal.changesSchema() ? crossed.migrations() : List.of(),
                product.probes().stream()
                        .filter(p -> isHere(Targets.texts(p)))
                        .map(targets::resolved)
                        .toList(),
                product.metrics().stream()
                        .filter(m -> isHere(m.url()))
                        .map(targets::resolved)
                        .toList(),
                outline(proposal, all));
    }

    private List<String> broken(Plan plan, Product.Style style) {
        States states = new States(new Wiring(product), plan, style, foreign(), running());
        return stateRules.broken(new StateRules.Journey(states, product, crossed));
    }

    // ---- what stands where

    private Set<ComponentName> elsewhere() {
        return tenant.site().peers().keySet();
    }

    /** Whether a probe's or metric's texts name nothing that stands elsewhere. */
    private boolean isHere(String texts) {
        return Placeholders.names(texts).stream()
                .map(name -> name.substring(0, Math.max(0, name.indexOf('.'))))
                .noneMatch(component ->
                        elsewhere().stream().anyMatch(c -> c.value().equals(component)));
    }

    /** What no step of this plan moves: it stands elsewhere, or its users carry it. */
    private Set<ComponentName> foreign() {
        Set<ComponentName> foreign = new HashSet<>(elsewhere());
        product.components().stream()
                .filter(c -> c.cadence() == Product.Cadence.TRAILING)
                .forEach(c -> foreign.add(c.name()));
        return foreign;
    }

    private List<String> unknownPeers() {
        return skewed().stream()
                .filter(c -> elsewhere().contains(c) && !peers.containsKey(c))
                .map(c -> "nobody knows which version of " + c + " runs on "
                        + tenant.site().peers().get(c) + ", which stands for it: register that tenant")
                .toList();
    }

    /** Each component that runs in a state of its own, and its version before the first step. */
    private Map<ComponentName, Version> running() {
        Set<ComponentName> running = new HashSet<>(skewed());
        running.addAll(new Wiring(product).running());
        Map<ComponentName, Version> versions = new LinkedHashMap<>();
        for (ComponentName component : running) {
            if (elsewhere().contains(component)) {
                Optional.ofNullable(peers.get(component)).ifPresent(v -> versions.put(component, v));
            } else {
                versions.put(component, tenant.version(component));
            }
        }
        return versions;
    }

    private List<ComponentName> skewed() {
        return product.policies().skews().stream()
                .flatMap(s -> List.of(s.one(), s.other()).stream())
                .distinct()
                .toList();
    }

    // ---- what people are told

    private Outline outline(Proposal proposal, List<Target> all) {
        Product.Procedure procedure = proposal.procedure();
        return new Outline(
                procedure.style(),
                procedure.downtime(),
                procedure.customerTriggers(),
                procedure.checklist().stream()
                        .map(c -> new Outline.Checked(
                                c.item(),
                                c.evidence(),
                                proposal.forward().stream()
                                        .filter(s -> s.action().word().equals(c.evidence()))
                                        .map(Step::id)
                                        .toList()))
                        .toList(),
                all.stream()
                        .filter(t -> isShipped(t.component()))
                        .flatMap(t -> Optional.ofNullable(
                                t.artifacts().get(to.version().toString()))
                                .map(a -> new Outline.Pinned(t.component(), to.version(), a))
                                .stream())
                        .toList(),
                following());
    }

    /** What comes by another component's bytes is pinned with that one; what stands elsewhere is pinned there. */
    private boolean isShipped(ComponentName component) {
        return !elsewhere().contains(component)
                && product.component(component)
                        .filter(c -> !c.uses().containsKey("artifact"))
                        .isPresent();
    }

    private List<Outline.Following> following() {
        List<Outline.Following> following = new ArrayList<>();
        for (Policies.Skew skew : product.policies().skews()) {
            for (ComponentName component : List.of(skew.one(), skew.other())) {
                if (new Wiring(product).cadence(component) == Product.Cadence.TRAILING) {
                    ComponentName other = component.equals(skew.one()) ? skew.other() : skew.one();
                    following.add(new Outline.Following(
                            component,
                            tenant.version(component),
                            skew.minors()
                                    .map(most ->
                                            "at most " + most + " minor" + (most == 1 ? "" : "s") + " from " + other)
                                    .orElse("of the same major as " + other)));
                }
            }
        }
        return following;
    }
}
