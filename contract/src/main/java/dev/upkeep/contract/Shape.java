package dev.upkeep.contract;

import java.util.regex.Pattern;

/** The two shapes an identity may have; everything that reaches a path, a topic or a table name has one of them. */
final class Shape {
    private static final Pattern NAME = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,199}");

    private Shape() {}

    /** A name a person chose: lower-case letters, digits and inner hyphens, at most 63, as in a DNS label. */
    static void name(String what, String value) {
        if (!NAME.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    what + " '" + value + "' must be 1 to 63 lower-case letters, digits or inner hyphens");
        }
    }

    /** An identity a program made: letters, digits and {@code . _ : -}, at most 200. */
    static void id(String what, String value) {
        if (!ID.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    what + " '" + value + "' must be 1 to 200 letters, digits or any of . _ : -");
        }
    }
}
