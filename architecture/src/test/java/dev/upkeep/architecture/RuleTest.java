package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Holds every rule against the code, and against a plant that breaks it. */
class RuleTest {
    private static final JavaClasses CODE = Tree.watchedClasses();

    @ParameterizedTest
    @EnumSource
    void theCodeKeeps(Rule rule) {
        rule.under("dev.upkeep").check(CODE);
    }

    /** In a plant, classes called Guilty… break the rule and classes called Innocent… come close without breaking it. */
    @ParameterizedTest
    @EnumSource
    void thePlantIsReportedBy(Rule rule) {
        // Given
        JavaClasses planted = new ClassFileImporter().importPackages(rule.plant());
        assertThat(planted.stream().filter(named("Guilty")))
                .as("what is planted")
                .isNotEmpty();

        // When
        List<String> reported = new ArrayList<>(rule.under(rule.plant())
                .allowEmptyShould(true)
                .evaluate(planted)
                .getFailureReport()
                .getDetails());

        // Then
        for (JavaClass guilty : planted.stream().filter(named("Guilty")).toList()) {
            assertThat(reported).anyMatch(detail -> detail.contains(guilty.getName()));
        }
        assertThat(reported).noneMatch(detail -> detail.contains("Innocent"));
    }

    @Test
    void everyWatchedModuleHasClasses() {
        for (String module : Tree.WATCHED) {
            assertThat(Tree.files(Tree.classesOf(module), ".class")).as(module).isNotEmpty();
        }
    }

    @Test
    void everyModuleOfTheReactorIsWatchedOrSaidNotToBe() {
        List<String> known = new ArrayList<>(Tree.WATCHED);
        known.addAll(Tree.UNWATCHED);
        assertThat(Tree.modulesOfTheReactor()).containsExactlyInAnyOrderElementsOf(known);
    }

    /** A class that lies in two modules, or sees another's package-private ones across them, is told from its twin by chance alone. */
    @Test
    void noPackageIsInTwoModules() {
        Map<String, Set<String>> modules = new TreeMap<>();
        for (String module : Tree.WATCHED) {
            Path classes = Tree.classesOf(module);
            Tree.files(classes, ".class")
                    .forEach(file -> modules.computeIfAbsent(
                                    classes.relativize(file.getParent()).toString(), p -> new TreeSet<>())
                            .add(module));
        }

        assertThat(modules).allSatisfy((name, in) -> assertThat(in).hasSize(1));
    }

    private static Predicate<JavaClass> named(String prefix) {
        return candidate -> candidate.getSimpleName().startsWith(prefix);
    }
}
