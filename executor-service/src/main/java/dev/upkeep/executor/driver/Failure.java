package dev.upkeep.executor.driver;

import java.util.Locale;

/** The names of what can go wrong in a step; stable, since people and programs look for them. */
public enum Failure {
    /** A later attempt on the same tenant has been seen: this one must not touch it any more. */
    STALE_TOKEN,
    /** The attempt took longer than it may. */
    DEADLINE_PASSED,
    /** No driver of that name. */
    UNKNOWN_DRIVER,
    /** The driver can't carry this action out. */
    UNSUPPORTED_ACTION,
    /** A setting that the driver needs is missing or malformed. */
    SETTING_MISSING,
    /** A secret reference leads nowhere. */
    SECRET_MISSING,
    /** The vault does not let the executor read a secret, or does not take how it signs in. */
    SECRET_DENIED,
    /** A secret reference is malformed, or what it leads to is no text. */
    SECRET_UNREADABLE,
    /** The vault does not answer. */
    VAULT_DOWN,
    /** The vault is sealed. */
    VAULT_SEALED,
    /** A fact that an earlier step should have found is missing. */
    FACT_MISSING,
    /** The request has no artifact for a version it needs. */
    ARTIFACT_MISSING,
    /** The artifact can't be fetched from its location. */
    ARTIFACT_UNREACHABLE,
    /** The registry of an image does not answer. */
    REGISTRY_DOWN,
    /** What was fetched does not have the digest that the release names. */
    DIGEST_MISMATCH,
    /** The schema found is not the one that the version is made for. */
    SCHEMA_NOT_ITS_OWN,
    /** The component did not come up. */
    START_FAILED,
    /** The component did not go. */
    STOP_FAILED,
    /** The port it should listen on is taken by something else. */
    PORT_TAKEN,
    /** The tenant's Kafka can't be reached. */
    BROKER_DOWN,
    /** The container engine does not answer. */
    ENGINE_DOWN,
    /** The cluster's API server can't be reached, or fails itself. */
    CLUSTER_AWAY,
    /** The cluster or the registry does not let the executor's account do it. */
    FORBIDDEN,
    /** The API server does not accept what was asked. */
    CLUSTER_REFUSED,
    /** The cluster has no such workload. */
    WORKLOAD_MISSING,
    /** Somebody else kept changing what was to be changed. */
    CHANGED_MEANWHILE,
    /** The platform can't pull the image. */
    IMAGE_NOT_PULLED,
    /** The tenant's gate does not answer. */
    GATE_DOWN,
    /** The gate refused what was asked. */
    GATE_REFUSED,
    /** Requests were still in flight at the deadline. */
    NOT_DRAINED,
    /** The database can't be reached. */
    DATABASE_DOWN,
    /** The database can be reached but refuses the role, the database's name or the statement. */
    DATABASE_REFUSED,
    /** The role lacks a right that the step needs. */
    NO_RIGHTS,
    /** The database's volume has less free space than the step asks for. */
    NOT_ENOUGH_SPACE,
    /** How much free space the database's volume has can't be found out. */
    VOLUME_UNKNOWN,
    /** The scratch server where backups are proven can't be reached. */
    SCRATCH_DOWN,
    /** A volume has less free space than it must. */
    DISK_FULL,
    /** A program that the driver needs is not installed. */
    TOOL_MISSING,
    /** A program that the driver needs is older than the server. */
    TOOL_TOO_OLD,
    /** The dump could not be taken. */
    BACKUP_FAILED,
    /** The catalogue has no such backup, or its file is gone. */
    BACKUP_MISSING,
    /** The backup's file or manifest is not as it was written, or can't be restored. */
    BACKUP_DAMAGED,
    /** No key of the executor's is the one that the backup is sealed with. */
    BACKUP_KEY_MISSING,
    /** The backup is sealed with another key than it was written with, or what should be a key is none. */
    BACKUP_KEY_WRONG,
    /** The backup is too old, or of another upgrade, or its source has changed its schema since. */
    BACKUP_STALE,
    /** The backup is not what its source was. */
    BACKUP_MISMATCH,
    /** The backup could not be restored. */
    RESTORE_FAILED,
    /** Writes since the backup can't be captured on this server. */
    CAPTURE_IMPOSSIBLE,
    /** The capture of writes is gone before it was exported. */
    CAPTURE_LOST,
    /** The gap could not be written down. */
    EXPORT_FAILED,
    /** A migration failed. */
    MIGRATION_FAILED,
    /** The release has no script that reverts a migration. */
    NOT_REVERSIBLE,
    /** A task or command exited with an error. */
    TASK_FAILED,
    /** The descriptor does not name that task. */
    UNKNOWN_TASK,
    /** A file or directory on the executor's or component's machine can't be read or written. */
    FILE_TROUBLE,
    /** A fault of the driver itself; the reason has the exception. */
    DRIVER_FAULT;

    /** The name in events and pages, such as {@code disk-full}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
