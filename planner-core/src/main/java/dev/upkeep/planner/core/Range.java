package dev.upkeep.planner.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which versions of something else fit: {@code >=15}, {@code 1.22 - 1.23}, {@code 0.x}, {@code >=2.0 <3 || 4.1}.
 *
 * <p>Numbers are compared part by part, and only as far as the bound goes: {@code 1.22 - 1.23} covers 1.23.7, and
 * {@code >=15} covers 15.4. Third parties do not number as we do, so nothing else of a version counts.
 *
 * @param text as it was written
 */
public record Range(String text, List<List<Bound>> anyOf) {
    private static final Pattern BOUND = Pattern.compile("(>=|<=|>|<|=)?\\s*(\\d+(?:\\.(?:\\d+|x|\\*))*|x|\\*)");
    private static final Pattern SPAN = Pattern.compile("(\\d+(?:\\.\\d+)*)\\s+-\\s+(\\d+(?:\\.\\d+)*)");
    private static final Pattern NUMBERS = Pattern.compile("v?(\\d+(?:\\.\\d+)*)(?:[-+ ].*)?");

    public Range {
        anyOf = anyOf.stream().map(List::copyOf).toList();
        if (anyOf.isEmpty()) {
            throw new IllegalArgumentException("a range has at least one alternative");
        }
    }

    /** One comparison. */
    public record Bound(Comparison comparison, List<Integer> numbers) {
        public Bound {
            numbers = List.copyOf(numbers);
        }
    }

    /** How a version is compared with a bound. */
    public enum Comparison {
        AT_LEAST,
        AT_MOST,
        ABOVE,
        BELOW,
        LIKE
    }

    /**
     * Reads a range.
     *
     * @throws IllegalArgumentException naming the text, if it is none
     */
    public static Range of(String text) {
        List<List<Bound>> anyOf = new ArrayList<>();
        for (String alternative : text.split("\\|\\|", -1)) {
            anyOf.add(allOf(alternative.strip(), text));
        }
        return new Range(text, anyOf);
    }

    private static List<Bound> allOf(String alternative, String text) {
        Matcher span = SPAN.matcher(alternative);
        if (span.matches()) {
            return List.of(
                    new Bound(Comparison.AT_LEAST, numbers(span.group(1))),
                    new Bound(Comparison.AT_MOST, numbers(span.group(2))));
        }
        List<Bound> bounds = new ArrayList<>();
        Matcher bound = BOUND.matcher(alternative);
        int at = 0;
        while (at < alternative.length()) {
            if (!bound.find(at) || !alternative.substring(at, bound.start()).isBlank()) {
                throw new IllegalArgumentException(
                        "range '" + text + "' must be like >=15, 1.22 - 1.23, 0.x or >=2.0 <3 || 4.1");
            }
            bounds.add(new Bound(comparison(bound.group(1)), numbers(bound.group(2))));
            at = bound.end();
        }
        if (bounds.isEmpty()) {
            throw new IllegalArgumentException("range '" + text + "' has an empty alternative");
        }
        return bounds;
    }

    private static Comparison comparison(@org.jspecify.annotations.Nullable String sign) {
        return switch (sign == null ? "=" : sign) {
            case ">=" -> Comparison.AT_LEAST;
            case "<=" -> Comparison.AT_MOST;
            case ">" -> Comparison.ABOVE;
            case "<" -> Comparison.BELOW;
            default -> Comparison.LIKE;
        };
    }

    // An x ends what is compared: 0.x is like 0, and x alone is like anything.
    private static List<Integer> numbers(String dotted) {
        List<Integer> numbers = new ArrayList<>();
        for (String part : dotted.split("\\.")) {
            if (part.equals("x") || part.equals("*")) {
                return numbers;
            }
            numbers.add(Integer.parseInt(part));
        }
        return numbers;
    }

    /** Whether a version is in it; a text without a number in front is in none. */
    public boolean covers(String version) {
        return read(version)
                .map(numbers -> anyOf.stream()
                        .anyMatch(all -> all.stream().allMatch(b -> holds(b, compare(numbers, b.numbers())))))
                .orElse(false);
    }

    private static boolean holds(Bound bound, int order) {
        return switch (bound.comparison()) {
            case AT_LEAST -> order >= 0;
            case AT_MOST -> order <= 0;
            case ABOVE -> order > 0;
            case BELOW -> order < 0;
            case LIKE -> order == 0;
        };
    }

    private static int compare(List<Integer> version, List<Integer> bound) {
        for (int i = 0; i < bound.size(); i++) {
            int order = Integer.compare(i < version.size() ? version.get(i) : 0, bound.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static Optional<List<Integer>> read(String version) {
        Matcher m = NUMBERS.matcher(version.strip());
        return m.matches() ? Optional.of(numbers(m.group(1))) : Optional.empty();
    }

    @Override
    public String toString() {
        return text;
    }
}
