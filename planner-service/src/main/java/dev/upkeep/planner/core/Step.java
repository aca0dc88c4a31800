package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.step.Action;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

/**
 * One action on one component, as planned.
 *
 * @param uses further components by role
 * @param deadline how long an attempt may take; for verify-shut, until all probes must pass
 */
public record Step(
        StepId id, Action action, ComponentName component, Map<String, ComponentName> uses, Duration deadline) {
    public Step {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(component, "component");
        uses = Map.copyOf(uses);
        Objects.requireNonNull(deadline, "deadline");
    }

    /** What it does, for a person. */
    public String title() {
        return switch (action) {
            case Action.FetchArtifact a -> a.word() + " " + component + " " + a.version();
            case Action.Start a -> a.word() + " " + component + " " + a.version();
            case Action.Redeploy a -> a.word() + " " + component + " " + a.version();
            case Action.Migrate a -> a.word() + " " + component + " " + a.version();
            case Action.VerifyShut a -> a.word() + " " + component + " " + a.version();
            case Action.VerifyOpen a -> a.word() + " " + component + " " + a.version();
            case Action.RevertMigrations a -> a.word() + " " + component + " " + String.join(", ", a.migrations());
            case Action.RunTask a -> a.word() + " " + component + " " + a.task();
            case Action.Prepare a -> a.word() + " " + component;
            case Action.Protect a -> a.word() + " " + component;
            case Action.Quiesce a -> a.word() + " " + component;
            case Action.Stop a -> a.word() + " " + component;
            case Action.DryRun a -> a.word() + " " + component + " " + a.version();
            case Action.Teardown a -> a.word() + " " + component;
            case Action.Reopen a -> a.word() + " " + component;
            case Action.Recover a -> a.word() + " " + component;
            case Action.Person a -> a.word() + " " + component;
        };
    }

    /** Whether the verifier judges it, rather than an executor carrying it out. */
    boolean isJudged() {
        return switch (action) {
            case Action.Baseline a -> true;
            case Action.Prove a -> true;
            case Action.Prepare a -> false;
            case Action.Protect a -> false;
            case Action.Quiesce a -> false;
            case Action.Change a -> false;
            case Action.Reopen a -> false;
            case Action.Recover a -> false;
            case Action.Person a -> false;
        };
    }

    /** Whether it touches what runs or what is stored; fetching bytes next to it does not. */
    boolean disturbs() {
        return switch (action) {
            case Action.FetchArtifact a -> false;
            case Action.Change a -> true;
            case Action.Recover a -> true;
            case Action.Prepare a -> false;
            case Action.Protect a -> false;
            case Action.Quiesce a -> false;
            case Action.Prove a -> false;
            case Action.Reopen a -> false;
            case Action.Person a -> true;
        };
    }
}
