package dev.upkeep.cli;

import org.jspecify.annotations.Nullable;

/** What picocli has made sure of before a verb runs. */
final class Required {
    private Required() {}

    static <T> T of(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("picocli refuses a command line without it");
        }
        return value;
    }
}
