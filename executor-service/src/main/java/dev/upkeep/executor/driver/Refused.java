package dev.upkeep.executor.driver;

/** Carries a {@link Outcome.Failed} out of the depths of a driver. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Outcome.Failed failed;

    public Refused(Outcome.Failed failed) {
        super(failed.code().word() + ": " + failed.reason());
        this.failed = failed;
    }

    public Refused(Outcome.Failed failed, Throwable cause) {
        super(failed.code().word() + ": " + failed.reason(), cause);
        this.failed = failed;
    }

    /** How the step ends. */
    public Outcome.Failed failed() {
        return failed;
    }
}
