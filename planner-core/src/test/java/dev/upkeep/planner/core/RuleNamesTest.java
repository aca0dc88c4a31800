package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checklists and answers refer to rules by name, so the names that are known are those of the rules that are asked. */
class RuleNamesTest {
    private static final List<Class<?>> THEMES =
            List.of(RolloutRules.class, SiteRules.class, WindowRules.class, NoticeRules.class, ConsentRules.class);

    @Test
    void knowsTheNameOfEveryStartRule() {
        assertThat(StartRules.NAMES)
                .hasSameSizeAs(StartRules.ALL)
                .containsExactlyInAnyOrderElementsOf(THEMES.stream()
                        .flatMap(theme -> Arrays.stream(theme.getDeclaredMethods()))
                        .filter(RuleNamesTest::isRule)
                        .map(Method::getName)
                        .toList());
    }

    @Test
    void knowsEveryPublishingRuleByItsOwnName() {
        assertThat(ReleaseRules.NAMES)
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                ReleaseRules.class, ArtifactRules.class, BumpRules.class, RemovalRules.class)
                        .flatMap(theme -> Arrays.stream(theme.getDeclaredMethods()))
                        .filter(m -> !m.isSynthetic() && !Modifier.isPrivate(m.getModifiers()))
                        .filter(m -> Arrays.equals(m.getParameterTypes(), new Class<?>[] {Publication.class}))
                        .map(Method::getName)
                        .toList());
    }

    private static boolean isRule(Method method) {
        return method.getReturnType().equals(Optional.class)
                && !method.isSynthetic()
                && Arrays.equals(method.getParameterTypes(), new Class<?>[] {StartFacts.class, Instant.class});
    }
}
