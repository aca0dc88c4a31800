package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Looks for what should not happen in many seeded stories; a seed that finds something can be told again. */
class SearchTest {
    private static final int CASES = Integer.getInteger("upkeep.search.cases", 2000);
    private static final long FIRST = Long.getLong("upkeep.search.first", 0);
    private static final int EVENTS = 130;

    @Test
    void neverFindsWhatShouldNotHappen() throws IOException {
        long failures = 0;
        for (long seed = FIRST; seed < FIRST + CASES; seed++) {
            Search search = new Search(seed, Search.Rules.STANDARD);
            assertThat(search.tell(EVENTS))
                    .as("what story " + seed + " came to")
                    .isEmpty();
            failures += search.failures();
        }

        // docs/why/how-we-know.md counts by them: a search in which little goes wrong shows little.
        assertThat(failures).as("failures in " + CASES + " stories").isGreaterThan(20L * CASES);
        Files.writeString(
                Path.of("target", "search.txt"),
                CASES + " stories from seed " + FIRST + " on, " + failures + " failures in them, nothing found\n");
    }

    @Test
    void tellsOfEverythingThatCanHappen() {
        TreeSet<String> told = new TreeSet<>();
        for (long seed = 0; seed < 3000; seed++) {
            Search search = new Search(seed, Search.Rules.STANDARD);
            assertThat(search.tell(EVENTS)).isEmpty();
            told.addAll(search.told());
        }

        assertThat(told)
                .contains(
                        "abort: Ends",
                        "abort: TurnsAfterStep",
                        "abort: TurnsNow",
                        "abort: Finishes",
                        "abort: GoesOn",
                        "abort: ResolvesByUndo",
                        "abort: Refused",
                        "upgrade: CONFIRMED",
                        "upgrade: nothing",
                        "upgrade: unchanged",
                        "upgrade: reversible",
                        "upgrade: irreversible",
                        "hop 2: CONFIRMED",
                        "between hops: ABORTED",
                        "hop 2: nothing",
                        "hop 2: unchanged",
                        "hop 2: reversible",
                        "hop 2: irreversible",
                        "hop 3: CONFIRMED",
                        "recall: CONFIRMED",
                        "recall: BARRED",
                        "recall: unchanged",
                        "recall that reverts: CONFIRMED",
                        "recall that reverts: nothing",
                        "recall that reverts: unchanged",
                        "recall that reverts: irreversible");
    }

    @Test
    void findsTheChangeThatIsMadeBeforeTheBackupIsProven() {
        assertFinds(changing(without("backupIsProven")), "before the backup was proven");
    }

    @Test
    void findsTheBinaryThatMeetsWhatRevertsLeaveBehind() {
        assertFinds(changing(without("revertsGiveTheSchemaItRanOn")), "on a schema that is not its own");
    }

    @Test
    void findsTheRevertFromBeneathWhatWasAppliedLater() {
        assertFinds(changing(without("whatIsRevertedRanLast")), "to revert");
    }

    @Test
    void findsTheWayToARecalledRelease() {
        assertFinds(
                new Search.Rules(
                        ChangeRules.STANDARD,
                        without(StartRules.ALL, "releaseIsNotRecalled"),
                        without(StartRules.ALL, "releaseIsNotRecalled"),
                        false),
                "which was recalled");
    }

    @Test
    void findsWhatGoesWrongWithoutEachOfTheStartRules() {
        Map<String, String> signs = new TreeMap<>(Map.of(
                "noOtherUpgradeActive", "I3",
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
        // Without pathExists there is nothing to begin by; the others have tests of their own.
        Set<String> elsewhere = Set.of("pathExists", "budgetIsLeft", "releaseIsNotRecalled");
        assertThat(signs.keySet())
                .isEqualTo(StartRules.NAMES.stream()
                        .filter(name -> !elsewhere.contains(name))
                        .collect(Collectors.toCollection(TreeSet::new)));
        signs.forEach((name, sign) -> assertFinds(
                new Search.Rules(ChangeRules.STANDARD, without(StartRules.ALL, name), StartRules.ALL, true), sign));
    }

    @Test
    void findsTheStartBeyondTheBudget() {
        // A spent budget stops the rollout as well; only without both does a start get through.
        List<StartRules.Rule> left = without(without(StartRules.ALL, "budgetIsLeft"), "rolloutIsRunning");

        assertThat(firstWrong(new Search.Rules(ChangeRules.STANDARD, left, StartRules.ALL, true)))
                .isPresent();
    }

    @Test
    void findsTheNextHopThatBeginsWithoutEachOfTheRulesThatItNeeds() {
        Map<String, String> signs = Map.of(
                "rolloutIsRunning", "although the rollout is",
                "noFreeze", "inside a freeze",
                "insideWindow", "outside the window");
        signs.forEach((name, sign) -> assertFinds(
                new Search.Rules(ChangeRules.STANDARD, StartRules.ALL, without(StartRules.ALL, name), true), sign));
    }

    private static void assertFinds(Search.Rules rules, String sign) {
        assertThat(firstWrong(rules))
                .as(sign)
                .hasValueSatisfying(wrong -> assertThat(wrong).containsPattern(sign));
    }

    private static Search.Rules changing(ChangeRules change) {
        return new Search.Rules(change, StartRules.ALL, StartRules.ALL, true);
    }

    private static ChangeRules without(String name) {
        Map<String, ChangeRules.Rule> forward = Map.of(
                "backupIsProven", ChangeRules::backupIsProven,
                "configurationIsKept", ChangeRules::configurationIsKept,
                "keyIsKept", ChangeRules::keyIsKept,
                "schemaIsKnown", ChangeRules::schemaIsKnown,
                "whatIsRevertedRanLast", ChangeRules::whatIsRevertedRanLast,
                "revertsGiveTheSchemaItRanOn", ChangeRules::revertsGiveTheSchemaItRanOn,
                "oldBinaryMeetsItsOwnSchema", ChangeRules::oldBinaryMeetsItsOwnSchema);
        assertThat(forward).as("every rule of the way forward").hasSameSizeAs(ChangeRules.STANDARD.forward());
        return new ChangeRules(
                forward.entrySet().stream()
                        .filter(rule -> !rule.getKey().equals(name))
                        .map(Map.Entry::getValue)
                        .toList(),
                ChangeRules.STANDARD.backward());
    }

    // Method references have no identity, so the rule to leave out is known by what it answers.
    private static List<StartRules.Rule> without(List<StartRules.Rule> rules, String name) {
        List<StartRules.Rule> left = new ArrayList<>();
        rules.forEach(r -> left.add(
                (facts, now) -> r.blocker(facts, now).filter(b -> !b.rule().equals(name))));
        return left;
    }

    private static Optional<String> firstWrong(Search.Rules rules) {
        return LongStream.range(0, 3000)
                .boxed()
                .flatMap(seed -> tell(seed, rules).stream())
                .findFirst();
    }

    private static Optional<String> tell(long seed, Search.Rules rules) {
        return new Search(seed, rules).tell(EVENTS);
    }
}
