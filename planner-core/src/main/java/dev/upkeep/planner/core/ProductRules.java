package dev.upkeep.planner.core;

import dev.upkeep.contract.Bump;
import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.Model;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.IntStream;

/** What makes a descriptor nonsense though every key of it is well-formed; all rules are asked, so that all is known at once. */
public final class ProductRules {
    static final List<Function<Product, List<Contradiction>>> ALL = List.of(
            ProductRules::rollingNeverCrossesAMajor,
            ProductRules::foreignComponentsAreLeftAlone,
            ProductRules::whatItsUsersCarryIsAskedFor,
            ProductRules::whatDoesNotOnlyAddHasAWay,
            ProductRules::trafficOpensAfterHealth,
            ProductRules::whatIsParkedIsReopened,
            ProductRules::everyProcedureCanBeTaken,
            ProductRules::checklistsHaveEvidence,
            ProductRules::skewsAreStatedOnce,
            ProductRules::nothingIsBothFirstAndTrailing,
            ProductRules::requiredStopsAreTargets,
            ProductRules::onlyAPromiseIsExtended);

    private static final Version ANY = Version.of("1.0.0");
    private static final Map<String, String> REOPENING =
            Map.of(Actions.PARK_TRAFFIC.word(), Actions.OPEN_TRAFFIC.word(), "pause-work", "resume-work");

    private ProductRules() {}

    /** Every reason why it is nonsense; none means that it may be taken. */
    public static List<Contradiction> contradictions(Product product) {
        return ALL.stream().flatMap(rule -> rule.apply(product).stream()).toList();
    }

    /** Old and new side by side must understand each other, which no product promises across a major. */
    static List<Contradiction> rollingNeverCrossesAMajor(Product product) {
        return eachProcedure(
                product,
                (procedure, pointer) -> procedure.style() == Product.Style.ROLLING
                                && procedure.bumps().contains(Bump.MAJOR)
                        ? List.of(new Contradiction(
                                pointer + "/style",
                                "rollingNeverCrossesAMajor",
                                "a rolling procedure is for majors too, where old and new need not understand each other",
                                "remove major from its bumps and write a procedure of another style for majors"))
                        : List.of());
    }

    /** What has releases of its own, or comes inside of something else, is not changed by this product's procedures. */
    static List<Contradiction> foreignComponentsAreLeftAlone(Product product) {
        return eachStep(product, (procedure, at) -> {
            Product.StepTemplate step = procedure.steps().get(at);
            return product.component(step.component())
                    .filter(c -> isForeign(c.cadence()) && touches(step))
                    .map(c -> new Contradiction(
                            "/" + step.word(),
                            "foreignComponentsAreLeftAlone",
                            step.word() + " touches '" + c.name() + "', whose cadence is "
                                    + (c.cadence() == Product.Cadence.OWN ? "own" : "rides-along"),
                            c.cadence() == Product.Cadence.OWN
                                    ? "remove the step: it is upgraded by a plan of its own, as a product of its own"
                                    : "remove the step: it comes with the component that it rides along with"));
        });
    }

    private static boolean isForeign(Product.Cadence cadence) {
        return switch (cadence) {
            case OWN, RIDES_ALONG -> true;
            case PRODUCT, TRAILING -> false;
        };
    }

    // Backing it up, looking at it and asking somebody about it leave it as it is.
    private static boolean touches(Product.StepTemplate step) {
        return switch (Actions.of(step.word()).orElseThrow().action(step, ANY, Moment.BEFORE)) {
            case Action.Change a -> true;
            case Action.Quiesce a -> true;
            case Action.Reopen a -> true;
            case Action.Recover a -> true;
            case Action.Prepare a -> false;
            case Action.Protect a -> false;
            case Action.Prove a -> false;
            case Action.Person a -> false;
        };
    }

    /** No step reaches what its users update: they are asked. */
    static List<Contradiction> whatItsUsersCarryIsAskedFor(Product product) {
        return eachStep(product, (procedure, at) -> {
            Product.StepTemplate step = procedure.steps().get(at);
            boolean carried = product.component(step.component())
                    .filter(c -> c.cadence() == Product.Cadence.TRAILING)
                    .isPresent();
            boolean changes =
                    Actions.of(step.word()).orElseThrow().action(step, ANY, Moment.BEFORE) instanceof Action.Change;
            return carried && changes
                    ? Optional.of(new Contradiction(
                            "/" + step.word(),
                            "whatItsUsersCarryIsAskedFor",
                            step.component() + " is carried by its users, so " + step.word() + " can't reach it",
                            "ask them instead: 'ask: " + step.component() + "', with 'what' they should do"))
                    : Optional.empty();
        });
    }

    /** Where a bump may bring migrations, there is a procedure for those that do more than to add. */
    static List<Contradiction> whatDoesNotOnlyAddHasAWay(Product product) {
        List<Contradiction> found = new ArrayList<>();
        for (Model model : Model.values()) {
            for (Bump bump : Bump.values()) {
                List<Integer> those = IntStream.range(0, product.procedures().size())
                        .filter(i -> product.procedures().get(i).models().contains(model)
                                && product.procedures().get(i).bumps().contains(bump))
                        .boxed()
                        .toList();
                boolean hasAWay = those.stream()
                        .anyMatch(i -> product.procedures().get(i).conditions().stream()
                                .allMatch(ProductRules::mayHoldWhereMigrationsDoMore));
                if (!those.isEmpty() && product.meaning(bump).schemaChange() && !hasAWay) {
                    found.add(new Contradiction(
                            "/procedures/" + those.getLast() + "/when",
                            "whatDoesNotOnlyAddHasAWay",
                            "a " + word(bump) + " may change the schema, and for the model " + word(model)
                                    + " no procedure fits a release whose migrations do more than to add",
                            "put a procedure of another style behind it, without this condition"));
                }
            }
        }
        return found.stream().distinct().toList();
    }

    private static boolean mayHoldWhereMigrationsDoMore(Product.Condition condition) {
        return !(condition instanceof Product.Condition.Additive)
                && !(condition instanceof Product.Condition.Not not
                        && not.condition() instanceof Product.Condition.SchemaChanges);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Traffic is let in again only where health was looked at while it was shut out. */
    static List<Contradiction> trafficOpensAfterHealth(Product product) {
        return eachStep(product, (procedure, at) -> {
            Product.StepTemplate open = procedure.steps().get(at);
            boolean verified = procedure.steps().subList(0, at).stream()
                    .anyMatch(s -> s.word().equals(Actions.VERIFY_SHUT.word())
                            && Set.copyOf(open.conditions()).containsAll(s.conditions()));
            return open.word().equals(Actions.OPEN_TRAFFIC.word()) && !verified
                    ? Optional.of(new Contradiction(
                            "/" + open.word(),
                            "trafficOpensAfterHealth",
                            "traffic is opened before anything has judged the new version's health",
                            "put a verify-shut in front of it, under no further condition"))
                    : Optional.empty();
        });
    }

    /** What is parked or paused is opened or resumed later, whenever it was parked or paused. */
    static List<Contradiction> whatIsParkedIsReopened(Product product) {
        return eachStep(product, (procedure, at) -> {
            Product.StepTemplate shut = procedure.steps().get(at);
            String word = REOPENING.get(shut.word());
            if (word == null) {
                return Optional.empty();
            }
            List<Product.StepTemplate> later = procedure
                    .steps()
                    .subList(at, procedure.steps().size())
                    .stream()
                    .filter(s -> s.word().equals(word) && s.component().equals(shut.component()))
                    .toList();
            boolean reopened =
                    later.stream().anyMatch(s -> Set.copyOf(shut.conditions()).containsAll(s.conditions()));
            // Parked traffic that nothing opens at all is what the planning itself refuses.
            boolean told = later.isEmpty() && shut.word().equals(Actions.PARK_TRAFFIC.word());
            return reopened || told
                    ? Optional.empty()
                    : Optional.of(new Contradiction(
                            "/" + shut.word(),
                            "whatIsParkedIsReopened",
                            later.isEmpty()
                                    ? shut.word() + " at " + shut.component() + " has no " + word + " after it"
                                    : "the " + word + " at " + shut.component() + " depends on more than the "
                                            + shut.word() + " does",
                            "add '" + word + ": " + shut.component() + "' after it, under no further condition"));
        });
    }

    /** The first procedure that fits is taken, so one behind it that fits nowhere else never is. */
    static List<Contradiction> everyProcedureCanBeTaken(Product product) {
        List<Contradiction> found = new ArrayList<>();
        Set<Map.Entry<Model, Bump>> taken = new HashSet<>();
        for (int i = 0; i < product.procedures().size(); i++) {
            Product.Procedure procedure = product.procedures().get(i);
            Set<Map.Entry<Model, Bump>> fits = new HashSet<>();
            procedure.models().forEach(m -> procedure.bumps().forEach(b -> fits.add(Map.entry(m, b))));
            if (taken.containsAll(fits)) {
                found.add(new Contradiction(
                        "/procedures/" + i,
                        "everyProcedureCanBeTaken",
                        "the procedure is never taken: those before it fit all of its models and bumps",
                        "put it before them, give them a 'when', or remove it"));
            }
            if (procedure.conditions().isEmpty()) {
                taken.addAll(fits);
            }
        }
        return found;
    }

    /** An item of a checklist is proven by a step that is there or by a rule that is asked, or it is only a wish. */
    static List<Contradiction> checklistsHaveEvidence(Product product) {
        return eachProcedure(product, (procedure, pointer) -> {
            List<Contradiction> found = new ArrayList<>();
            for (int i = 0; i < procedure.checklist().size(); i++) {
                String evidence = procedure.checklist().get(i).evidence();
                boolean isStep =
                        procedure.steps().stream().anyMatch(s -> s.word().equals(evidence));
                if (!isStep && !StartRules.NAMES.contains(evidence)) {
                    found.add(new Contradiction(
                            pointer + "/checklist/" + i + "/evidence",
                            "checklistsHaveEvidence",
                            "'" + evidence + "' is neither an action of this procedure nor a start rule",
                            "name a step's action, such as prove-backup, or one of "
                                    + String.join(
                                            ", ",
                                            StartRules.NAMES.stream().sorted().toList())));
                } else if (!isStep && isNeverAsked(product, procedure, evidence)) {
                    found.add(new Contradiction(
                            pointer + "/checklist/" + i + "/evidence",
                            "checklistsHaveEvidence",
                            "'" + evidence + "' proves nothing here: it never blocks the bumps of this procedure",
                            "say in the descriptor what it is to ask for ("
                                    + switch (evidence) {
                                        case "notesAreAcknowledged" -> "'acknowledge' of the bump";
                                        case "noticeHasRun" -> "'notice' of the bump";
                                        default -> "'stage-first'";
                                    }
                                    + "), or name other evidence"));
                }
            }
            return found;
        });
    }

    private static boolean isNeverAsked(Product product, Product.Procedure procedure, String rule) {
        List<Product.Meaning> meanings =
                procedure.bumps().stream().map(product::meaning).toList();
        return switch (rule) {
            case "notesAreAcknowledged" ->
                meanings.stream().allMatch(m -> m.acknowledge() == Product.Acknowledge.NOTHING);
            case "noticeHasRun" -> meanings.stream().allMatch(m -> m.notice().isZero());
            case "stagedFirst" -> product.policies().stageFirst().isEmpty();
            default -> false;
        };
    }

    /** How far two components may be apart is said in one place. */
    static List<Contradiction> skewsAreStatedOnce(Product product) {
        List<Contradiction> found = new ArrayList<>();
        Set<Set<ComponentName>> seen = new HashSet<>();
        List<Policies.Skew> skews = product.policies().skews();
        for (int i = 0; i < skews.size(); i++) {
            Policies.Skew skew = skews.get(i);
            if (!seen.add(new HashSet<>(List.of(skew.one(), skew.other())))) {
                found.add(new Contradiction(
                        "/skew/" + i + "/between",
                        "skewsAreStatedOnce",
                        "the skew between " + skew.one() + " and " + skew.other() + " is stated twice",
                        "keep one of them"));
            }
        }
        return found;
    }

    /** What goes first across a major can't trail. */
    static List<Contradiction> nothingIsBothFirstAndTrailing(Product product) {
        return product.policies().acrossMajors().stream()
                .flatMap(across -> across.trailing().stream()
                        .filter(across.first()::contains)
                        .map(name -> new Contradiction(
                                "/across-majors/trailing/" + across.trailing().indexOf(name),
                                "nothingIsBothFirstAndTrailing",
                                "'" + name + "' goes first and trails",
                                "remove it from one of the two")))
                .toList();
    }

    /** A version that must be stopped at must be one that may be gone to. */
    static List<Contradiction> requiredStopsAreTargets(Product product) {
        Policies.Versioning versioning = product.policies().versioning();
        return versioning.floor().stream()
                .flatMap(floor -> versioning.required().stream()
                        .filter(stop -> stop.compareTo(floor) < 0)
                        .map(stop -> new Contradiction(
                                "/versioning/required/" + versioning.required().indexOf(stop),
                                "requiredStopsAreTargets",
                                "every way must stop at " + stop + ", but no target lies below " + floor,
                                "remove it, or lower the floor")))
                .toList();
    }

    /** A period that is not promised can't be extended. */
    static List<Contradiction> onlyAPromiseIsExtended(Product product) {
        Policies.Deprecation deprecation = product.policies().deprecation();
        return deprecation.extendable() && deprecation.keep() == Policies.Deprecation.Keep.NOT_AT_ALL
                ? List.of(new Contradiction(
                        "/deprecation/extendable",
                        "onlyAPromiseIsExtended",
                        "what is deprecated may go with any release, so there is no period to extend",
                        "say how long it is kept: 'keep: major-cycle' or 'keep: minor-cycle'"))
                : List.of();
    }

    private static List<Contradiction> eachProcedure(
            Product product, BiFunction<Product.Procedure, String, List<Contradiction>> rule) {
        List<Contradiction> found = new ArrayList<>();
        for (int i = 0; i < product.procedures().size(); i++) {
            found.addAll(rule.apply(product.procedures().get(i), "/procedures/" + i));
        }
        return found;
    }

    /** Asks a rule for each step by its index; the pointer that it answers with starts at the step. */
    private static List<Contradiction> eachStep(
            Product product, BiFunction<Product.Procedure, Integer, Optional<Contradiction>> rule) {
        return eachProcedure(product, (procedure, pointer) -> {
            List<Contradiction> found = new ArrayList<>();
            for (int i = 0; i < procedure.steps().size(); i++) {
                String step = pointer + "/steps/" + i;
                rule.apply(procedure, i)
                        .map(c -> new Contradiction(step + c.pointer(), c.rule(), c.what(), c.fix()))
                        .ifPresent(found::add);
            }
            return found;
        });
    }
}
