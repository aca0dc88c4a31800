package dev.upkeep.executor.driver;

import dev.upkeep.executor.driver.Outcome.Failed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/**
 * Reads in what a component logs which migrations ran, by the patterns that its descriptor names: {@code migration-line}
 * with the groups {@code name}, {@code skipped}, {@code took}, and {@code migration-failure} with {@code name},
 * {@code reason}.
 */
public record MigrationLog(Optional<Pattern> line, Optional<Pattern> failure) {
    private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

    /**
     * By what a component's settings say.
     *
     * @param component its name, for a person
     * @param settings each by its name, where it is set
     * @throws Refused if a pattern is none, or names no migration
     */
    public static MigrationLog of(String component, Function<String, Optional<String>> settings) {
        return new MigrationLog(
                pattern(component, settings, "migration-line"), pattern(component, settings, "migration-failure"));
    }

    private static Optional<Pattern> pattern(
            String component, Function<String, Optional<String>> settings, String setting) {
        return settings.apply(setting).map(text -> {
            try {
                Pattern pattern = Pattern.compile(text);
                if (!groups(pattern).contains("name")) {
                    throw malformed(component, setting, "it has no group (?<name>…)");
                }
                return pattern;
            } catch (PatternSyntaxException e) {
                throw malformed(component, setting, e.getDescription());
            }
        });
    }

    private static Refused malformed(String component, String setting, String why) {
        return new Refused(Failed.forGood(
                Failure.SETTING_MISSING,
                "setting " + setting + " of " + component + ": " + why,
                "Correct the pattern in the descriptor"));
    }

    /**
     * What the log says.
     *
     * @param ran and how long each took, where that is said; in their order
     * @param failed the one that failed, and why
     */
    public record Summary(Map<String, String> ran, List<String> skipped, Optional<Broken> failed) {
        /** As facts; nothing where nothing was said. */
        public Map<String, String> found() {
            if (ran.isEmpty() && skipped.isEmpty()) {
                return Map.of();
            }
            return Map.of(
                    "migrations.ran", String.join(",", ran.keySet()),
                    "migrations.skipped", Integer.toString(skipped.size()),
                    "migrations.took",
                            ran.entrySet().stream()
                                    .filter(e -> !e.getValue().isEmpty())
                                    .map(e -> e.getKey() + "=" + e.getValue())
                                    .collect(Collectors.joining(",")));
        }

        public String told() {
            String done = ran.entrySet().stream()
                    .map(e -> e.getKey() + (e.getValue().isEmpty() ? "" : " in " + e.getValue()))
                    .collect(Collectors.joining(", "));
            return (ran.isEmpty()
                            ? "no migration ran"
                            : (ran.size() == 1 ? "migration " : "migrations ") + done + " ran")
                    + (skipped.isEmpty() ? "" : "; " + skipped.size() + " had run before");
        }

        public boolean silent() {
            return ran.isEmpty() && skipped.isEmpty() && failed.isEmpty();
        }
    }

    public record Broken(String name, String reason) {}

    public Summary read(List<String> log) {
        Map<String, String> ran = new LinkedHashMap<>();
        List<String> skipped = new ArrayList<>();
        Optional<Broken> failed = Optional.empty();
        for (String each : log) {
            Optional<Matcher> broken = failure.map(p -> p.matcher(each)).filter(Matcher::find);
            if (broken.isPresent()) {
                failed = Optional.of(new Broken(group(broken.get(), "name"), group(broken.get(), "reason")));
                continue;
            }
            line.map(p -> p.matcher(each)).filter(Matcher::find).ifPresent(found -> {
                if (group(found, "skipped").isEmpty()) {
                    ran.put(group(found, "name"), group(found, "took"));
                } else {
                    skipped.add(group(found, "name"));
                }
            });
        }
        return new Summary(ran, skipped, failed);
    }

    /** A failure that the log gives a name, if it does. */
    public static Optional<Failed> failure(Summary summary) {
        return summary.failed()
                .map(broken -> Failed.forGood(
                        Failure.MIGRATION_FAILED,
                        "migration " + broken.name() + " failed"
                                + (broken.reason().isEmpty() ? "" : ": " + broken.reason()),
                        "Correct what it complains of, in a new release if it is the release's"));
    }

    private static String group(Matcher matcher, String name) {
        String found = groups(matcher.pattern()).contains(name) ? matcher.group(name) : null;
        return found == null ? "" : found.strip();
    }

    private static List<String> groups(Pattern pattern) {
        return GROUP.matcher(pattern.pattern())
                .results()
                .map(result -> result.group(1))
                .toList();
    }
}
