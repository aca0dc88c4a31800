package dev.upkeep.cli;

/** What the process's exit code says; documented in docs/reference/cli.md. */
enum ExitCode {
    /** Done, and as asked. */
    OK(0),
    /** It was asked after, and it ended badly: rolled back, held, stopped. */
    ENDED_BADLY(1),
    /** The command line itself was wrong. */
    USAGE(2),
    /** The service refused; the message names the field and the fix. */
    REFUSED(3),
    /** The service did not answer. */
    UNREACHABLE(4),
    /** There is no such thing. */
    NOT_FOUND(5);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
