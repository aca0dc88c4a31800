package dev.upkeep.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rules of the architecture. Each is a function of the package that it holds under: {@code dev.upkeep} for the code,
 * and one small tree for each plant, where the same rule must report what is planted.
 */
enum Rule {
    CORE_IS_PURE(
            "a core imports Java, JSpecify, the contract's words and nothing else",
            root -> classes()
                    .that()
                    .resideInAPackage(root + ".*.core..")
                    .should()
                    .onlyDependOnClassesThat(
                            pureJava().or(resideInAPackage(root + ".*.core..")).or(contractsWords(root)))),

    CONTRACT_IS_PURE(
            "the contract imports Java and JSpecify; its wire alone knows Jackson",
            root -> CompositeArchRule.of(classes()
                            .that(contractsWords(root))
                            .should()
                            .onlyDependOnClassesThat(pureJava().or(contractsWords(root))))
                    .and(classes()
                            .that()
                            .resideInAPackage(root + ".contract.wire..")
                            .should()
                            .onlyDependOnClassesThat(resideInAnyPackage(
                                    "java..", "org.jspecify..", "com.fasterxml.jackson..", root + ".contract..")))),

    CORE_THROWS_NO_DICE(
            "a core and the contract take ids and seeds from the caller, and start no thread",
            root -> noClasses()
                    .that()
                    .resideInAnyPackage(root + ".*.core..", root + ".contract..")
                    .should()
                    .callMethod(java.util.UUID.class, "randomUUID")
                    .orShould()
                    .callMethod(Math.class, "random")
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(java.util.random.RandomGenerator.class)
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(Thread.class)
                    .orShould()
                    .dependOnClassesThat()
                    .areAssignableTo(java.util.concurrent.Executor.class)),

    NO_SERVICE_IMPORTS_ANOTHER(
            "the services know each other by the contract alone",
            root -> composed(services()
                    .map(service -> noClasses()
                            .that()
                            .resideInAPackage(root + "." + service + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(services()
                                    .filter(other -> !other.equals(service))
                                    .map(other -> root + "." + other + "..")
                                    .toArray(String[]::new))))),

    TOOLS_IMPORT_NO_SERVICE(
            "the command line, the launcher and the gate speak to services over the network; the command line reads documents by the"
                    + " planner's library",
            root -> CompositeArchRule.of(noClasses()
                            .that()
                            .resideInAnyPackage(
                                    root + ".cli..",
                                    root + ".bundle..",
                                    root + ".local..",
                                    root + ".gate..",
                                    root + ".contract..")
                            .should()
                            .dependOnClassesThat(servicesOwn(root).and(not(plannersLibrary(root)))))
                    .and(noClasses()
                            .that()
                            .resideInAnyPackage(root + ".local..", root + ".gate..", root + ".contract..")
                            .should()
                            .dependOnClassesThat(plannersLibrary(root)))),

    ROWS_STAY_IN_STORE(
            "Hibernate's rows never leave a store: not into a desk, and not out of the API",
            root -> CompositeArchRule.of(noClasses()
                            .that()
                            .resideOutsideOfPackages(root + ".*.store..", root + ".messaging..")
                            .should()
                            .beAnnotatedWith("jakarta.persistence.Entity"))
                    .and(noClasses()
                            .that()
                            .resideOutsideOfPackages(root + ".*.store..", root + ".messaging..")
                            .should()
                            .dependOnClassesThat()
                            .areAnnotatedWith("jakarta.persistence.Entity"))),

    KAFKA_STAYS_IN_STREAM(
            "Kafka stays in stream and messaging, but for the driver of a tenant's own",
            root -> noClasses()
                    .that()
                    .resideOutsideOfPackages(root + ".*.stream..", root + ".messaging..", root + ".*.driver.kafka..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "org.apache.kafka..",
                            "io.smallrye.reactive.messaging..",
                            "org.eclipse.microprofile.reactive.messaging..")),

    MUTINY_STAYS_AT_THE_EDGE(
            "Mutiny stays in desk, store, stream, intake and messaging; drivers, probes and channels block",
            root -> noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            root + ".*.desk..",
                            root + ".*.store..",
                            root + ".*.stream..",
                            root + ".*.intake..",
                            root + ".messaging..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("io.smallrye.mutiny..")),

    ADAPTERS_DO_NOT_IMPORT_EACH_OTHER(
            "the adapters of a port do not import each other",
            root -> composed(Stream.of(root + ".executor.driver.(*)..", root + ".notifier.channel.(*)..")
                    .map(adapters -> slices().matching(adapters).should().notDependOnEachOther()))),

    NO_CYCLES(
            "no packages import each other in a circle",
            root -> slices().assignedFrom(packages(root)).should().beFreeOfCycles()),

    NAMES_SAY_WHAT_A_THING_IS(
            "no Impl, Util, Helper, Manager, Info or Data; no package for leftovers",
            root -> CompositeArchRule.of(
                            classes().that().resideInAPackage(root + "..").should(haveAName()))
                    .and(noClasses()
                            .should()
                            .resideInAnyPackage("..impl..", "..util..", "..utils..", "..common..", "..helper.."))),

    INJECTION_IS_BY_CONSTRUCTOR(
            "what a class needs, its constructor takes",
            root -> noFields()
                    .should()
                    .beAnnotatedWith("jakarta.inject.Inject")
                    .orShould()
                    .beAnnotatedWith("org.eclipse.microprofile.config.inject.ConfigProperty")
                    .orShould()
                    .beAnnotatedWith("org.eclipse.microprofile.reactive.messaging.Channel")),

    EVERY_ENDPOINT_SAYS_WHO_MAY(
            "every endpoint says which roles may call it, and none lets everybody in",
            root -> CompositeArchRule.of(methods()
                            .that(areEndpoints())
                            .should()
                            .beAnnotatedWith("jakarta.annotation.security.RolesAllowed"))
                    .and(noMethods()
                            .that()
                            .areDeclaredInClassesThat()
                            .resideInAPackage(root + "..")
                            .should()
                            .beAnnotatedWith("jakarta.annotation.security.PermitAll")
                            .orShould()
                            .beAnnotatedWith("io.quarkus.security.Authenticated"))),

    EVERY_PACKAGE_IS_NULL_MARKED(
            "every package says @NullMarked",
            root -> classes().that().resideInAPackage(root + "..").should(beInANullMarkedPackage()));

    private static final Pattern SAYS_NOTHING = Pattern.compile(".*(Impl|Utils?|Helpers?|Manager|Info|Data)");

    private final String says;
    private final Function<String, ArchRule> on;

    Rule(String says, Function<String, ArchRule> on) {
        this.says = says;
        this.on = on;
    }

    /** The rule for the classes under a root package. It fails if it finds no class to look at. */
    ArchRule under(String root) {
        return on.apply(root).as(says);
    }

    /** Where this rule's violation is planted. */
    String plant() {
        return "dev.upkeep.planted." + name().toLowerCase(Locale.ROOT).replace("_", "");
    }

    private static Stream<String> services() {
        return Stream.of("planner", "executor", "verifier", "notifier");
    }

    private static ArchRule composed(Stream<? extends ArchRule> rules) {
        List<? extends ArchRule> all = rules.toList();
        CompositeArchRule composed = CompositeArchRule.of(all.getFirst());
        for (ArchRule rule : all.subList(1, all.size())) {
            composed = composed.and(rule);
        }
        return composed;
    }

    /** Java without I/O: what reads a file, a socket or a database is no part of a decision. */
    private static DescribedPredicate<JavaClass> pureJava() {
        return resideInAnyPackage("java..", "org.jspecify..")
                .and(not(
                        resideInAnyPackage("java.sql..", "java.net.http..", "java.nio.file..", "java.nio.channels..")));
    }

    private static DescribedPredicate<JavaClass> servicesOwn(String root) {
        return resideInAnyPackage(
                root + ".planner..",
                root + ".executor..",
                root + ".verifier..",
                root + ".notifier..",
                root + ".messaging..",
                root + ".access..");
    }

    /** What the planner decides and the documents that it decides by: a module that needs no service. */
    private static DescribedPredicate<JavaClass> plannersLibrary(String root) {
        return resideInAnyPackage(
                root + ".planner.core..",
                root + ".planner.calendar..",
                root + ".planner.changelog..",
                root + ".planner.document..",
                root + ".planner.runbook..");
    }

    private static DescribedPredicate<JavaClass> contractsWords(String root) {
        return resideInAPackage(root + ".contract..").and(not(resideInAPackage(root + ".contract.wire..")));
    }

    /** Methods with any of the annotations that make JAX-RS call them. */
    private static DescribedPredicate<JavaMethod> areEndpoints() {
        return DescribedPredicate.describe(
                "are endpoints",
                method -> method.getAnnotations().stream()
                        .anyMatch(annotation -> annotation.getRawType().isAnnotatedWith("jakarta.ws.rs.HttpMethod")));
    }

    private static SliceAssignment packages(String root) {
        return new SliceAssignment() {
            @Override
            public SliceIdentifier getIdentifierOf(JavaClass candidate) {
                String name = candidate.getPackageName();
                return name.equals(root) || name.startsWith(root + ".")
                        ? SliceIdentifier.of(name)
                        : SliceIdentifier.ignore();
            }

            @Override
            public String getDescription() {
                return "packages under " + root;
            }
        };
    }

    private static ArchCondition<JavaClass> haveAName() {
        return new ArchCondition<>("have a name that says what they are") {
            @Override
            public void check(JavaClass candidate, ConditionEvents events) {
                boolean says = !SAYS_NOTHING.matcher(candidate.getSimpleName()).matches();
                events.add(
                        new SimpleConditionEvent(candidate, says, candidate.getName() + " says nothing by its name"));
            }
        };
    }

    private static ArchCondition<JavaClass> beInANullMarkedPackage() {
        return new ArchCondition<>("be in a package that is @NullMarked") {
            @Override
            public void check(JavaClass candidate, ConditionEvents events) {
                boolean marked = candidate.getPackage().isAnnotatedWith("org.jspecify.annotations.NullMarked");
                events.add(new SimpleConditionEvent(
                        candidate, marked, candidate.getName() + " lies in a package that is not @NullMarked"));
            }
        };
    }
}
