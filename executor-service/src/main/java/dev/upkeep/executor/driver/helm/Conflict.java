package dev.upkeep.executor.driver.helm;

/** What was to be changed is not any more as it was read; look again. Never leaves this package. */
final class Conflict extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Conflict(Throwable cause) {
        super(cause);
    }
}
