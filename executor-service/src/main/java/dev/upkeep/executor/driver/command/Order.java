package dev.upkeep.executor.driver.command;

import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.executor.driver.Failure;
import dev.upkeep.executor.driver.Outcome;
import dev.upkeep.executor.driver.Outcome.Done;
import dev.upkeep.executor.driver.Outcome.Failed;
import dev.upkeep.executor.driver.SettingsCheck;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a command is for: by which setting it is named, and what its output says once it has ended well.
 *
 * @param setting where its template is
 * @param name how people call it
 * @param once whether running it again would not be harmless
 */
record Order(String setting, String name, boolean once) {
    /** The most of a dry run's output that goes to people; what is longer is in the log beside the command. */
    static final int LONGEST_DIFF = 8_000;

    private static final Pattern FINGERPRINT = Pattern.compile("[a-z0-9-]{1,20}:[0-9a-f]{16,128}");

    /** The order that an action is, if commands can carry it out. */
    static Optional<Order> of(Action action) {
        return switch (action) {
            case Action.RunTask(String task) -> Optional.of(new Order("task." + task, "task " + task, true));
            case Action.CheckSettings a -> Optional.of(of(a.word()));
            case Action.CheckCompatibility a -> Optional.of(of(a.word()));
            case Action.BackupDatabase a -> Optional.of(of(a.word()));
            case Action.EndCapture a -> Optional.of(of(a.word()));
            case Action.BackupConfiguration a -> Optional.of(of(a.word()));
            case Action.SnapshotKey a -> Optional.of(of(a.word()));
            case Action.PauseWork a -> Optional.of(of(a.word()));
            case Action.Drain a -> Optional.of(of(a.word()));
            case Action.DryRun a -> Optional.of(of(a.word()));
            case Action.Teardown a -> Optional.of(of(a.word()));
            case Action.ResumeWork a -> Optional.of(of(a.word()));
            case Action.RestoreConfiguration a -> Optional.of(of(a.word()));
            case Action.AttachKey a -> Optional.of(of(a.word()));
            case Action a -> Optional.empty();
        };
    }

    private static Order of(String word) {
        return new Order("do." + word, word, false);
    }

    /** What follows from its output; what an action promises to find must be in it. */
    Outcome read(StepRequested request, String output) {
        List<String> lines =
                output.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
        String last = lines.isEmpty() ? "" : lines.getLast();
        String id = "command:" + request.upgrade() + ":" + request.step();
        return switch (request.action()) {
            case Action.CheckSettings check ->
                SettingsCheck.of(check, "the component", "Set it there, then retry", lines::contains, lines::contains);
            case Action.CheckCompatibility check ->
                last.isEmpty()
                        ? silent("the version of " + check.of())
                        : new Done(Map.of(Fact.THIRD_PARTY + check.of(), last), check.of() + " is " + last);
            case Action.BackupDatabase a -> done(Map.of(Fact.BACKUP_BEFORE, id), last);
            case Action.BackupConfiguration a ->
                done(Map.of(Fact.CONFIGURATION_BEFORE, id, Fact.CONFIGURATION_PROVEN, "true"), last);
            // Nothing of the output is repeated: if it is no fingerprint, it may be the key.
            case Action.SnapshotKey a ->
                FINGERPRINT.matcher(last).matches()
                        ? new Done(Map.of(Fact.KEY_FINGERPRINT, last), "the key with fingerprint " + last + " is kept")
                        : silent("the key's fingerprint, such as sha256: and 64 digits");
            case Action.DryRun a ->
                new Done(Map.of(Fact.DRY_RUN_DIFF, shortened(output.strip())), "it would change what the diff shows");
            case Action.RunTask a -> done(Map.of("task.exit", "0"), last);
            case Action a -> done(Map.of(), last);
        };
    }

    private Outcome done(Map<String, String> found, String last) {
        return new Done(found, name + " ended well" + (last.isEmpty() ? "" : ": " + last));
    }

    private Outcome silent(String what) {
        return Failed.forGood(
                Failure.FACT_MISSING,
                name + " ended well, but its last line is not " + what,
                "Let the command of setting " + setting + " print it last");
    }

    private static String shortened(String diff) {
        return diff.length() <= LONGEST_DIFF ? diff : diff.substring(0, LONGEST_DIFF) + "\n…";
    }
}
