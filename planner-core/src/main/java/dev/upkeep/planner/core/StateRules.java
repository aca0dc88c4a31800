package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Migration;
import dev.upkeep.planner.core.States.Way;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What must hold in every state that a plan goes through, forward and back.
 *
 * <p>What does not hold where a way sets out is not of its making, and is let be as long as it stays exactly so: else
 * nobody could mend it. So is what did not hold before the first step, where a way back leads to it again.
 *
 * @param everywhere in each state of each way
 * @param atTheEnd in the last state of each way
 */
record StateRules(List<Rule> everywhere, List<Rule> atTheEnd) {
    static final StateRules STANDARD = new StateRules(
            List.of(
                    StateRules::skewHolds,
                    StateRules::binariesMeetTheirOwnSchema,
                    StateRules::orderIsKept,
                    StateRules::firstGoFirstAcrossMajors),
            List.of(
                    StateRules::everythingServes,
                    StateRules::everythingMovesInOneWindowAcrossMajors,
                    StateRules::setsStayTogether,
                    StateRules::whatChangedIsBrought));

    StateRules {
        everywhere = List.copyOf(everywhere);
        atTheEnd = List.copyOf(atTheEnd);
    }

    /** One of them: what is wrong in a way's state of that index, each as a sentence without the state. */
    @FunctionalInterface
    interface Rule {
        List<String> broken(Journey journey, Way way, int at);
    }

    /** What the rules know besides the state. */
    record Journey(States states, Product product, Crossed crossed) {
        Wiring wiring() {
            return states.wiring();
        }

        Plan plan() {
            return states.plan();
        }

        boolean isForeign(ComponentName component) {
            return states.foreign().contains(component);
        }

        boolean crossesMajor() {
            return Bump.between(plan().from(), plan().to()) == Bump.MAJOR;
        }
    }

    /** Everything that is wrong in some state, each named once, by the first state in which it is. */
    List<String> broken(Journey journey) {
        Set<String> found = new LinkedHashSet<>(rollingIsAllowed(journey));
        Set<String> told = new HashSet<>();
        List<Way> ways = journey.states().ways();
        List<String> before = all(everywhere, journey, ways.getFirst(), 0);
        for (Way way : ways) {
            Set<String> tolerated = new HashSet<>(before);
            tolerated.addAll(all(everywhere, journey, way, 0));
            int last = way.standings().size() - 1;
            for (int at = Math.min(1, last); at <= last; at++) {
                List<String> wrong = new ArrayList<>(all(everywhere, journey, way, at));
                if (at == last) {
                    wrong.addAll(all(atTheEnd, journey, way, at));
                }
                String when = where(way) + way.standings().get(at).when() + ": ";
                wrong.stream()
                        .filter(w -> !tolerated.contains(w))
                        .filter(told::add)
                        .forEach(w -> found.add(when + w));
            }
        }
        return List.copyOf(found);
    }

    private static List<String> all(List<Rule> rules, Journey journey, Way way, int at) {
        return rules.stream().flatMap(r -> r.broken(journey, way, at).stream()).toList();
    }

    private static String where(Way way) {
        return way.route().map(r -> "on the way back (" + r.word() + ") ").orElse("");
    }

    /** Old and new serve side by side only where both understand the schema and each other. */
    static List<String> rollingIsAllowed(Journey journey) {
        if (journey.states().style() != Product.Style.ROLLING) {
            return List.of();
        }
        List<String> wrong = new ArrayList<>();
        if (journey.crossesMajor()) {
            wrong.add("a rolling procedure lets old and new serve side by side, which no major allows");
        }
        List<String> breaking = journey.plan().migrations().stream()
                .filter(m -> !m.additive())
                .map(Migration::id)
                .toList();
        if (!breaking.isEmpty()) {
            wrong.add("a rolling procedure lets the old version serve on the new schema, but migrations " + breaking
                    + " do not only add");
        }
        return wrong;
    }

    /** Components that talk are no further apart than they may be. */
    static List<String> skewHolds(Journey journey, Way way, int at) {
        Standing standing = way.standings().get(at);
        List<String> wrong = new ArrayList<>();
        for (Policies.Skew skew : journey.product().policies().skews()) {
            if (!talks(journey, skew.one(), standing) || !talks(journey, skew.other(), standing)) {
                continue;
            }
            for (Version one : new TreeSet<>(standing.of(skew.one()))) {
                for (Version other : new TreeSet<>(standing.of(skew.other()))) {
                    tooFar(skew, one, other).ifPresent(wrong::add);
                }
            }
        }
        return wrong;
    }

    private static Optional<String> tooFar(Policies.Skew skew, Version one, Version other) {
        String pair = skew.one() + " " + one + " and " + skew.other() + " " + other;
        if (one.major() != other.major()) {
            return Optional.of(pair + " would talk, but must be of the same major");
        }
        int apart = Math.abs(one.minor() - other.minor());
        return skew.minors()
                .filter(most -> apart > most)
                .map(most -> pair + " would talk, but are " + apart + " minors apart, at most " + most + " is allowed");
    }

    /** What is stopped says nothing; what users carry comes through the gates. */
    private static boolean talks(Journey journey, ComponentName component, Standing standing) {
        if (standing.silent().contains(component)) {
            return false;
        }
        boolean byTheGates = journey.wiring().cadence(component) == Product.Cadence.TRAILING;
        Set<ComponentName> gates = new HashSet<>();
        journey.plan().forward().stream()
                .filter(s -> s.action() instanceof Action.ParkTraffic)
                .forEach(s -> gates.add(s.component()));
        return !byTheGates || gates.isEmpty() || !standing.parked().containsAll(gates);
    }

    /** The old binary never meets the new schema, nor the new one the old, nor any one that is being replaced. */
    static List<String> binariesMeetTheirOwnSchema(Journey journey, Way way, int at) {
        Standing standing = way.standings().get(at);
        Plan plan = journey.plan();
        boolean additive = journey.states().style() == Product.Style.ROLLING
                && plan.migrations().stream().allMatch(Migration::additive);
        // What migrates by itself starts on the schema from before; what has a step for that waits for the step.
        Set<ComponentName> bringing = plan.migrator()
                .filter(s -> s.starts().isPresent())
                .map(s -> journey.wiring().moved(s.component()))
                .orElse(Set.of());
        List<String> wrong = new ArrayList<>();
        for (ComponentName component : named(standing.serving().keySet())) {
            if (!usesTheDatabase(journey, component)) {
                continue;
            }
            for (Version version : new TreeSet<>(standing.of(component))) {
                boolean isNew = version.equals(plan.to());
                if (standing.schema().contains(Moment.FAILED)) {
                    wrong.add(component + " " + version + " would run while its database is replaced");
                } else if (plan.changesSchema()
                        && isNew
                        && standing.schema().contains(Moment.BEFORE)
                        && !bringing.contains(component)) {
                    wrong.add(component + " " + version + " would meet the schema from before its migrations");
                } else if (plan.changesSchema()
                        && !isNew
                        && !additive
                        && standing.schema().contains(Moment.AFTER)) {
                    wrong.add(component + " " + version + " would meet the schema of " + plan.to());
                }
            }
        }
        return wrong;
    }

    private static boolean usesTheDatabase(Journey journey, ComponentName component) {
        Optional<ComponentName> used = journey.wiring().role(component, Wiring.DATABASE);
        return used.isPresent()
                && !journey.isForeign(component)
                && journey.plan()
                        .database()
                        .map(d -> used.filter(d::equals).isPresent())
                        .orElse(true);
    }

    /** A component comes after those that must be there before it. */
    static List<String> orderIsKept(Journey journey, Way way, int at) {
        Set<ComponentName> goes = goes(journey, way);
        Standing standing = way.standings().get(at);
        Standing previous = way.standings().get(Math.max(0, at - 1));
        List<String> wrong = new ArrayList<>();
        for (ComponentName component : named(standing.arrived())) {
            if (previous.arrived().contains(component)) {
                continue;
            }
            for (ComponentName earlier : journey.wiring().before(component)) {
                if (goes.contains(earlier) && !standing.arrived().contains(earlier)) {
                    wrong.add(component + " would come before " + earlier + ", which must be there before it");
                } else if (standing.isDown(earlier)) {
                    wrong.add(component + " would start although " + earlier + " is down");
                }
            }
        }
        return wrong;
    }

    private static Set<ComponentName> goes(Journey journey, Way way) {
        Set<ComponentName> goes = new HashSet<>();
        for (Step step : way.steps()) {
            boolean moves = step.starts().isPresent()
                    || step.action() instanceof Action.Migrate
                    || step.action() instanceof Action.RevertMigrations;
            if (moves) {
                goes.addAll(journey.wiring().moved(step.component()));
            }
        }
        return goes;
    }

    /** Across a major, what the product names first is there before anything else is. */
    static List<String> firstGoFirstAcrossMajors(Journey journey, Way way, int at) {
        Optional<Policies.AcrossMajors> rule = journey.product().policies().acrossMajors();
        if (rule.isEmpty() || !journey.crossesMajor() || way.route().isPresent()) {
            return List.of();
        }
        Standing standing = way.standings().get(at);
        int major = journey.plan().to().major();
        List<ComponentName> awaited = rule.get().first().stream()
                .filter(first -> standing.serving().containsKey(first))
                .filter(first -> standing.of(first).isEmpty()
                        || standing.of(first).stream().anyMatch(v -> v.major() != major))
                .toList();
        return named(standing.serving().keySet()).stream()
                .filter(c -> !rule.get().first().contains(c) && !journey.isForeign(c))
                .filter(c -> standing.of(c).stream().anyMatch(v -> v.major() == major))
                .flatMap(c -> awaited.stream()
                        .map(first -> c + " would serve major " + major + " before " + first
                                + ", which goes first across majors"))
                .toList();
    }

    /** Whatever was stopped is up again, and nothing is left of what was to be left. */
    static List<String> everythingServes(Journey journey, Way way, int at) {
        Standing standing = way.standings().get(at);
        List<String> wrong = new ArrayList<>();
        for (ComponentName component : named(standing.serving().keySet())) {
            if (journey.isForeign(component)) {
                continue;
            }
            if (standing.isDown(component)) {
                wrong.add(component + " would be stopped and not started again");
            } else if (way.route().isPresent()
                    && standing.of(component).contains(journey.plan().to())) {
                wrong.add(component + " would still serve " + journey.plan().to());
            }
        }
        return wrong;
    }

    /** Nothing of the product stays behind a major, where it says that all of it goes in the same window. */
    static List<String> everythingMovesInOneWindowAcrossMajors(Journey journey, Way way, int at) {
        boolean applies = way.route().isEmpty()
                && journey.crossesMajor()
                && journey.product()
                        .policies()
                        .acrossMajors()
                        .filter(Policies.AcrossMajors::sameWindow)
                        .isPresent();
        if (!applies) {
            return List.of();
        }
        Standing standing = way.standings().get(at);
        int major = journey.plan().to().major();
        return named(standing.serving().keySet()).stream()
                .filter(c -> journey.wiring().cadence(c) == Product.Cadence.PRODUCT && !journey.isForeign(c))
                .filter(c -> standing.of(c).stream().anyMatch(v -> v.major() != major))
                .map(c -> c + " would stay at " + told(standing, c)
                        + ", but across a major everything moves in the same window")
                .toList();
    }

    /** What is shipped together as a set is of one version when a way ends; what only stands in it may stay. */
    static List<String> setsStayTogether(Journey journey, Way way, int at) {
        Standing standing = way.standings().get(at);
        List<String> wrong = new ArrayList<>();
        for (Product.Component set : journey.product().components()) {
            List<ComponentName> members = journey.wiring().members(set.name()).stream()
                    .filter(c -> standing.serving().containsKey(c) && !journey.isForeign(c))
                    .filter(c -> !journey.plan().target(c).artifacts().isEmpty())
                    .toList();
            if (members.stream().map(standing::of).distinct().count() > 1) {
                wrong.add("the set " + set.name() + " would be torn apart: "
                        + String.join(
                                ", ",
                                members.stream()
                                        .map(c -> c + " " + told(standing, c))
                                        .toList()));
            }
        }
        return wrong;
    }

    /** Of each component that the releases crossed bring anew, the new one is there, unless it may trail. */
    static List<String> whatChangedIsBrought(Journey journey, Way way, int at) {
        if (way.route().isPresent()) {
            return List.of();
        }
        Standing standing = way.standings().get(at);
        Set<ComponentName> mayTrail = journey.crossesMajor()
                ? Set.of()
                : Set.copyOf(journey.product()
                        .policies()
                        .acrossMajors()
                        .map(Policies.AcrossMajors::trailing)
                        .orElse(List.of()));
        return named(journey.crossed().crossing().changed()).stream()
                .filter(c -> standing.serving().containsKey(c) && !journey.isForeign(c) && !mayTrail.contains(c))
                .filter(c -> !standing.of(c).contains(journey.plan().to()))
                .map(c -> "the releases crossed bring another " + c + ", but no step brings it to "
                        + journey.plan().to())
                .toList();
    }

    private static String told(Standing standing, ComponentName component) {
        return String.join(
                " and ",
                standing.of(component).stream().sorted().map(Version::toString).toList());
    }

    private static List<ComponentName> named(Set<ComponentName> components) {
        return components.stream()
                .sorted(Comparator.comparing(ComponentName::value))
                .toList();
    }
}
