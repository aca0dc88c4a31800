package dev.upkeep.executor.driver;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** What the runner gives a driver for one attempt. */
public interface Work {
    /** The time. */
    Instant now();

    /** When the attempt is cancelled. */
    Instant deadline();

    /** How long is left; never negative. */
    default Duration left() {
        Duration left = Duration.between(now(), deadline());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** Whether a later attempt has come, so that nobody will take over what this one leaves going. */
    default boolean superseded() {
        return false;
    }

    /** Says how far it is, for the logs and {@code /v1/step-runs}; cheap, never a secret. The lease renews itself. */
    void progress(String text);

    /** Resolves secret references. */
    Secrets secrets();

    /** An empty directory for this attempt alone, deleted after it. Created when first asked for. */
    Path scratch();

    /** The catalogue of backups. */
    Backups backups();

    /** Waits for {@code span}, or until the deadline; use it between two looks at something that has no signal. */
    void pause(Duration span) throws InterruptedException;
}
