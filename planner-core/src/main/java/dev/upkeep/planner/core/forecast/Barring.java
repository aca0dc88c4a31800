package dev.upkeep.planner.core.forecast;

import dev.upkeep.contract.TenantId;
import dev.upkeep.planner.core.Blocker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts by rule the tenants that would not start, and keeps a few as examples. */
final class Barring {
    private static final int EXAMPLES = 5;

    private final Map<String, Count> byRule = new TreeMap<>();

    private static final class Count {
        private int tenants;
        private final List<Outlook.Example> examples = new ArrayList<>();
    }

    void add(TenantId tenant, List<Blocker> blockers) {
        for (Blocker blocker : blockers) {
            Count count = byRule.computeIfAbsent(blocker.rule(), rule -> new Count());
            count.tenants++;
            if (count.examples.size() < EXAMPLES) {
                count.examples.add(new Outlook.Example(tenant, blocker.fact()));
            }
        }
    }

    List<Outlook.Barred> barred() {
        return byRule.entrySet().stream()
                .map(rule -> new Outlook.Barred(rule.getKey(), rule.getValue().tenants, rule.getValue().examples))
                .sorted(Comparator.comparing(Outlook.Barred::tenants).reversed().thenComparing(Outlook.Barred::rule))
                .toList();
    }
}
