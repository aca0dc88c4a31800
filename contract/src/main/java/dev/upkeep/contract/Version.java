package dev.upkeep.contract;

import java.math.BigInteger;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A semantic version (semver.org 2.0.0), ordered by its precedence; build metadata is kept but does not order. */
public record Version(int major, int minor, int patch, String preRelease, String build) implements Comparable<Version> {
    private static final Pattern SHAPE = Pattern.compile("(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})"
            + "(?:-((?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*))*))?"
            + "(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");

    public Version {
        if (major < 0 || minor < 0 || patch < 0) {
            throw new IllegalArgumentException("a version's numbers must not be negative");
        }
    }

    /**
     * Reads {@code MAJOR.MINOR.PATCH[-pre][+build]}.
     *
     * @throws IllegalArgumentException naming the text, if it is anything else: a floating tag, a leading v
     */
    public static Version of(String text) {
        Matcher m = SHAPE.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("version '" + text + "' must be MAJOR.MINOR.PATCH, such as 1.4.2");
        }
        return new Version(
                Integer.parseInt(m.group(1)),
                Integer.parseInt(m.group(2)),
                Integer.parseInt(m.group(3)),
                m.group(4) == null ? "" : m.group(4),
                m.group(5) == null ? "" : m.group(5));
    }

    @Override
    public int compareTo(Version other) {
        int byNumbers = Integer.compare(major, other.major);
        if (byNumbers == 0) {
            byNumbers = Integer.compare(minor, other.minor);
        }
        if (byNumbers == 0) {
            byNumbers = Integer.compare(patch, other.patch);
        }
        return byNumbers == 0 ? comparePreReleases(preRelease, other.preRelease) : byNumbers;
    }

    private static int comparePreReleases(String left, String right) {
        if (left.isEmpty() || right.isEmpty()) {
            // A release comes after every one of its pre-releases.
            return Boolean.compare(left.isEmpty(), right.isEmpty());
        }
        List<String> a = List.of(left.split("\\."));
        List<String> b = List.of(right.split("\\."));
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = compareIdentifiers(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int compareIdentifiers(String a, String b) {
        boolean aNumber = a.chars().allMatch(c -> c >= '0' && c <= '9');
        boolean bNumber = b.chars().allMatch(c -> c >= '0' && c <= '9');
        if (aNumber && bNumber) {
            return new BigInteger(a).compareTo(new BigInteger(b));
        }
        return aNumber == bNumber ? a.compareTo(b) : aNumber ? -1 : 1;
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + (preRelease.isEmpty() ? "" : "-" + preRelease)
                + (build.isEmpty() ? "" : "+" + build);
    }
}
