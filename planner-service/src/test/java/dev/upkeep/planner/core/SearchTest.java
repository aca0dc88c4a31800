package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Looks for what should not happen in many seeded stories; a seed that finds something can be told again. */
class SearchTest {
    private static final int CASES = Integer.getInteger("upkeep.search.cases", 2000);
    private static final int EVENTS = 120;

    @Test
    void neverFindsWhatShouldNotHappen() {
        List<Long> seeds = LongStream.range(0, CASES).boxed().toList();

        Optional<String> wrong = seeds.stream()
                .flatMap(seed -> tell(seed, ChangeRules.STANDARD, StartRules.ALL).stream()
                        .map(found -> "seed " + seed + ": " + found))
                .findFirst();

        assertThat(wrong).as("what a story came to").isEmpty();
    }

    @Test
    void findsTheChangeThatIsMadeBeforeTheBackupIsProven() {
        ChangeRules without = new ChangeRules(List.of(), ChangeRules.STANDARD.backward());

        assertThat(firstWrong(without, StartRules.ALL))
                .hasValueSatisfying(w -> assertThat(w).contains("before the backup was proven"));
    }

    @Test
    void findsWhatGoesWrongWithoutEachOfTheStartRules() {
        Map<String, String> signs = Map.of(
                "noOtherUpgradeActive", "I3",
                "budgetIsLeft", "I8",
                "rolloutIsRunning", "although the rollout is",
                "ringIsOpen", "has not ended",
                "slotIsFree", "beyond the concurrency",
                "noFreeze", "inside a freeze",
                "insideWindow", "outside the window",
                "noticeHasRun", "before the notice",
                "majorIsConsented", "without consent");
        Map<String, StartRules.Rule> rules = Map.of(
                "noOtherUpgradeActive", StartRules::noOtherUpgradeActive,
                "budgetIsLeft", StartRules::budgetIsLeft,
                "rolloutIsRunning", StartRules::rolloutIsRunning,
                "ringIsOpen", StartRules::ringIsOpen,
                "slotIsFree", StartRules::slotIsFree,
                "noFreeze", StartRules::noFreeze,
                "insideWindow", StartRules::insideWindow,
                "noticeHasRun", StartRules::noticeHasRun,
                "majorIsConsented", StartRules::majorIsConsented);
        rules.forEach((name, rule) -> {
            List<StartRules.Rule> left = new ArrayList<>();
            // Method references have no identity, so the rule to leave out is known by what it answers.
            StartRules.ALL.forEach(r -> left.add(
                    (facts, now) -> r.blocker(facts, now).filter(b -> !b.rule().equals(name))));
            if (name.equals("budgetIsLeft")) {
                // A spent budget stops the rollout as well; only without both does a start get through.
                left.replaceAll(r -> (facts, now) ->
                        r.blocker(facts, now).filter(b -> !b.rule().equals("rolloutIsRunning")));
            }

            Optional<String> wrong = firstWrong(ChangeRules.STANDARD, left);

            assertThat(wrong).as("without " + name).isPresent();
            if (!name.equals("budgetIsLeft")) {
                assertThat(wrong)
                        .as("without " + name)
                        .hasValueSatisfying(w -> assertThat(w).contains(signs.get(name)));
            }
        });
    }

    private static Optional<String> firstWrong(ChangeRules change, List<StartRules.Rule> start) {
        return LongStream.range(0, 1000)
                .boxed()
                .flatMap(seed -> tell(seed, change, start).stream())
                .findFirst();
    }

    private static Optional<String> tell(long seed, ChangeRules change, List<StartRules.Rule> start) {
        return new Search(seed, change, start).tell(EVENTS);
    }
}
