package dev.upkeep.cli;

import java.util.Objects;

/** A command that can't go on: what to print on standard error, and the exit code. */
final class Trouble extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ExitCode exit;

    Trouble(ExitCode exit, String message) {
        super(message);
        this.exit = exit;
    }

    ExitCode exit() {
        return exit;
    }

    String text() {
        return Objects.requireNonNull(getMessage());
    }
}
