package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The releases that a hop crosses, taken together.
 *
 * @param tasks in the order in which they must run
 * @param settings what becomes of settings, in the releases' order
 * @param needs by third party, the ranges that must cover its version for the target to run
 */
record Crossed(
        Product.Crossing crossing,
        List<Migration> migrations,
        List<Release.Task> tasks,
        List<Release.SettingChange> settings,
        Map<String, List<String>> needs) {
    Crossed {
        migrations = List.copyOf(migrations);
        tasks = List.copyOf(tasks);
        settings = List.copyOf(settings);
        needs = Map.copyOf(needs);
    }

    /**
     * What lies between two versions.
     *
     * @param releases those above {@code from} up to {@code to}, the lowest first
     * @param elsewhere what of the tenant stands on another one
     */
    static Crossed between(
            Product product, Version from, Release to, List<Release> releases, Set<ComponentName> elsewhere) {
        List<Migration> migrations = elsewhere.containsAll(databases(product)) && !elsewhere.isEmpty()
                ? List.of()
                : releases.stream().flatMap(r -> r.migrations().stream()).toList();
        List<Release.Task> tasks =
                releases.stream().flatMap(r -> r.tasks().stream()).toList();
        List<Release.SettingChange> settings =
                releases.stream().flatMap(r -> r.settings().stream()).toList();
        Set<ComponentName> definitions =
                releases.stream().flatMap(r -> r.definitions().stream()).collect(Collectors.toSet());
        Set<ComponentName> changed = new HashSet<>(definitions);
        releases.forEach(r -> changed.addAll(r.artifacts().keySet()));
        return new Crossed(
                new Product.Crossing(
                        from,
                        to.version(),
                        !migrations.isEmpty(),
                        migrations.stream().allMatch(Migration::additive),
                        !settings.isEmpty(),
                        definitions,
                        changed,
                        !tasks.isEmpty(),
                        elsewhere),
                migrations,
                tasks,
                settings,
                needs(product, to));
    }

    /** Where a tenant's database stands elsewhere, that tenant's plan migrates it. */
    private static Set<ComponentName> databases(Product product) {
        return product.components().stream()
                .flatMap(c -> Optional.ofNullable(c.uses().get(Wiring.DATABASE)).stream())
                .collect(Collectors.toSet());
    }

    private static Map<String, List<String>> needs(Product product, Release to) {
        Map<String, List<String>> needs = new LinkedHashMap<>();
        product.policies().matrix().stream()
                .filter(row -> row.releases().covers(to.version().toString()))
                .forEach(row -> row.needs().forEach((name, range) -> add(needs, name, range)));
        to.thirdParty().forEach((name, range) -> add(needs, name, range));
        return needs;
    }

    private static void add(Map<String, List<String>> needs, String name, Range range) {
        List<String> ranges = needs.computeIfAbsent(name, n -> new ArrayList<>());
        if (!ranges.contains(range.text())) {
            ranges.add(range.text());
        }
    }

    /** What they ask of a step on a component, when the schema is as the moment says. */
    Actions.Demands of(ComponentName component, Moment schema) {
        Set<String> required = new LinkedHashSet<>();
        Set<String> gone = new LinkedHashSet<>();
        settings.stream().filter(s -> s.component().equals(component)).forEach(s -> {
            switch (s.fate()) {
                case REQUIRED -> required.add(s.name());
                case RENAMED -> {
                    gone.add(s.name());
                    if (required.remove(s.name())) {
                        required.add(s.to());
                    }
                }
                case REMOVED -> {
                    required.remove(s.name());
                    gone.add(s.name());
                }
                case NEW -> gone.remove(s.name());
                case DEPRECATED, DEFAULT_CHANGED, PARSED_OTHERWISE -> {}
            }
        });
        return new Actions.Demands(crossing.to(), schema, List.copyOf(required), List.copyOf(gone), needs);
    }

    /** The tasks of a component, in their order. */
    List<Release.Task> tasks(ComponentName component) {
        return tasks.stream().filter(t -> t.component().equals(component)).toList();
    }
}
