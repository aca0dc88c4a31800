package dev.upkeep.executor.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A command template split into arguments; a placeholder's value stays within its argument, whatever is in it. */
public final class CommandLine {
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z-]+)}");

    private CommandLine() {}

    /**
     * @throws IllegalArgumentException naming a placeholder that has no value
     */
    public static List<String> of(String template, Map<String, String> values) {
        List<String> argv = new ArrayList<>();
        Matcher words = WORD.matcher(template);
        while (words.find()) {
            String word =
                    words.group(1) != null ? words.group(1) : words.group(2) != null ? words.group(2) : words.group(3);
            argv.add(PLACEHOLDER.matcher(word).replaceAll(placeholder -> {
                String value = values.get(placeholder.group(1));
                if (value == null) {
                    throw new IllegalArgumentException(
                            "no placeholder " + placeholder.group() + "; there are " + values.keySet());
                }
                return Matcher.quoteReplacement(value);
            }));
        }
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("the command is empty");
        }
        return argv;
    }
}
