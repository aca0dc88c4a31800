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

    /** Ends the capture of writes that the backup opened; its slot would otherwise hold back the server's log. */
    record EndCapture() implements Protect {}

    /** Answers 503 with Retry-After instead of passing requests on. */
    record ParkTraffic(Duration retryAfter) implements Quiesce {
        public ParkTraffic {
            Positive.check("retryAfter", retryAfter);
        }
    }

    /** Waits until no request is in flight. */
    record Drain() implements Quiesce {}

    /** Brings a version's artifact to the tenant and checks its digest. */
    record FetchArtifact(Version version) implements Change {
        public FetchArtifact {
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
