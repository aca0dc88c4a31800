package dev.upkeep.planner.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.upkeep.planner.runbook.Runbook;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A person can do by hand what every driver does: a driver or an action that is added needs its commands too. */
class DriversCommandsTest {
    /** They have nothing to run: a person does it, or nobody. */
    private static final Set<String> WITHOUT = Set.of("manual", "rehearsal");

    @Test
    void aRunbookHasCommandsForEveryActionOfEveryDriver() {
        for (String driver : Drivers.all().keySet()) {
            if (WITHOUT.contains(driver)) {
                continue;
            }
            Set<String> told = Runbook.commanded(driver);
            List<String> missing = new TreeSet<>(Drivers.all().get(driver).actions())
                    .stream()
                            // It stands for as many run-task as there are.
                            .map(word -> word.equals("run-tasks") ? "run-task" : word)
                            .filter(word -> !told.contains(word))
                            .toList();

            assertThat(missing).as(driver).isEmpty();
        }
    }
}
