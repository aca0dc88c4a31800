package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Migration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What releases can bring to a procedure, as far as its conditions can tell: every combination of the facts that they
 * ask for, and the versions on both sides of every bound that they draw.
 */
final class Crossings {
    private static final Version LOW = Version.of("1.0.0");
    private static final Version HIGH = Version.of("1.1.0");
    private static final Version NEXT = Version.of("2.0.0");

    private Crossings() {}

    /** Those that the procedure would be taken for. */
    static List<Crossed> of(Product product, Product.Procedure procedure) {
        boolean mayMigrate =
                procedure.bumps().stream().anyMatch(b -> product.meaning(b).schemaChange());
        Set<Fact> matter = mattering(procedure);
        return ways(procedure).stream()
                .flatMap(way -> IntStream.range(0, Fact.COMBINATIONS)
                        .filter(facts -> Arrays.stream(Fact.values()).allMatch(f -> matter.contains(f) || !f.in(facts)))
                        .mapToObj(facts -> crossed(product, procedure, way, facts)))
                .filter(c -> mayMigrate || !c.crossing().schemaChanges())
                // Where there are no migrations, each of them only adds.
                .filter(c -> c.crossing().schemaChanges() || c.crossing().additive())
                .filter(c -> procedure.conditions().stream().allMatch(condition -> condition.holds(c.crossing())))
                .toList();
    }

    /** The facts that anything of the procedure depends on; of the others only one value is looked at. */
    private static Set<Fact> mattering(Product.Procedure procedure) {
        Set<Fact> matter = EnumSet.of(Fact.SCHEMA, Fact.ADDITIVE);
        conditions(procedure).forEach(condition -> addMattering(condition, matter));
        if (procedure.steps().stream().anyMatch(s -> s.word().equals(Actions.RUN_TASKS.word()))) {
            matter.add(Fact.TASKS);
        }
        return matter;
    }

    private static void addMattering(Product.Condition condition, Set<Fact> matter) {
        switch (condition) {
            case Product.Condition.SchemaChanges c -> matter.add(Fact.SCHEMA);
            case Product.Condition.Additive c -> matter.add(Fact.ADDITIVE);
            case Product.Condition.SettingsChange c -> matter.add(Fact.SETTINGS);
            case Product.Condition.DefinitionsChange c -> matter.add(Fact.DEFINITIONS);
            case Product.Condition.Changed c -> matter.add(Fact.CHANGED);
            case Product.Condition.Elsewhere c -> matter.add(Fact.ELSEWHERE);
            case Product.Condition.Tasks c -> matter.add(Fact.TASKS);
            case Product.Condition.Not c -> addMattering(c.condition(), matter);
            case Product.Condition.Major c -> {}
            case Product.Condition.From c -> {}
            case Product.Condition.To c -> {}
        }
    }

    private static Stream<Product.Condition> conditions(Product.Procedure procedure) {
        return Stream.concat(
                procedure.conditions().stream(), procedure.steps().stream().flatMap(s -> s.conditions().stream()));
    }

    /** What is so or not so, each a bit of a combination. */
    private enum Fact {
        SCHEMA,
        ADDITIVE,
        SETTINGS,
        DEFINITIONS,
        CHANGED,
        ELSEWHERE,
        TASKS;

        static final int COMBINATIONS = 1 << values().length;

        boolean in(int combination) {
            return (combination & (1 << ordinal())) != 0;
        }
    }

    private static Crossed crossed(Product product, Product.Procedure procedure, List<Version> way, int facts) {
        Set<ComponentName> all =
                product.components().stream().map(Product.Component::name).collect(Collectors.toSet());
        List<Release.Task> tasks = Fact.TASKS.in(facts) ? tasks(procedure) : List.of();
        Set<Migration.Trait> traits = Fact.ADDITIVE.in(facts) ? Set.of(Migration.Trait.ADDITIVE) : Set.of();
        return new Crossed(
                new Product.Crossing(
                        way.getFirst(),
                        way.getLast(),
                        Fact.SCHEMA.in(facts),
                        Fact.ADDITIVE.in(facts),
                        Fact.SETTINGS.in(facts),
                        Fact.DEFINITIONS.in(facts) ? all : Set.of(),
                        Fact.CHANGED.in(facts) ? all : Set.of(),
                        Fact.TASKS.in(facts),
                        Fact.ELSEWHERE.in(facts) ? all : Set.of()),
                Fact.SCHEMA.in(facts) ? List.of(new Migration("1", true, true, traits)) : List.of(),
                tasks,
                List.of(),
                Map.of());
    }

    private static List<Release.Task> tasks(Product.Procedure procedure) {
        return procedure.steps().stream()
                .filter(t -> t.word().equals(Actions.RUN_TASKS.word()))
                .map(t -> new Release.Task("a-task", t.component(), ""))
                .limit(1)
                .toList();
    }

    private static List<List<Version>> ways(Product.Procedure procedure) {
        Set<Version> versions = new TreeSet<>(List.of(LOW, HIGH, NEXT));
        conditions(procedure)
                .flatMap(Crossings::ranges)
                .flatMap(range -> range.anyOf().stream())
                .flatMap(List::stream)
                .forEach(bound -> addBothSides(bound.numbers(), versions));
        List<List<Version>> ways = new ArrayList<>();
        for (Version from : versions) {
            for (Version to : versions) {
                if (from.compareTo(to) < 0 && mayBe(procedure, Bump.between(from, to))) {
                    ways.add(List.of(from, to));
                }
            }
        }
        return ways;
    }

    // A patch is drawn by no bound, so that a way of any size stands for it.
    private static boolean mayBe(Product.Procedure procedure, Bump bump) {
        return procedure.bumps().contains(bump)
                || (bump != Bump.MAJOR && !procedure.bumps().equals(Set.of(Bump.MAJOR)));
    }

    private static Stream<Range> ranges(Product.Condition condition) {
        return switch (condition) {
            case Product.Condition.From c -> Stream.of(c.range());
            case Product.Condition.To c -> Stream.of(c.range());
            case Product.Condition.Not c -> ranges(c.condition());
            case Product.Condition.SchemaChanges c -> Stream.of();
            case Product.Condition.Additive c -> Stream.of();
            case Product.Condition.SettingsChange c -> Stream.of();
            case Product.Condition.DefinitionsChange c -> Stream.of();
            case Product.Condition.Changed c -> Stream.of();
            case Product.Condition.Elsewhere c -> Stream.of();
            case Product.Condition.Major c -> Stream.of();
            case Product.Condition.Tasks c -> Stream.of();
        };
    }

    private static void addBothSides(List<Integer> numbers, Set<Version> versions) {
        int major = numbers.isEmpty() ? 0 : numbers.get(0);
        int minor = numbers.size() < 2 ? 0 : numbers.get(1);
        int patch = numbers.size() < 3 ? 0 : numbers.get(2);
        versions.add(version(major, minor, patch));
        versions.add(version(major, minor, patch + 1));
        if (patch > 0) {
            versions.add(version(major, minor, patch - 1));
        } else if (minor > 0) {
            versions.add(version(major, minor - 1, 0));
        } else if (major > 0) {
            versions.add(version(major - 1, 0, 0));
        }
    }

    private static Version version(int major, int minor, int patch) {
        return new Version(major, minor, patch, "", "");
    }
}
