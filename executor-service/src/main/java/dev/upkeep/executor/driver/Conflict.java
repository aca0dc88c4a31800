package dev.upkeep.executor.driver;

/** What was to be changed in a cluster is not any more as it was read; look again. Never leaves a driver. */
public final class Conflict extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Conflict(Throwable cause) {
        super(cause);
    }
}
