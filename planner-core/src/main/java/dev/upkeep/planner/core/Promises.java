package dev.upkeep.planner.core;

import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Action.Moment;
import dev.upkeep.contract.step.Fact;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The facts that a step must have found to count as done: what comes later rests on them. */
final class Promises {
    private static final Pattern FINGERPRINT = Pattern.compile("[a-z0-9-]{1,20}:[0-9a-f]{16,128}");

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
        return switch (step.action()) {
            case Action.ProveBackup a -> unproven(Fact.BACKUP_PROVEN, found);
            case Action.BackupConfiguration a -> unproven(Fact.CONFIGURATION_PROVEN, found);
            // The text is not repeated: if it is no fingerprint, it may be the key itself.
            case Action.SnapshotKey a ->
                FINGERPRINT
                                .matcher(found.getOrDefault(Fact.KEY_FINGERPRINT, ""))
                                .matches()
                        ? Optional.empty()
                        : Optional.of("what it reported as " + Fact.KEY_FINGERPRINT + " is no fingerprint");
            case Action.CheckCompatibility a -> incompatible(plan, a, found);
            case Action a -> Optional.empty();
        };
    }

    private static Optional<String> unproven(String proof, Map<String, String> found) {
        return "true".equals(found.get(proof))
                ? Optional.empty()
                : Optional.of("it was reported done, but " + proof + " is " + found.get(proof));
    }

    private static Optional<String> incompatible(
            Plan plan, Action.CheckCompatibility check, Map<String, String> found) {
        String version = found.getOrDefault(Fact.THIRD_PARTY + check.of(), "");
        return check.ranges().stream()
                .filter(range -> !Range.of(range).covers(version))
                .findFirst()
                .map(range -> check.of() + " is " + version + ", and " + plan.to() + " needs " + range);
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
                plan.changesSchema()
                                && plan.database()
                                        .filter(step.component()::equals)
                                        .isPresent()
                        ? List.of(Fact.BACKUP_PROVEN, Fact.SCHEMA_AFTER)
                        : List.of(Fact.BACKUP_PROVEN);
            case Action.BackupConfiguration a -> List.of(Fact.CONFIGURATION_BEFORE, Fact.CONFIGURATION_PROVEN);
            case Action.SnapshotKey a -> List.of(Fact.KEY_FINGERPRINT);
            case Action.CheckCompatibility a -> List.of(Fact.THIRD_PARTY + a.of());
            case Action.DryRun a -> List.of(Fact.DRY_RUN_DIFF);
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
