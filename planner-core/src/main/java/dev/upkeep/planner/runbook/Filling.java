package dev.upkeep.planner.runbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Fills a step's values into the commands of the resource, each as one word of the shell. */
final class Filling {
    private static final String NAME = "[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*";
    private static final Pattern CONDITION = Pattern.compile("\\{(if|unless|each) (" + NAME + ")} (.*)");
    static final Pattern PLACEHOLDER = Pattern.compile(
            "\\{(?:(run|text) (" + NAME + ")|(--[a-z][a-z-]*) (" + NAME + ")|(" + NAME + ")(?:\\|([^{}]*))?)}");
    // As the executor splits a command, so that what is run by hand is what it runs.
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    private static final Pattern INNER = Pattern.compile("\\{([a-z-]+)}");

    private final Values values;
    private final Needs needs;

    Filling(Values values, Needs needs) {
        this.values = values;
        this.needs = needs;
    }

    /** The commands as lines that can be copied into a terminal. */
    String fill(String template) {
        return template.lines().flatMap(this::lines).map(String::stripTrailing).collect(Collectors.joining("\n"));
    }

    /** The line as often as its condition says. */
    private Stream<String> lines(String line) {
        Matcher condition = CONDITION.matcher(line.strip());
        if (!condition.matches()) {
            return Stream.of(line(line));
        }
        String name = condition.group(2);
        return switch (condition.group(1)) {
            case "if" -> values.command(name).isPresent() ? Stream.of(line(condition.group(3))) : Stream.empty();
            case "unless" -> values.command(name).isEmpty() ? Stream.of(line(condition.group(3))) : Stream.empty();
            default ->
                IntStream.iterate(1, i -> values.find(name + "." + i).isPresent(), i -> i + 1)
                        .mapToObj(i -> line(condition.group(3).replace("{run it}", "{run " + name + "." + i + "}")));
        };
    }

    private String line(String line) {
        // An option that is not set leaves two spaces behind.
        return PLACEHOLDER
                .matcher(line)
                .replaceAll(found -> Matcher.quoteReplacement(
                        found.group(1) != null
                                ? found.group(1).equals("run") ? run(found.group(2)) : text(found.group(2))
                                : found.group(3) != null
                                        ? option(found.group(3), found.group(4))
                                        : value(found.group(5), found.group(6))))
                .replaceAll("(?<=\\S) {2,}(?=\\S)", " ");
    }

    private String option(String option, String name) {
        return values.find(name)
                .map(value -> option + " " + Shell.setting(value, qualified(name), needs))
                .orElse("");
    }

    private String value(String name, @org.jspecify.annotations.Nullable String otherwise) {
        return switch (name) {
            case "env" -> environment();
            case "migrations" -> values.migrations().stream().map(Shell::word).collect(Collectors.joining(" "));
            default ->
                values.find(name)
                        .map(value -> Shell.setting(value, qualified(name), needs))
                        .or(() -> Optional.ofNullable(otherwise))
                        .orElseGet(() -> needs.variable(
                                qualified(name),
                                "the " + name + " of " + values.step().component()));
        };
    }

    private String environment() {
        List<String> words = new ArrayList<>();
        values.environment()
                .forEach((name, value) ->
                        words.add(Shell.word(name + "=") + Shell.setting(value, qualified("env." + name), needs)));
        return String.join(" ", words);
    }

    private String run(String name) {
        Optional<String> command = values.command(name).filter(text -> !text.isBlank());
        if (command.isEmpty()) {
            return "eval "
                    + needs.variable(
                            qualified(name), "the command for " + values.step().title() + ", which nobody told Upkeep");
        }
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command.get());
        while (word.find()) {
            words.add(word(
                    word.group(1) != null ? word.group(1) : word.group(2) != null ? word.group(2) : word.group(3),
                    name));
        }
        return String.join(" ", words);
    }

    /** A setting whose placeholders are filled in, as one word. */
    private String text(String name) {
        return values.find(name)
                .map(template -> word(template, name))
                .orElseGet(() -> needs.variable(
                        qualified(name), "the " + name + " of " + values.step().component()));
    }

    /** A word of a component's own command; a placeholder's value stays within it. */
    private String word(String text, String of) {
        Map<String, String> known = values.ofCommands();
        StringBuilder filled = new StringBuilder();
        int at = 0;
        Matcher inner = INNER.matcher(text);
        while (inner.find()) {
            appendWord(filled, text.substring(at, inner.start()));
            String value = known.get(inner.group(1));
            if (inner.group(1).equals("migration")) {
                filled.append("\"$migration\"");
            } else {
                filled.append(
                        value == null
                                ? needs.variable(
                                        qualified(inner.group(1)),
                                        "what {" + inner.group(1) + "} stands for in " + of + " of "
                                                + values.step().component())
                                : Shell.setting(value, qualified(inner.group(1)), needs));
            }
            at = inner.end();
        }
        if (at == 0 && (text.startsWith("env:") || text.startsWith("file:") || text.startsWith("vault:"))) {
            return Shell.setting(text, qualified(of), needs);
        }
        appendWord(filled, text.substring(at));
        return filled.isEmpty() ? "''" : filled.toString();
    }

    private static void appendWord(StringBuilder filled, String text) {
        if (!text.isEmpty()) {
            filled.append(Shell.word(text));
        }
    }

    private String qualified(String name) {
        return values.step().component() + "_" + name.replaceFirst("^setting\\.", "");
    }
}
