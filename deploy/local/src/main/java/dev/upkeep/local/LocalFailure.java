package dev.upkeep.local;

/** The suite can't start or go on here: what happened and what a person can do about it. */
public final class LocalFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String fix;

    LocalFailure(String what, String fix) {
        super(what);
        this.fix = fix;
    }

    LocalFailure(String what, String fix, Throwable cause) {
        super(what, cause);
        this.fix = fix;
    }

    /** What to do about it. */
    public String fix() {
        return fix;
    }
}
