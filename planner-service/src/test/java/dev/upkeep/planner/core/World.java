package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What is really there on one tenant, which the planner only knows from answers. */
final class World {
    Version running;
    boolean up = true;
    boolean parked;
    boolean capturing;
    boolean proven;
    boolean failedStateDumped;
    boolean exported;
    List<String> applied = new ArrayList<>();
    long highestToken;
    final List<String> wrongs = new ArrayList<>();

    World(Version running) {
        this.running = running;
    }

    /** Before an upgrade begins: what the last one protected no longer counts. */
    void newHop() {
        proven = false;
        failedStateDumped = false;
        exported = false;
    }

    /** Looks at what the planner asks for, as a target that knows the truth would. */
    void look(StepRequested step, Plan plan) {
        if (step.token().value() <= highestToken) {
            wrongs.add("token " + step.token() + " was given twice");
        }
        highestToken = step.token().value();
        boolean forward = Character.isDigit(step.step().value().charAt(0));
        switch (step.action()) {
            case Action.Change a
            when forward && plan.restores() && !proven ->
                wrongs.add(step.step() + " was asked for before the backup was proven");
            case Action.Start a
            when a.version().equals(step.from()) && !hopApplied(step).isEmpty() ->
                wrongs.add("the old binary is to start on a schema with " + hopApplied(step));
            case Action.Start a
            when a.version().equals(step.to())
                    && hopApplied(step).size() != step.migrations().size() ->
                wrongs.add("the new binary is to start on a schema with " + hopApplied(step));
            case Action.RestoreDatabase a when !proven -> wrongs.add("an unproven backup is to be restored");
            case Action.RestoreDatabase a
            when !failedStateDumped || !exported ->
                wrongs.add("a database is to be replaced before its state was kept and its gap exported");
            case Action.RevertMigrations a
            when !a.migrations().equals(hopApplied(step)) ->
                wrongs.add("to revert " + a.migrations() + " although " + hopApplied(step) + " ran");
            default -> {}
        }
    }

    /** Carries a step out. */
    void act(StepRequested step) {
        switch (step.action()) {
            case Action.BackupDatabase a when a.moment() == Action.Moment.FAILED -> failedStateDumped = true;
            case Action.BackupDatabase a -> capturing = true;
            case Action.ProveBackup a -> proven = true;
            case Action.EndCapture a -> capturing = false;
            case Action.ParkTraffic a -> parked = true;
            case Action.OpenTraffic a -> parked = false;
            case Action.Stop a -> up = false;
            case Action.Start a -> {
                up = true;
                running = a.version();
            }
            case Action.Redeploy a -> {
                up = true;
                running = a.version();
            }
            case Action.Migrate a -> step.migrations().forEach(this::apply);
            case Action.RevertMigrations a -> applied.removeAll(a.migrations());
            case Action.RestoreDatabase a ->
                applied.removeAll(step.migrations().stream().map(Migration::id).toList());
            case Action.ExportWrites a -> exported = true;
            default -> {}
        }
    }

    /** Begins a step and fails in the middle of it. */
    void fail(StepRequested step, RandomGenerator random) {
        if (step.action() instanceof Action.Migrate) {
            int most = random.nextInt(step.migrations().size() + 1);
            step.migrations().stream().limit(most).forEach(this::apply);
        }
    }

    private void apply(Migration migration) {
        if (!applied.contains(migration.id())) {
            applied.add(migration.id());
        }
    }

    /** The migrations of this hop that are applied. */
    private List<String> hopApplied(StepRequested step) {
        return applied.stream()
                .filter(id -> step.migrations().stream().anyMatch(m -> m.id().equals(id)))
                .toList();
    }

    /** What carrying out a step reports. */
    Map<String, String> found(StepRequested step) {
        int all = applied.size() - hopApplied(step).size() + step.migrations().size();
        return switch (step.action()) {
            case Action.CheckSchema a
            when a.moment() == Action.Moment.BEFORE ->
                Map.of(
                        Fact.SCHEMA_BEFORE, Samples.fingerprint(applied.size()),
                        Fact.MIGRATIONS_BEFORE, String.join(",", applied));
            case Action.CheckSchema a ->
                Map.of(
                        Fact.SCHEMA_FAILED, Samples.fingerprint(applied.size()),
                        Fact.MIGRATIONS_FAILED, String.join(",", applied));
            case Action.BackupDatabase a when a.moment() == Action.Moment.FAILED -> Map.of(Fact.BACKUP_FAILED, "b2");
            case Action.BackupDatabase a -> Map.of(Fact.BACKUP_BEFORE, "b1");
            case Action.ProveBackup a ->
                Map.of(Fact.BACKUP_PROVEN, "true", Fact.SCHEMA_AFTER, Samples.fingerprint(all));
            case Action.ExportWrites a -> Map.of(Fact.GAP_REPORT, "/gap");
            default -> Map.of();
        };
    }
}
