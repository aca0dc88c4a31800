package dev.upkeep.planner.runbook;

import java.util.Locale;
import java.util.regex.Pattern;

/** Texts as words of a POSIX shell, each one word whatever is in it. */
final class Shell {
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private Shell() {}

    /** The text as one word. */
    static String word(String text) {
        return SAFE.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * A setting as one word: what it says, or, for a reference to a secret, what reads it when it is needed. A reference
     * that no shell can follow becomes a variable, which {@code needs} is told of.
     */
    static String setting(String value, String name, Needs needs) {
        if (value.startsWith("file:")) {
            return "\"$(cat " + word(value.substring("file:".length())) + ")\"";
        }
        if (value.startsWith("env:")
                && VARIABLE.matcher(value.substring("env:".length())).matches()) {
            return "\"${" + value.substring("env:".length()) + ":?}\"";
        }
        if (value.startsWith("env:") || value.startsWith("vault:")) {
            return needs.variable(name, "the secret " + value);
        }
        return word(value);
    }

    /** A variable's name for something that is not known here. */
    static String variable(String name) {
        String upper = name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "_");
        return upper.matches("[A-Z_].*") ? upper : "_" + upper;
    }
}
