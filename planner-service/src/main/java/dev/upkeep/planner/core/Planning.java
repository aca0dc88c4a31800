package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.Watch;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.contract.step.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Computes a hop's plan from the descriptor, the tenant and the releases between, or says why there is none. */
public final class Planning {
    private final Product product;
    private final Tenant tenant;
    private final Release from;
    private final Release to;
    private final List<Release> crossed;
    private final List<Migration> migrations;

    private Planning(Product product, Tenant tenant, Release from, Release to, List<Release> crossed) {
        this.product = product;
        this.tenant = tenant;
        this.from = from;
        this.to = to;
        this.crossed = crossed;
        this.migrations = crossed.stream().flatMap(r -> r.migrations().stream()).toList();
    }

    /** A plan, or the reasons why there is none. */
    public sealed interface Planned {
        /** This is the way. */
        record Way(Plan plan) implements Planned {}

        /** There is no way. */
        record NoWay(List<String> reasons) implements Planned {
            public NoWay {
                reasons = List.copyOf(reasons);
            }
        }
    }

    /**
     * The plan that takes a tenant to a version.
     *
     * @param releases all releases of the product that are published, in any order
     */
    public static Planned plan(Product product, Tenant tenant, List<Release> releases, Version target) {
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
        List<Release> crossed = releases.stream()
                .filter(r -> r.version().compareTo(tenant.version()) > 0
                        && r.version().compareTo(target) <= 0)
                .sorted((a, b) -> a.version().compareTo(b.version()))
                .toList();
        return new Planning(product, tenant, from, to, crossed).plan();
    }

    private Planned plan() {
        Bump bump = Bump.between(from.version(), to.version());
        Product.Crossing crossing = crossing(crossed);
        Product.Meaning meaning = product.meaning(bump);
        List<String> reasons = new ArrayList<>();
        if (!migrations.isEmpty() && !meaning.schemaChange()) {
            reasons.add("a " + bump.name().toLowerCase(Locale.ROOT) + " of " + product.name()
                    + " must not change the schema, but the release brings migrations "
                    + migrations.stream().map(Migration::id).toList());
        }
        Optional<Product.Procedure> procedure = product.procedure(tenant.model(), bump, crossing);
        if (procedure.isEmpty()) {
            reasons.add("the descriptor has no procedure for model "
                    + tenant.model().name().toLowerCase(Locale.ROOT).replace('_', '-') + " and bump "
                    + bump.name().toLowerCase(Locale.ROOT));
            return new Planned.NoWay(reasons);
        }
        List<Step> forward = forward(product, procedure.get(), crossing);
        reasons.addAll(unsafe(forward));
        if (product.probes().stream().anyMatch(p -> p instanceof Product.ProbeTemplate.Schema)
                && forward.stream().anyMatch(s -> s.action() instanceof Action.Prove)
                && forward.stream().noneMatch(s -> s.action() instanceof Action.CheckSchema)) {
            reasons.add("a probe of kind schema has nothing to compare with: add check-schema to the procedure");
        }
        if (meaning.undo() == Product.Undo.RESTORE
                && forward.stream().noneMatch(s -> s.action() instanceof Action.ProveBackup)) {
            reasons.add("the way back is always to restore, but the procedure proves no backup: add prove-backup");
        }
        if (forward.isEmpty()) {
            reasons.add("the procedure leaves no step to do");
        }
        if (!reasons.isEmpty()) {
            return new Planned.NoWay(reasons);
        }
        Map<String, Duration> deadlines = procedure.get().deadlines();
        try {
            return new Planned.Way(new Plan(
                    product.name(),
                    from.version(),
                    to.version(),
                    meaning.undo(),
                    forward,
                    new Undoing(forward, from.version(), deadlines).routes(),
                    product.components().stream().map(this::target).toList(),
                    migrations,
                    product.probes().stream().map(this::resolved).toList(),
                    product.metrics().stream().map(this::resolved).toList()));
        } catch (Unresolved e) {
            return new Planned.NoWay(List.of(e.getMessage()));
        }
    }

    /** What of a procedure could not be undone, whatever the release: for those who check a descriptor. */
    public static List<String> unsafe(Product product, Product.Procedure procedure) {
        return unsafe(forward(product, procedure, everything(product)));
    }

    /** A way that crosses whatever a release can bring. */
    private static Product.Crossing everything(Product product) {
        Set<ComponentName> all =
                product.components().stream().map(Product.Component::name).collect(Collectors.toSet());
        return new Product.Crossing(Version.of("1.0.0"), Version.of("1.1.0"), true, true, all, true);
    }

    private Product.Crossing crossing(List<Release> crossed) {
        return new Product.Crossing(
                from.version(),
                to.version(),
                !migrations.isEmpty(),
                crossed.stream().anyMatch(r -> !r.settings().isEmpty()),
                crossed.stream().flatMap(r -> r.definitions().stream()).collect(Collectors.toSet()),
                crossed.stream().anyMatch(r -> !r.tasks().isEmpty()));
    }

    private static List<Step> forward(Product product, Product.Procedure procedure, Product.Crossing crossing) {
        Version to = crossing.to();
        List<Product.StepTemplate> templates = procedure.steps().stream()
                .filter(t -> t.conditions().stream().allMatch(c -> c.holds(crossing)))
                .toList();
        boolean migrates = templates.stream().anyMatch(t -> t.word().equals(Actions.MIGRATE.word()));
        Moment schema = migrates ? Moment.AFTER : Moment.BEFORE;
        List<Step> steps = new ArrayList<>();
        for (Product.StepTemplate template : templates) {
            Actions word = Actions.of(template.word()).orElseThrow();
            Action action = word.action(template, to, schema);
            steps.add(new Step(
                    id(String.format(Locale.ROOT, "%02d", steps.size() + 1), action, template.component()),
                    action,
                    template.component(),
                    uses(product, template.component(), template.uses()),
                    deadline(action, procedure.deadlines())));
        }
        addEndOfCapture(steps, procedure.deadlines());
        return List.copyOf(steps);
    }

    // A slot that nobody drops keeps the server's log for ever, so the capture ends even if the descriptor forgets it.
    private static void addEndOfCapture(List<Step> steps, Map<String, Duration> deadlines) {
        List<Step> unended = steps.stream()
                .filter(s -> s.action() instanceof Action.BackupDatabase)
                .filter(s -> steps.stream()
                        .noneMatch(e -> e.action() instanceof Action.EndCapture
                                && e.component().equals(s.component())))
                .toList();
        for (Step backup : unended) {
            Action action = new Action.EndCapture();
            steps.add(new Step(
                    id(String.format(Locale.ROOT, "%02d", steps.size() + 1), action, backup.component()),
                    action,
                    backup.component(),
                    backup.uses(),
                    deadline(action, deadlines)));
        }
    }

    /** What of a way forward could not be undone. */
    static List<String> unsafe(List<Step> forward) {
        List<String> reasons = new ArrayList<>();
        boolean migrates = forward.stream().anyMatch(s -> s.action() instanceof Action.Migrate);
        List<Step> before =
                forward.subList(0, indexOf(forward, s -> s.disturbs() && !(s.action() instanceof Action.Person)));
        if (migrates) {
            need(before, Action.CheckSchema.class, "check-schema", reasons);
            need(before, Action.BackupDatabase.class, "backup-database", reasons);
            need(before, Action.ProveBackup.class, "prove-backup", reasons);
        }
        for (Step park : forward) {
            if (park.action() instanceof Action.ParkTraffic
                    && forward.subList(forward.indexOf(park), forward.size()).stream()
                            .noneMatch(s -> s.action() instanceof Action.OpenTraffic
                                    && s.component().equals(park.component()))) {
                reasons.add("traffic parked at " + park.component() + " is never opened again: add open-traffic");
            }
        }
        return reasons;
    }

    private static void need(List<Step> before, Class<? extends Action> action, String word, List<String> reasons) {
        if (before.stream().noneMatch(s -> action.isInstance(s.action()))) {
            reasons.add("the procedure migrates a database without " + word
                    + " before its first change: add it, or there is no way back");
        }
    }

    private static int indexOf(List<Step> steps, Predicate<Step> which) {
        for (int i = 0; i < steps.size(); i++) {
            if (which.test(steps.get(i))) {
                return i;
            }
        }
        return steps.size();
    }

    static StepId id(String position, Action action, ComponentName component) {
        return new StepId(position + "-" + action.word() + "-" + component);
    }

    static Duration deadline(Action action, Map<String, Duration> deadlines) {
        Duration stated = deadlines.get(action.word());
        if (stated != null) {
            return stated;
        }
        return Actions.of(action.word()).map(Actions::deadline).orElse(Duration.ofMinutes(30));
    }

    /** A component's own roles and the step's, and what those components use in their turn. */
    private static Map<String, ComponentName> uses(
            Product product, ComponentName component, Map<String, ComponentName> ofStep) {
        Map<String, ComponentName> roles = new HashMap<>(
                product.component(component).map(Product.Component::uses).orElse(Map.of()));
        roles.putAll(ofStep);
        for (ComponentName used : List.copyOf(roles.values())) {
            product.component(used).ifPresent(c -> c.uses().forEach(roles::putIfAbsent));
        }
        roles.values().removeIf(used -> used.equals(component));
        return roles;
    }

    private Target target(Product.Component component) {
        return new Target(component.name(), component.driver(), settings(component), artifacts(component));
    }

    private Map<String, String> settings(Product.Component component) {
        Map<String, String> merged = new LinkedHashMap<>(component.settings());
        merged.putAll(tenant.settings().getOrDefault(component.name(), Map.of()));
        return merged;
    }

    private Map<String, Artifact> artifacts(Product.Component component) {
        Map<String, Artifact> byVersion = new LinkedHashMap<>();
        for (Release release : List.of(from, to)) {
            Artifact own = release.artifacts().get(component.name());
            ComponentName shared = component.uses().get("artifact");
            Artifact artifact =
                    own == null && shared != null ? release.artifacts().get(shared) : own;
            if (artifact != null) {
                byVersion.put(release.version().toString(), artifact);
            }
        }
        return byVersion;
    }

    private Product.ProbeTemplate resolved(Product.ProbeTemplate probe) {
        return switch (probe) {
            case Product.ProbeTemplate.HttpStatus p ->
                new Product.ProbeTemplate.HttpStatus(p.name(), filled(p.url(), "probe " + p.name()), p.status());
            case Product.ProbeTemplate.HttpField p ->
                new Product.ProbeTemplate.HttpField(
                        p.name(),
                        filled(p.url(), "probe " + p.name()),
                        p.pointer(),
                        filled(p.value(), "probe " + p.name()));
            case Product.ProbeTemplate.Schema p -> p;
        };
    }

    private Watch resolved(Product.MetricTemplate metric) {
        return metric.at(filled(metric.url(), "metric " + metric.name()));
    }

    private String filled(String text, String where) {
        return Placeholders.fill(text, name -> {
            if (name.equals("version")) {
                return "{version}";
            }
            int dot = name.indexOf('.');
            String value = dot < 0
                    ? null
                    : product.components().stream()
                            .filter(c -> c.name().value().equals(name.substring(0, dot)))
                            .findFirst()
                            .map(c -> settings(c).get(name.substring(dot + 1)))
                            .orElse(null);
            if (value == null) {
                throw new Unresolved(where + " needs {" + name + "}, which neither the descriptor nor tenant "
                        + tenant.id() + " sets: set it under components of the tenant");
            }
            return value;
        });
    }

    private static final class Unresolved extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unresolved(String message) {
            super(message);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /** Derives the undo routes from the way forward. */
    private record Undoing(List<Step> forward, Version from, Map<String, Duration> deadlines) {
        Map<Route, List<Step>> routes() {
            Map<Route, List<Step>> routes = new EnumMap<>(Route.class);
            routes.put(Route.NOTHING, route(Route.NOTHING, List.of(), true));
            routes.put(Route.CLOSING, route(Route.CLOSING, List.of(), true));
            routes.put(Route.UNCHANGED, route(Route.UNCHANGED, List.of(), false));
            if (has(Action.CheckSchema.class)) {
                routes.put(Route.READING, reading());
            }
            if (has(Action.Migrate.class)) {
                routes.put(
                        Route.REVERSIBLE,
                        route(
                                Route.REVERSIBLE,
                                on(Action.Migrate.class, new Action.RevertMigrations(List.of())),
                                false));
            }
            if (has(Action.BackupDatabase.class) && has(Action.ProveBackup.class)) {
                List<Draft> recover =
                        new ArrayList<>(on(Action.BackupDatabase.class, new Action.BackupDatabase(Moment.FAILED)));
                recover.addAll(on(Action.BackupDatabase.class, new Action.ExportWrites()));
                recover.addAll(on(Action.BackupDatabase.class, new Action.RestoreDatabase()));
                routes.put(Route.IRREVERSIBLE, route(Route.IRREVERSIBLE, recover, false));
            }
            return routes;
        }

        private List<Step> reading() {
            return numbered(Route.READING, on(Action.CheckSchema.class, new Action.CheckSchema(Moment.FAILED)));
        }

        private List<Step> route(Route route, List<Draft> recover, boolean onlyReopen) {
            List<Draft> drafts = new ArrayList<>();
            if (!onlyReopen) {
                forward.stream()
                        .filter(s -> s.action() instanceof Action.Quiesce)
                        .forEach(s -> drafts.add(new Draft(s.action(), s)));
                List<Draft> stops = new ArrayList<>(runners().stream()
                        .map(s -> new Draft(new Action.Stop(), s))
                        .toList());
                Collections.reverse(stops);
                drafts.addAll(stops);
                drafts.addAll(recover);
                drafts.addAll(on(Action.FetchArtifact.class, new Action.FetchArtifact(from)));
                runners().forEach(s -> drafts.add(new Draft(new Action.Start(from, Moment.BEFORE), s)));
                drafts.addAll(on(Action.VerifyShut.class, new Action.VerifyShut(from, Moment.BEFORE)));
            }
            drafts.addAll(on(Action.ParkTraffic.class, new Action.OpenTraffic()));
            drafts.addAll(on(Action.BackupDatabase.class, new Action.EndCapture()));
            return numbered(route, drafts);
        }

        /** The steps by which the new version came to run, one a component. */
        private List<Step> runners() {
            Map<ComponentName, Step> byComponent = new LinkedHashMap<>();
            forward.stream()
                    .filter(s -> s.action() instanceof Action.Start || s.action() instanceof Action.Redeploy)
                    .forEach(s -> byComponent.putIfAbsent(s.component(), s));
            return List.copyOf(byComponent.values());
        }

        private boolean has(Class<? extends Action> action) {
            return forward.stream().anyMatch(s -> action.isInstance(s.action()));
        }

        /** One draft for each component that the way forward does {@code cause} to. */
        private List<Draft> on(Class<? extends Action> cause, Action undo) {
            Map<ComponentName, Draft> byComponent = new LinkedHashMap<>();
            forward.stream()
                    .filter(s -> cause.isInstance(s.action()))
                    .forEach(s -> byComponent.putIfAbsent(s.component(), new Draft(undo, s)));
            return List.copyOf(byComponent.values());
        }

        private List<Step> numbered(Route route, List<Draft> drafts) {
            List<Step> steps = new ArrayList<>();
            for (Draft draft : drafts) {
                steps.add(new Step(
                        id(
                                route.word() + String.format(Locale.ROOT, "-%02d", steps.size() + 1),
                                draft.action(),
                                draft.like().component()),
                        draft.action(),
                        draft.like().component(),
                        draft.like().uses(),
                        deadline(draft.action(), deadlines)));
            }
            return List.copyOf(steps);
        }
    }

    /** An action on the component of a step of the way forward, with what that step uses. */
    private record Draft(Action action, Step like) {}
}
