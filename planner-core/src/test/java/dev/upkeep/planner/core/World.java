package dev.upkeep.planner.core;

import dev.upkeep.contract.Version;
import dev.upkeep.contract.event.BakeEvent.BakeRequested;
import dev.upkeep.contract.event.StepEvent.StepRequested;
import dev.upkeep.contract.step.Action;
import dev.upkeep.contract.step.Fact;
import dev.upkeep.contract.step.Migration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** What is really there on one tenant, which the planner only knows from answers. */
final class World {
    /** What is applied by hand begins so: every version lives with it, and no release knows of it. */
    static final String BY_HAND = "hand.";

    private final List<Release> releases;
    Version running;
    boolean up = true;
    boolean parked;
    boolean paused;
    boolean capturing;
    boolean proven;
    boolean failedStateDumped;
    boolean exported;
    /** Whether the scripts that revert leave something behind, which nobody notices on the copy. */
    boolean revertsLeaveARest;

    List<String> applied = new ArrayList<>();
    /** Whose configuration is in place; what was kept of it in this hop, if anything was. */
    private Version configuration;

    private Optional<Version> keptConfiguration = Optional.empty();
    private boolean keyIsKept;
    /** Whether the database has the key that its secrets were written with: an empty one has none. */
    private boolean keyIsAttached = true;

    private List<String> atHopStart = List.of();
    private List<String> inBackup = List.of();
    private int hop;
    long highestToken;
    final List<String> wrongs = new ArrayList<>();

    World(Version running, List<Release> releases) {
        this.running = running;
        this.configuration = running;
        this.releases = releases;
        this.applied.addAll(schemaOf(running));
        newHop();
    }

    /** Before a hop begins: what the last one protected no longer counts. */
    void newHop() {
        hop++;
        proven = false;
        failedStateDumped = false;
        exported = false;
        keptConfiguration = Optional.empty();
        keyIsKept = false;
        atHopStart = List.copyOf(applied);
        inBackup = List.of();
    }

    /** The migrations that a version was made for. */
    List<String> schemaOf(Version version) {
        return releases.stream()
                .filter(r -> r.version().compareTo(version) <= 0)
                .sorted((a, b) -> a.version().compareTo(b.version()))
                .flatMap(r -> r.migrations().stream())
                .map(Migration::id)
                .toList();
    }

    /** Whether what is applied is what the version that runs was made for. */
    boolean isWhole() {
        return withoutByHand(applied).equals(schemaOf(running));
    }

    private static List<String> withoutByHand(List<String> ids) {
        return ids.stream().filter(id -> !id.startsWith(BY_HAND)).toList();
    }

    /** Looks at what the planner asks for, as a target that knows the truth would. */
    void look(StepRequested step, Plan plan) {
        if (step.token().value() <= highestToken) {
            wrongs.add("token " + step.token() + " was given twice");
        }
        highestToken = step.token().value();
        boolean forward = plan.forward().stream().anyMatch(s -> s.id().equals(step.step()));
        String backup = step.facts().get(Fact.BACKUP_BEFORE);
        if (backup != null && !backup.equals(backup())) {
            wrongs.add(step.step() + " would rest on " + backup + ", the backup of another hop");
        }
        String before = step.facts().get(Fact.SCHEMA_BEFORE);
        if (before != null && !before.equals(Samples.fingerprint(atHopStart))) {
            wrongs.add(step.step() + " takes the schema of another hop for the one before");
        }
        boolean changes = step.action() instanceof Action.Change || step.action() instanceof Action.Recover;
        if (forward && changes && plan.restores() && !proven) {
            wrongs.add(step.step() + " was asked for before the backup was proven");
        }
        if (forward && changes) {
            lookForWhatIsKept(step, plan);
        }
        if (isTakenBack(step) && up) {
            wrongs.add(step.step() + " takes the schema back under what runs on it");
        }
        switch (step.action()) {
            case Action.Start a -> starts(a.version(), forward);
            case Action.Redeploy a -> starts(a.version(), forward);
            case Action.Migrate a
            when before == null || !step.facts().containsKey(Fact.SCHEMA_AFTER) ->
                wrongs.add(step.step() + " migrates from or to a schema that nobody knows");
            case Action.RestoreDatabase a when !proven -> wrongs.add("an unproven backup is to be restored");
            case Action.RestoreDatabase a
            when !failedStateDumped || !exported ->
                wrongs.add("a database is to be replaced before its state was kept and its gap exported");
            case Action.RevertMigrations a
            when step.attempt() == 1 -> reverts(a.migrations(), forward ? step.to() : step.from());
            default -> {}
        }
    }

    private void lookForWhatIsKept(StepRequested step, Plan plan) {
        if (plan.undo().values().stream()
                        .flatMap(List::stream)
                        .anyMatch(s -> s.action() instanceof Action.RestoreConfiguration)
                && keptConfiguration.isEmpty()) {
            wrongs.add(step.step() + " was asked for before the configuration was kept");
        }
        if (plan.undo().values().stream().flatMap(List::stream).anyMatch(s -> s.action() instanceof Action.AttachKey)
                && !keyIsKept) {
            wrongs.add(step.step() + " was asked for before the key was kept");
        }
    }

    private static boolean isTakenBack(StepRequested step) {
        return step.action() instanceof Action.RestoreDatabase || step.action() instanceof Action.RevertMigrations;
    }

    private void starts(Version version, boolean forward) {
        if (!forward && keptConfiguration.isPresent() && !configuration.equals(version)) {
            wrongs.add(version + " is to start with the configuration of " + configuration);
        }
        if (!keyIsAttached && keyIsKept) {
            wrongs.add(version + " is to start without the key of its database");
        }
        if (!withoutByHand(applied).equals(schemaOf(version))) {
            wrongs.add(version + " is to start on a schema that is not its own: " + applied);
        }
    }

    private void reverts(List<String> ids, Version to) {
        releases.stream()
                .flatMap(r -> r.migrations().stream())
                .filter(m -> ids.contains(m.id()) && !m.reversible())
                .forEach(m -> wrongs.add("to revert " + m.id() + ", which can't be reverted without losing data"));
        List<String> left = applied.subList(0, Math.max(0, applied.size() - ids.size()));
        boolean last = applied.subList(left.size(), applied.size()).equals(ids);
        if (!last || !withoutByHand(left).equals(schemaOf(to))) {
            wrongs.add("to revert " + ids + " although " + applied + " are applied and " + to + " is gone to");
        }
    }

    /** Looks at what the verifier is asked for. */
    void look(BakeRequested bake, Plan plan) {
        if (bake.token().value() <= highestToken) {
            wrongs.add("token " + bake.token() + " was given twice");
        }
        highestToken = bake.token().value();
        bake.baseline().ifPresent(baseline -> {
            if (plan.forward().stream().noneMatch(s -> s.id().equals(baseline))) {
                wrongs.add(bake.step() + " would be compared with the baseline of another hop");
            }
        });
    }

    private String backup() {
        return "b" + hop;
    }

    /** Carries a step out. */
    void act(StepRequested step) {
        switch (step.action()) {
            case Action.BackupDatabase a when a.moment() == Action.Moment.FAILED -> failedStateDumped = true;
            case Action.BackupDatabase a -> {
                capturing = true;
                inBackup = List.copyOf(applied);
            }
            case Action.ProveBackup a -> proven = true;
            case Action.BackupConfiguration a -> keptConfiguration = Optional.of(configuration);
            case Action.RestoreConfiguration a -> configuration = keptConfiguration.orElse(configuration);
            case Action.SnapshotKey a -> keyIsKept = true;
            case Action.AttachKey a -> keyIsAttached = true;
            case Action.PauseWork a -> paused = true;
            case Action.ResumeWork a -> paused = false;
            case Action.EndCapture a -> capturing = false;
            case Action.ParkTraffic a -> parked = true;
            case Action.OpenTraffic a -> parked = false;
            case Action.Stop a -> up = false;
            case Action.Start a -> start(a.version());
            case Action.Redeploy a -> start(a.version());
            case Action.Migrate a -> step.migrations().forEach(this::apply);
            case Action.RevertMigrations a -> {
                applied = new ArrayList<>(afterReverts(a.migrations(), step.goesBack()));
            }
            case Action.RestoreDatabase a -> {
                applied = new ArrayList<>(inBackup);
                keyIsAttached = false;
            }
            case Action.ExportWrites a -> exported = true;
            default -> {}
        }
    }

    private void start(Version version) {
        up = true;
        running = version;
        configuration = version;
    }

    private List<String> afterReverts(List<String> ids, boolean recall) {
        List<String> left = new ArrayList<>(applied);
        left.removeAll(ids);
        if (recall && revertsLeaveARest && !ids.isEmpty()) {
            left.add("rest of " + ids.getFirst());
        }
        return left;
    }

    /** Begins a step and fails in the middle of it. */
    void fail(StepRequested step, RandomGenerator random) {
        if (step.action() instanceof Action.Migrate) {
            int most = random.nextInt(step.migrations().size() + 1);
            step.migrations().stream().limit(most).forEach(this::apply);
        }
        if (step.action() instanceof Action.RevertMigrations a) {
            List<String> lastFirst = new ArrayList<>(a.migrations());
            Collections.reverse(lastFirst);
            lastFirst.stream().limit(random.nextInt(lastFirst.size() + 1)).forEach(applied::remove);
        }
    }

    private void apply(Migration migration) {
        if (!applied.contains(migration.id())) {
            applied.add(migration.id());
        }
    }

    /** What the migrations of a hop give, as a rehearsal on a copy finds it. */
    private List<String> rehearsed(StepRequested step) {
        List<String> ids = step.migrations().stream().map(Migration::id).toList();
        if (step.goesBack()) {
            return afterReverts(ids, true);
        }
        List<String> all = new ArrayList<>(applied);
        ids.stream().filter(id -> !all.contains(id)).forEach(all::add);
        return all;
    }

    /** What carrying out a step reports. */
    Map<String, String> found(StepRequested step) {
        return switch (step.action()) {
            case Action.CheckSchema a
            when a.moment() == Action.Moment.BEFORE ->
                Map.of(
                        Fact.SCHEMA_BEFORE, Samples.fingerprint(applied),
                        Fact.MIGRATIONS_BEFORE, String.join(",", applied));
            case Action.CheckSchema a ->
                Map.of(
                        Fact.SCHEMA_FAILED, Samples.fingerprint(applied),
                        Fact.MIGRATIONS_FAILED, String.join(",", applied));
            case Action.BackupDatabase a
            when a.moment() == Action.Moment.FAILED -> Map.of(Fact.BACKUP_FAILED, "failed");
            case Action.BackupDatabase a -> Map.of(Fact.BACKUP_BEFORE, backup());
            case Action.ProveBackup a ->
                Map.of(Fact.BACKUP_PROVEN, "true", Fact.SCHEMA_AFTER, Samples.fingerprint(rehearsed(step)));
            case Action.BackupConfiguration a ->
                Map.of(Fact.CONFIGURATION_BEFORE, "c" + hop, Fact.CONFIGURATION_PROVEN, "true");
            case Action.SnapshotKey a -> Map.of(Fact.KEY_FINGERPRINT, "sha256:" + "0".repeat(64));
            case Action.ExportWrites a -> Map.of(Fact.GAP_REPORT, "/gap");
            default -> Map.of();
        };
    }
}
