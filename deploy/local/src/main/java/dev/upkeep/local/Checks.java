package dev.upkeep.local;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What must be true for the demo to have gone well, and whether it was. */
final class Checks {
    private final List<Check> all = new ArrayList<>();

    private record Check(String what, String who, boolean holds, String found) {}

    /**
     * Takes down a check.
     *
     * @param who of whom it is said; empty if of nobody in particular
     * @param found what there was, shown if it does not hold
     */
    void add(String what, String who, boolean holds, String found) {
        all.add(new Check(what, who, holds, found));
    }

    boolean allHold() {
        return all.stream().allMatch(Check::holds);
    }

    /** One line for each thing that holds, with all of whom it does; one line for each check that does not. */
    void print(Terminal terminal) {
        Map<String, List<Check>> byWhat =
                all.stream().collect(Collectors.groupingBy(Check::what, LinkedHashMap::new, Collectors.toList()));
        byWhat.forEach((what, checks) -> {
            String who = checks.stream()
                    .filter(Check::holds)
                    .map(Check::who)
                    .filter(name -> !name.isEmpty())
                    .collect(Collectors.joining(", "));
            if (checks.stream().anyMatch(Check::holds)) {
                terminal.line("  " + terminal.good("✔") + " " + what + (who.isEmpty() ? "" : terminal.dim(": " + who)));
            }
            checks.stream()
                    .filter(check -> !check.holds())
                    .forEach(check -> terminal.line("  "
                            + terminal.bad("✗ " + what + (check.who().isEmpty() ? "" : ": " + check.who()))
                            + ": found " + check.found()));
        });
    }
}
