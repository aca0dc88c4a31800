package dev.upkeep.secrets;

/** A reference that could not be turned into its secret. The message names the reference, never what it stands for. */
public final class Unresolved extends Exception {
    private static final long serialVersionUID = 1L;

    private final Why why;

    /** Why there is no secret. */
    public enum Why {
        /** It leads nowhere: no such variable, file, path or field, or a version that was deleted. */
        MISSING,
        /** The vault does not let us read it, or does not take how we sign in. */
        DENIED,
        /** The vault does not answer, or fails itself. */
        UNREACHABLE,
        /** The vault is sealed: it answers, but knows nothing until somebody unseals it. */
        SEALED,
        /** The reference, the settings or what was found can't be understood. */
        UNREADABLE;

        /** Whether it may be had later without anybody changing the reference. */
        public boolean passing() {
            return this == UNREACHABLE || this == SEALED;
        }
    }

    Unresolved(Why why, String message) {
        super(message);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
