package dev.upkeep.notifier.channel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks up what a reference to a secret stands for, at the moment of use: {@code env:NAME} or {@code file:/path}. */
public final class Reference {
    private Reference() {}

    /** Whether a value is a reference rather than the thing itself. */
    public static boolean is(String value) {
        return value.startsWith("env:") || value.startsWith("file:");
    }

    /**
     * The value that is meant.
     *
     * @throws IOException naming the reference, never the value, if there is none
     */
    public static String resolve(String value) throws IOException {
        if (value.startsWith("env:")) {
            String found = System.getenv(value.substring("env:".length()));
            if (found == null || found.isBlank()) {
                throw new IOException(value + " is not set in the notifier's environment");
            }
            return found.strip();
        }
        if (value.startsWith("file:")) {
            try {
                return Files.readString(Path.of(value.substring("file:".length())))
                        .strip();
            } catch (IOException e) {
                throw new IOException(
                        value + " can't be read by the notifier: "
                                + e.getClass().getSimpleName(),
                        e);
            }
        }
        return value;
    }
}
