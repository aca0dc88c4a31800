package dev.upkeep.executor.driver;

import dev.upkeep.contract.step.Action;
import java.util.HashSet;
import java.util.Set;

/** A driver of a platform that runs a component as containers: what all of these can do, and what none may do twice. */
public interface WorkloadDriver extends Driver {
    /** What each of them can carry out. */
    Set<Class<? extends Action>> ACTIONS = Set.of(
            Action.CheckSettings.class,
            Action.BackupConfiguration.class,
            Action.SnapshotKey.class,
            Action.PauseWork.class,
            Action.Drain.class,
            Action.FetchArtifact.class,
            Action.DryRun.class,
            Action.Stop.class,
            Action.Migrate.class,
            Action.Start.class,
            Action.Redeploy.class,
            Action.RunTask.class,
            Action.ResumeWork.class,
            Action.RevertMigrations.class,
            Action.RestoreConfiguration.class,
            Action.AttachKey.class);

    @Override
    default Set<Class<? extends Action>> actions() {
        return ACTIONS;
    }

    /** The same, for one whose way forward can make again what it took down. */
    static Set<Class<? extends Action>> withTeardown() {
        Set<Class<? extends Action>> all = new HashSet<>(ACTIONS);
        all.add(Action.Teardown.class);
        return Set.copyOf(all);
    }

    @Override
    default boolean repeatable(Action action) {
        return !(action instanceof Action.RunTask
                || action instanceof Action.Migrate
                || action instanceof Action.RevertMigrations);
    }
}
