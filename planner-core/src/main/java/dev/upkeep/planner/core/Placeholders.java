package dev.upkeep.planner.core;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code {component.setting}} and {@code {version}} in a descriptor's texts. */
public final class Placeholders {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z0-9][A-Za-z0-9._-]*)}");

    private Placeholders() {}

    static String fill(String text, UnaryOperator<String> value) {
        return PLACEHOLDER.matcher(text).replaceAll(m -> Matcher.quoteReplacement(value.apply(m.group(1))));
    }

    /** The names in a text, in order. */
    public static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        PLACEHOLDER.matcher(text).results().forEach(m -> names.add(m.group(1)));
        return names;
    }
}
