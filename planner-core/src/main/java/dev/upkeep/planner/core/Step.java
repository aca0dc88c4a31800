package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.StepId;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Action;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

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

    /** What it does, for a person: equal titles do the same, so that two plans can be compared line by line. */
    public String title() {
        String what = switch (action) {
            case Action.CheckCapacity a -> a.freeShare() + " free";
            case Action.CheckSettings a -> told("needs", a.required()) + told("stale", a.gone());
            case Action.CheckCompatibility a -> a.of() + " " + String.join(", ", a.ranges());
            case Action.Baseline a -> "for " + a.span();
            case Action.FetchArtifact a -> a.version().toString();
            case Action.DryRun a -> a.version().toString();
            case Action.Start a -> a.version().toString();
            case Action.Redeploy a -> a.version().toString();
            case Action.Migrate a -> a.version().toString();
            case Action.VerifyShut a -> a.version().toString();
            case Action.VerifyOpen a -> a.version() + " for " + a.span();
            case Action.RevertMigrations a -> String.join(", ", a.migrations());
            case Action.RunTask a -> a.task();
            case Action.Ask a -> a.what();
            case Action.Prepare a -> "";
            case Action.Protect a -> "";
            case Action.Quiesce a -> "";
            case Action.Stop a -> "";
            case Action.Teardown a -> "";
            case Action.Reopen a -> "";
            case Action.Recover a -> "";
        };
        return (action.word() + " " + component + " " + what).strip();
    }

    private static String told(String what, List<String> names) {
        return names.isEmpty() ? "" : what + " " + String.join(", ", names) + " ";
    }

    /** The version that it brings into service, if it does that. */
    Optional<Version> starts() {
        return switch (action) {
            case Action.Start a -> Optional.of(a.version());
            case Action.Redeploy a -> Optional.of(a.version());
            case Action a -> Optional.empty();
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

    /**
     * Whether it changes something, be it only which bytes lie ready or which version a configuration names: before the
     * first such step everything that an undo needs is kept and proven. Finding out what would change is none.
     */
    boolean changes() {
        return switch (action) {
            case Action.DryRun a -> false;
            case Action.Change a -> true;
            case Action.Recover a -> true;
            case Action.Prepare a -> false;
            case Action.Protect a -> false;
            case Action.Quiesce a -> false;
            case Action.Prove a -> false;
            case Action.Reopen a -> false;
            case Action.Person a -> false;
        };
    }

    /** Whether it touches what runs or what is stored; what does not can be left as it is by who turns back. */
    boolean disturbs() {
        return switch (action) {
            case Action.FetchArtifact a -> false;
            case Action.DryRun a -> false;
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
