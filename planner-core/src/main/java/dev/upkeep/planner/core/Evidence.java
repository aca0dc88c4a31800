package dev.upkeep.planner.core;

import dev.upkeep.contract.event.Verdict.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What was found by those who judged, kept among a hop's facts, and how it is told. */
final class Evidence {
    static final String PREFIX = "evidence.";

    private Evidence() {}

    /** All that a hop is confirmed on. */
    static List<Finding> of(Plan plan, Map<String, String> facts) {
        List<Finding> evidence = new ArrayList<>();
        for (Step step : plan.forward()) {
            String found = facts.get(PREFIX + step.id());
            if (found != null) {
                evidence.add(new Finding(step.id().value(), "every probe and watch within its bounds", found));
            }
        }
        if (evidence.isEmpty()) {
            int steps = plan.forward().size();
            evidence.add(new Finding("steps", "all done", steps + " of " + steps));
        }
        return evidence;
    }

    static String found(List<Finding> findings) {
        return String.join(
                "; ", findings.stream().map(f -> f.name() + " " + f.found()).toList());
    }

    static String told(List<Finding> findings) {
        return String.join(
                "; ",
                findings.stream()
                        .map(f -> f.name() + ": " + f.found() + " (expected " + f.expected() + ")")
                        .toList());
    }

    static Map<String, String> figures(List<Finding> findings) {
        Map<String, String> figures = new HashMap<>();
        findings.forEach(f -> figures.put(f.name(), f.found() + " (expected " + f.expected() + ")"));
        return figures;
    }
}
