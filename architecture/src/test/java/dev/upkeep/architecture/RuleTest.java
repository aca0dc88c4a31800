package dev.upkeep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
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

    private static Predicate<JavaClass> named(String prefix) {
        return candidate -> candidate.getSimpleName().startsWith(prefix);
    }
}
