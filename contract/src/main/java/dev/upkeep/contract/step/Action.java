package dev.upkeep.contract.step;

import dev.upkeep.contract.Version;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * What a step does, by family; the families run in this order on the way forward.
 *
 * <p>A new action breaks every exhaustive switch over it at compile time: the planner's undo, the executor's drivers,
 * the runbook. An action is known by {@link #word()} wherever it is written down.
 */
public sealed interface Action {

    /** The action's name in descriptors, events and pages, such as {@code backup-database}. */
    default String word() {
        return Words.of(getClass());
    }

    /** Reads the tenant, changes nothing. */
    sealed interface Prepare extends Action {}

    /** Makes the way back: what is protected here is what an undo rests on. */
    sealed interface Protect extends Action {}

    /** Brings the tenant to rest. */
    sealed interface Quiesce extends Action {}

    /** Changes the tenant; none runs before the backup is proven. */
    sealed interface Change extends Action {}

    /** Judged by the verifier, not carried out by a driver. */
    sealed interface Prove extends Action {}

    /** Lets the tenant work again. */
    sealed interface Reopen extends Action {}

    /** Goes back. */
    sealed interface Recover extends Action {}

    /** Done by somebody. */
    sealed interface Person extends Action {}

    /**
     * Refuses unless the database's volume has room.
     *
     * @param freeShare the free space asked for, as a share of the database's size: 0.2 is 20 %
     */
    record CheckCapacity(double freeShare) implements Prepare {
        public CheckCapacity {
            if (!(freeShare >= 0 && freeShare <= 100)) {
                throw new IllegalArgumentException("freeShare " + freeShare + " must be between 0 and 100");
            }
        }
    }

    /**
     * Looks which settings are set there, by name; refuses unless every required one is. Values are never reported.
     *
     * @param required what the version does not run without
     * @param gone what no version crossed reads any more: those that are still set are reported as stale
     */
    record CheckSettings(List<String> required, List<String> gone) implements Prepare {
        public CheckSettings {
            required = List.copyOf(required);
            gone = List.copyOf(gone);
        }
    }

    /**
     * Reads the version of something that the product runs on and does not ship; the planner judges it.
     *
     * @param of its name, such as {@code postgresql}
     * @param ranges each of which must cover it, such as {@code >=15}; for a person who reads the plan
     */
    record CheckCompatibility(String of, List<String> ranges) implements Prepare {
        public CheckCompatibility {
            ranges = List.copyOf(ranges);
            if (of.isBlank()) {
                throw new IllegalArgumentException("check-compatibility must say of what");
            }
        }
    }

    /**
     * Reads the schema that is there: its fingerprint and the migrations applied.
     *
     * @param moment what the reading is for: it names the facts it is recorded under
     */
    record CheckSchema(Moment moment) implements Prepare {
        public CheckSchema {
            Objects.requireNonNull(moment, "moment");
        }
    }

    /** Records how the tenant does before the change, for {@code span}; judged by the verifier. */
    record Baseline(Duration span) implements Prepare {
        public Baseline {
            Positive.check("span", span);
        }
    }

    /**
     * Dumps the database, with checksum, in one snapshot; before a change it also opens the capture of later writes.
     *
     * @param moment {@link Moment#BEFORE} for the backup an undo restores, {@link Moment#FAILED} for the state that
     *     failed, which is kept and never restored by itself
     */
    record BackupDatabase(Moment moment) implements Protect {
        public BackupDatabase {
            Objects.requireNonNull(moment, "moment");
        }
    }

    /** Restores the backup into a scratch server, compares it with its source, and rehearses the migrations on it. */
    record ProveBackup() implements Protect {}

    /** Copies the component's settings and definitions, reads the copy back and compares; it is as good as proven. */
    record BackupConfiguration() implements Protect {}

    /**
     * Makes sure that the key by which the component encrypts is kept where an undo finds it: in escrow, or in a
     * secret manager. Its fingerprint is reported; the key itself never leaves where it is kept.
     */
    record SnapshotKey() implements Protect {}

    /** Ends the capture of writes that the backup opened; its slot would otherwise hold back the server's log. */
    record EndCapture() implements Protect {}

    /** Answers 503 with Retry-After instead of passing requests on. */
    record ParkTraffic(Duration retryAfter) implements Quiesce {
        public ParkTraffic {
            Positive.check("retryAfter", retryAfter);
        }
    }

    /** Pauses the product's own long work, such as its jobs; pausing what is paused changes nothing. */
    record PauseWork() implements Quiesce {}

    /** Waits until no request is in flight. */
    record Drain() implements Quiesce {}

    /** Brings a version's artifact to the tenant and checks its digest. */
    record FetchArtifact(Version version) implements Change {
        public FetchArtifact {
            Objects.requireNonNull(version, "version");
        }
    }

    /** Finds out what bringing a version would change, and changes nothing: it needs no proven backup. */
    record DryRun(Version version) implements Change {
        public DryRun {
            Objects.requireNonNull(version, "version");
        }
    }

    /** Stops the component. */
    record Stop() implements Change {}

    /** Runs the migrations of a version that have not run. */
    record Migrate(Version version) implements Change {
        public Migrate {
            Objects.requireNonNull(version, "version");
        }
    }

    /** Starts a version; refused unless the schema is found as {@code schema} says this version's is. */
    record Start(Version version, Moment schema) implements Change {
        public Start {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(schema, "schema");
        }
    }

    /** Stops what runs and starts a version; refused unless the schema is found as {@code schema} says. */
    record Redeploy(Version version, Moment schema) implements Change {
        public Redeploy {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(schema, "schema");
        }
    }

    /** Takes down everything that belongs to the component, its definitions too; what is stored stays. */
    record Teardown() implements Change {}

    /** Runs a task that the descriptor names, once. */
    record RunTask(String task) implements Change {
        public RunTask {
            Objects.requireNonNull(task, "task");
        }
    }

    /** Judges identity, schema and probes while traffic is still parked. */
    record VerifyShut(Version version, Moment schema) implements Prove {
        public VerifyShut {
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(schema, "schema");
        }
    }

    /** Judges probes and metrics under traffic, for {@code span}. */
    record VerifyOpen(Version version, Duration span) implements Prove {
        public VerifyOpen {
            Objects.requireNonNull(version, "version");
            Positive.check("span", span);
        }
    }

    /** Lets the work that was paused go on; resuming what is not paused changes nothing. */
    record ResumeWork() implements Reopen {}

    /** Passes requests on again. */
    record OpenTraffic() implements Reopen {}

    /** Writes the gap down: every row written, changed or deleted since the backup's snapshot. */
    record ExportWrites() implements Recover {}

    /** Restores the proven backup into an empty database and puts it in the failed one's place, which is kept. */
    record RestoreDatabase() implements Recover {}

    /** Reverts exactly the given migrations, the last one first. */
    record RevertMigrations(List<String> migrations) implements Recover {
        public RevertMigrations {
            migrations = List.copyOf(migrations);
        }
    }

    /** Puts the settings and definitions back that backup-configuration copied. */
    record RestoreConfiguration() implements Recover {}

    /** Gives the component the key back; refused unless it has the fingerprint that snapshot-key reported. */
    record AttachKey() implements Recover {}

    /** Asks a person to do something by hand and waits until it is confirmed. */
    record Ask(String what) implements Person {
        public Ask {
            Objects.requireNonNull(what, "what");
        }
    }

    /** The states of a hop that a reading, a backup or an expectation can be about. */
    enum Moment {
        /** As it was before the hop changed anything. */
        BEFORE,
        /** As the target release's migrations leave it, learnt by rehearsing them on the proven backup. */
        AFTER,
        /** As it was found when the hop failed. */
        FAILED
    }
}
