package dev.upkeep.planner.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
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
                        "postponed: WAITING",
                        "postponed: BETWEEN_HOPS",
                        "recall: CONFIRMED",
                        "recall: BARRED",
                        "recall: unchanged",
                        "recall that reverts: CONFIRMED",
                        "recall that reverts: nothing",
                        "recall that reverts: unchanged",
                        "recall that reverts: irreversible");
    }
}
