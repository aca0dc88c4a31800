package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
        Map<String, String> signs = new TreeMap<>(Map.of(
                "noOtherUpgradeActive", "I3",
                "budgetIsLeft", "I8",
                "rolloutIsRunning", "although the rollout is",
                "ringIsOpen", "has not ended",
                "slotIsFree", "beyond the concurrency",
                "noFreeze", "inside a freeze",
                "insideWindow", "outside the window",
                "noticeHasRun", "before the notice|without DELIVERY",
                "majorIsConsented", "without consent"));
        signs.put("ringIsApproved", "without RING_APPROVAL");
        signs.put("peersAreAtRest", "without PEER_AT_REST");
        signs.put("keyIsNotParked", "without RELEASED_KEY");
        signs.put("windowIsAgreed", "without AGREED_WINDOW");
        signs.put("estimateFits", "without ROOM_IN_WINDOW");
        signs.put("contactIsReachable", "without REACHABLE_CONTACT");
        signs.put("delayIsOver", "without DELAY_OVER");
        signs.put("migrationPeriodIsOver", "without MIGRATION_PERIOD");
        signs.put("versionIsRequested", "without REQUEST");
        signs.put("notesAreAcknowledged", "without NOTES");
        signs.put("guideIsRead", "without GUIDE");
        signs.put("requiredSettingsAreSet", "without SETTINGS");
        signs.put("thirdPartiesFit", "without THIRD_PARTY");
        signs.put("tagMayBeFollowed", "without TAG");
        signs.put("stagedFirst", "without STAGE");
        // Without pathExists there is nothing to begin by: no story can get that far.
        assertThat(signs.keySet())
                .isEqualTo(StartRules.NAMES.stream()
                        .filter(name -> !name.equals("pathExists"))
                        .collect(Collectors.toCollection(TreeSet::new)));
        signs.forEach((name, sign) -> {
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
                        .hasValueSatisfying(w -> assertThat(w).containsPattern(sign));
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
