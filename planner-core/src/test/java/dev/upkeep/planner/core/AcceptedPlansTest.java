package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.products.Shelf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is taken and planned is not refused when it runs: where each step ends well and finds what it is there to find, no
 * rule of {@link ChangeRules} stands in its way.
 *
 * <p>The descriptors are in an order that is right, so each is asked in every order that one step elsewhere gives, too.
 */
class AcceptedPlansTest {
    private static final int MOVES = Integer.getInteger("upkeep.accepted.moves", 15);

    static List<String> products() {
        return Shelf.products();
    }

    @ParameterizedTest
    @MethodSource("products")
    void areNotRefusedAtAnyStepForAnyTenantOfAProduct(String name) {
        Shelf shelf = Shelf.of(name);

        List<Plan> plans = journeys(shelf).stream()
                .flatMap(j -> j.plans(shelf.product()).stream())
                .toList();

        assertThat(plans.stream().flatMap(plan -> refused(plan).stream())).isEmpty();
        assertThat(plans.isEmpty()).isEqualTo(shelf.tenants().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("products")
    void areNotRefusedWhereAStepOfAProcedureStandsElsewhere(String name) {
        Shelf shelf = Shelf.of(name);
        List<Journey> journeys = oneOfEachKind(shelf);

        Random random = new Random(1);
        Set<String> refused = new HashSet<>();
        for (int at = 0; at < shelf.product().procedures().size(); at++) {
            int steps = shelf.product().procedures().get(at).steps().size();
            for (int i = 0; i < MOVES; i++) {
                Product moved = moved(shelf.product(), at, random.nextInt(steps), random.nextInt(steps));
                Set<String> found = refused(moved, moved.procedures().get(at), journeys);
                if (!found.isEmpty() && isTaken(moved, at)) {
                    refused.addAll(found);
                }
            }
        }

        assertThat(refused).isEmpty();
    }

    @Test
    void areNotRefusedInTheFleetsOfTheSearch() {
        Set<String> refused = new HashSet<>();
        int plans = 0;
        for (long seed = 0; seed < 100; seed++) {
            Fleet fleet = new Fleet(seed, new Random(seed));
            Set<String> found = new HashSet<>();
            for (Tenant tenant : fleet.tenants.values()) {
                for (Version to : Fleet.VERSIONS) {
                    for (Plan plan : new Journey(tenant, to, fleet.releases, Map.of()).plans(fleet.product)) {
                        plans++;
                        found.addAll(refused(plan));
                    }
                }
            }
            if (!found.isEmpty() && isTaken(fleet.product, 0)) {
                refused.addAll(found);
            }
        }

        assertThat(refused).isEmpty();
        assertThat(plans).isGreaterThan(500);
    }

    // ---- the ways that there are

    /** One tenant to one version. */
    private record Journey(Tenant tenant, Version to, List<Release> releases, Map<ComponentName, Version> peers) {
        /** The plan there and the one that recalls it, as far as there are any. */
        List<Plan> plans(Product product) {
            List<Plan> plans = new ArrayList<>();
            if (Planning.plan(product, tenant, releases, to, peers) instanceof Planning.Planned.Way there) {
                plans.add(there.plan());
            }
            if (to.compareTo(tenant.version()) > 0
                    && Planning.back(product, tenant.on(to), releases, tenant.version(), peers)
                            instanceof Planning.Planned.Way back) {
                plans.add(back.plan());
            }
            return plans;
        }

        Product.Crossing crossing(Product product) {
            Release target = releases.stream()
                    .filter(r -> r.version().equals(to))
                    .findFirst()
                    .orElseThrow();
            List<Release> between = releases.stream()
                    .filter(r -> r.version().compareTo(tenant.version()) > 0
                            && r.version().compareTo(to) <= 0)
                    .toList();
            return Crossed.between(
                            product,
                            tenant.version(),
                            target,
                            between,
                            tenant.site().peers().keySet())
                    .crossing();
        }

        Optional<Product.Procedure> procedure(Product product) {
            return product.procedure(tenant.model(), Bump.between(tenant.version(), to), crossing(product));
        }
    }

    private static List<Journey> journeys(Shelf shelf) {
        List<Journey> journeys = new ArrayList<>();
        for (Tenant tenant : shelf.tenants()) {
            for (Release from : shelf.releases()) {
                for (Release to : shelf.releases()) {
                    if (from.version().compareTo(to.version()) < 0) {
                        Tenant there = tenant.on(from.version());
                        journeys.add(new Journey(there, to.version(), shelf.releases(), shelf.peers(there)));
                    }
                }
            }
        }
        return journeys;
    }

    /** One journey for each procedure, with migrations and without. */
    private static List<Journey> oneOfEachKind(Shelf shelf) {
        Set<List<Object>> seen = new HashSet<>();
        return journeys(shelf).stream()
                .filter(j -> seen.add(List.of(
                        j.procedure(shelf.product()),
                        j.crossing(shelf.product()).schemaChanges(),
                        j.crossing(shelf.product()).additive())))
                .toList();
    }

    private static boolean isTaken(Product product, int procedure) {
        return Planning.unsafe(product, product.procedures().get(procedure)).isEmpty()
                && ProductRules.contradictions(product).isEmpty();
    }

    private static Product moved(Product product, int at, int from, int to) {
        List<Product.Procedure> procedures = new ArrayList<>(product.procedures());
        Product.Procedure procedure = procedures.get(at);
        List<Product.StepTemplate> steps = new ArrayList<>(procedure.steps());
        steps.add(to, steps.remove(from));
        procedures.set(
                at,
                new Product.Procedure(
                        procedure.models(),
                        procedure.bumps(),
                        procedure.conditions(),
                        procedure.style(),
                        procedure.customerTriggers(),
                        procedure.downtime(),
                        procedure.checklist(),
                        steps,
                        procedure.deadlines()));
        return new Product(
                product.name(),
                product.components(),
                product.bumps(),
                procedures,
                product.probes(),
                product.metrics(),
                product.rings(),
                product.policies());
    }

    private static Set<String> refused(Product product, Product.Procedure procedure, List<Journey> journeys) {
        return journeys.stream()
                .filter(j -> j.procedure(product).filter(procedure::equals).isPresent())
                .flatMap(j -> j.plans(product).stream())
                .flatMap(plan -> refused(plan).stream())
                .collect(Collectors.toSet());
    }

    // ---- a run in which everything goes well

    private static List<String> refused(Plan plan) {
        List<String> refused = new ArrayList<>();
        Map<String, String> facts = new HashMap<>();
        for (int i = 0; i < plan.forward().size(); i++) {
            Step step = plan.forward().get(i);
            ChangeRules.STANDARD
                    .refusal(new State.Forward(i, new Try.Unasked(0, 0)), plan, step, facts)
                    .ifPresent(why -> refused.add(plan.product() + " " + plan.from() + " → " + plan.to() + ", "
                            + step.title() + ": " + why + " in "
                            + plan.forward().stream().map(Step::title).toList()));
            Facts.keep(facts, plan, step, found(plan, step));
        }
        return refused;
    }

    /** What a step finds where all is well: a proof rehearses by what is in the role {@code schema}, or not at all. */
    private static Map<String, String> found(Plan plan, Step step) {
        List<String> ids = plan.migrations().stream().map(Migration::id).toList();
        return switch (step.action()) {
            case Action.CheckSchema a
            when a.moment() == Moment.BEFORE ->
                Map.of(
                        Fact.SCHEMA_BEFORE,
                        "before",
                        Fact.MIGRATIONS_BEFORE,
                        plan.goesBack() ? String.join(",", ids) : "");
            case Action.BackupDatabase a -> Map.of(Fact.BACKUP_BEFORE, "kept");
            case Action.ProveBackup a
            when ids.isEmpty() -> Map.of(Fact.BACKUP_PROVEN, "true", Fact.SCHEMA_AFTER, "before");
            case Action.ProveBackup a
            when step.uses().containsKey("schema") -> Map.of(Fact.BACKUP_PROVEN, "true", Fact.SCHEMA_AFTER, "after");
            case Action.BackupConfiguration a ->
                Map.of(Fact.CONFIGURATION_BEFORE, "kept", Fact.CONFIGURATION_PROVEN, "true");
            case Action.SnapshotKey a -> Map.of(Fact.KEY_FINGERPRINT, "sha256:0");
            default -> Map.of();
        };
    }
}
