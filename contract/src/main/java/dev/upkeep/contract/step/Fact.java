package dev.upkeep.contract.step;

/**
 * The names under which steps report what they found, for the steps after them in the same hop.
 *
 * <p>A step that needs a fact that is not there fails; it never guesses.
 */
public final class Fact {
    /** Fingerprint before anything changed; from check-schema. */
    public static final String SCHEMA_BEFORE = "schema.before";
    /** Fingerprint that the release's migrations give; from prove-backup's rehearsal. */
    public static final String SCHEMA_AFTER = "schema.after";
    /** Fingerprint that the version to go back to ran on here; known before the hop, no step reports it. */
    public static final String SCHEMA_KNOWN = "schema.known";
    /** The latest instant at which the first change may begin, for the way back to fit the window; known before the hop. */
    public static final String CHANGE_LATEST = "change.latest";
    /** Fingerprint when the hop failed; from check-schema in an undo. */
    public static final String SCHEMA_FAILED = "schema.failed";
    /** Comma-separated ids of the applied migrations before anything changed; from check-schema. */
    public static final String MIGRATIONS_BEFORE = "migrations.before";
    /** The same when the hop failed. */
    public static final String MIGRATIONS_FAILED = "migrations.failed";
    /** The catalogue id of the backup an undo restores; from backup-database. */
    public static final String BACKUP_BEFORE = "backup.before";
    /** The catalogue id of the failed state's dump. */
    public static final String BACKUP_FAILED = "backup.failed";
    /** {@code true} once prove-backup has restored and compared the backup. */
    public static final String BACKUP_PROVEN = "backup.proven";
    /** The name of the replication slot that captures writes since the backup's snapshot. */
    public static final String CAPTURE_SLOT = "capture.slot";
    /** Where the gap report is; from export-writes. */
    public static final String GAP_REPORT = "gap.report";
    /** How many row changes the gap report itemises. */
    public static final String GAP_WRITES = "gap.writes";
    /** The catalogue id of the copy that an undo puts back; from backup-configuration. */
    public static final String CONFIGURATION_BEFORE = "configuration.before";
    /** {@code true} once backup-configuration has read the copy back and compared it. */
    public static final String CONFIGURATION_PROVEN = "configuration.proven";
    /** The fingerprint of the key that snapshot-key has found kept, such as {@code sha256:} and 64 digits; never the key. */
    public static final String KEY_FINGERPRINT = "key.fingerprint";
    /** What a dry-run found that the change would do, as text, shortened; it goes to people, not to later steps. */
    public static final String DRY_RUN_DIFF = "dry-run.diff";
    /** Comma-separated names of settings that are set and that nothing reads any more; from check-settings. */
    public static final String SETTINGS_STALE = "settings.stale";
    /** Before a third party's name: its version as it was found; from check-compatibility. */
    public static final String THIRD_PARTY = "third-party.";
    /** The step whose bake is the baseline to compare with; from baseline. */
    public static final String BASELINE = "baseline";

    private Fact() {}
}
