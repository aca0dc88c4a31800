package dev.upkeep.planner.core;

import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The facts that a step must have found to count as done: what comes later rests on them. */
final class Promises {
    private Promises() {}

    /** What is missing from an answer, for a person. */
    static Optional<String> broken(Plan plan, Step step, Map<String, String> found) {
        List<String> missing =
                of(plan, step).stream().filter(name -> !found.containsKey(name)).toList();
        if (!missing.isEmpty()) {
            return Optional.of("it was reported done without " + String.join(", ", missing));
        }
        Optional<String> unreadable = found.entrySet().stream()
                .filter(f -> f.getKey().startsWith("schema.") && !isFingerprint(f.getValue()))
                .map(f -> "it reported " + f.getKey() + " as '" + f.getValue() + "', which is no fingerprint")
                .findFirst();
        if (unreadable.isPresent()) {
            return unreadable;
        }
        return step.action() instanceof Action.ProveBackup && !"true".equals(found.get(Fact.BACKUP_PROVEN))
                ? Optional.of(
                        "it was reported done, but " + Fact.BACKUP_PROVEN + " is " + found.get(Fact.BACKUP_PROVEN))
                : Optional.empty();
    }

    private static boolean isFingerprint(String text) {
        try {
            return new SchemaFingerprint(text).value().equals(text);
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    /** The names that must be there. */
    static List<String> of(Plan plan, Step step) {
        return switch (step.action()) {
            case Action.CheckSchema a ->
                List.of(
                        switch (a.moment()) {
                            case BEFORE -> Fact.SCHEMA_BEFORE;
                            case AFTER -> Fact.SCHEMA_AFTER;
                            case FAILED -> Fact.SCHEMA_FAILED;
                        });
            case Action.BackupDatabase a ->
                List.of(a.moment() == Moment.FAILED ? Fact.BACKUP_FAILED : Fact.BACKUP_BEFORE);
            case Action.ProveBackup a ->
                plan.migrates() ? List.of(Fact.BACKUP_PROVEN, Fact.SCHEMA_AFTER) : List.of(Fact.BACKUP_PROVEN);
            case Action.ExportWrites a -> List.of(Fact.GAP_REPORT);
            case Action.Prepare a -> List.of();
            case Action.Protect a -> List.of();
            case Action.Quiesce a -> List.of();
            case Action.Change a -> List.of();
            case Action.Prove a -> List.of();
            case Action.Reopen a -> List.of();
            case Action.Recover a -> List.of();
            case Action.Person a -> List.of();
        };
    }
}
