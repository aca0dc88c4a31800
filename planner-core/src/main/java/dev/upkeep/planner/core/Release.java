package dev.upkeep.planner.core;

import dev.upkeep.contract.ComponentName;
import dev.upkeep.contract.ProductName;
import dev.upkeep.contract.Version;
import dev.upkeep.contract.step.Artifact;
import dev.upkeep.contract.step.Migration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One version of a product; it never changes once it is published.
 *
 * @param artifacts the components' bytes; a component that it does not name stays as it is
 * @param stamps the number that an artifact carries, where it is stated
 * @param migrations those that it adds to the release before it, in the order they run
 * @param costs by migration id, what running it takes
 * @param settings what becomes of settings
 * @param changes what it changes for others, besides settings and schema
 * @param deprecations what it announces to go away
 * @param removals what is gone
 * @param tasks what must be run once, after everything is proven, in this order and no other
 * @param advisories the security advisories that it answers; with any it is a security release
 * @param thirdParty what it needs of third parties, over what the product's matrix says
 * @param definitions the components whose pod, chart or manifest it changes
 * @param needsWindow whether its notes say that it needs a maintenance window
 * @param guide where its migration guide is
 */
public record Release(
        ProductName product,
        Version version,
        Map<ComponentName, Artifact> artifacts,
        Map<ComponentName, String> stamps,
        List<Migration> migrations,
        Map<String, Cost> costs,
        List<SettingChange> settings,
        List<Change> changes,
        List<Deprecated> deprecations,
        List<Removed> removals,
        List<Task> tasks,
        List<Advisory> advisories,
        Map<String, Range> thirdParty,
        Set<ComponentName> definitions,
        boolean needsWindow,
        Optional<String> guide,
        Notes notes) {
    public Release {
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        artifacts = Map.copyOf(artifacts);
        stamps = Map.copyOf(stamps);
        migrations = List.copyOf(migrations);
        costs = Map.copyOf(costs);
        settings = List.copyOf(settings);
        changes = List.copyOf(changes);
        deprecations = List.copyOf(deprecations);
        removals = List.copyOf(removals);
        tasks = List.copyOf(tasks);
        advisories = List.copyOf(advisories);
        thirdParty = Map.copyOf(thirdParty);
        definitions = Set.copyOf(definitions);
        Objects.requireNonNull(guide, "guide");
        Objects.requireNonNull(notes, "notes");
    }

    /** One that brings artifacts, migrations and notes, and changes nothing else. */
    public static Release plain(
            ProductName product,
            Version version,
            Map<ComponentName, Artifact> artifacts,
            List<Migration> migrations,
            Notes notes) {
        return new Release(
                product,
                version,
                artifacts,
                Map.of(),
                migrations,
                Map.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of(),
                Set.of(),
                false,
                Optional.empty(),
                notes);
    }

    /** Whether it answers a security advisory. */
    public boolean isSecurity() {
        return !advisories.isEmpty();
    }

    /**
     * The lines of its notes that may be told: until each of its advisories is disclosed, nothing that stands under
     * security, and no line that names one that is not.
     */
    public List<String> told(Instant now) {
        List<String> hidden = advisories.stream()
                .filter(a -> a.disclosedAt().filter(now::isBefore).isPresent())
                .map(Advisory::id)
                .toList();
        return notes.lines().stream()
                .filter(line -> hidden.isEmpty()
                        || (!line.startsWith(Section.SECURITY.word() + ": ")
                                && hidden.stream().noneMatch(line::contains)))
                .toList();
    }

    /**
     * What a migration costs.
     *
     * @param least what it takes on an empty table
     * @param rewrites the table that it writes anew, whose rows then count
     * @param perMillionRows what each million of them adds
     * @param needsWindow whether its notes ask for a window
     */
    public record Cost(Duration least, Optional<String> rewrites, Duration perMillionRows, boolean needsWindow) {
        public Cost {
            Objects.requireNonNull(rewrites, "rewrites");
            if (least.isNegative() || perMillionRows.isNegative()) {
                throw new IllegalArgumentException("a migration takes no negative time");
            }
        }
    }

    /**
     * What becomes of one setting.
     *
     * @param to its new name, where it is renamed
     * @param value its new default, where that is changed
     */
    public record SettingChange(String name, ComponentName component, Fate fate, String to, String value) {
        public SettingChange {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(component, "component");
            Objects.requireNonNull(fate, "fate");
            Objects.requireNonNull(to, "to");
            Objects.requireNonNull(value, "value");
        }

        /** What becomes of it. */
        public enum Fate {
            NEW,
            REQUIRED,
            RENAMED,
            DEPRECATED,
            REMOVED,
            DEFAULT_CHANGED,
            PARSED_OTHERWISE
        }
    }

    /** The kinds of change that a product may call breaking. */
    public enum Kind {
        /** A request or response shape changes in a way that is not additive. */
        API,
        /** A setting is renamed or read otherwise. */
        SETTING,
        /** A setting that was optional is required. */
        SETTING_REQUIRED,
        /** A migration can't be taken back without losing data. */
        IRREVERSIBLE_MIGRATION,
        /** A configuration that was valid is refused. */
        CONFIGURATION,
        /** A built-in role may do less. */
        ROLE,
        /** A signature of the SDK changes in a way that is not additive. */
        SDK,
        /** The format on the wire between components changes. */
        WIRE_FORMAT,
        /** Something is removed. */
        REMOVAL,
        /** It behaves otherwise. */
        BEHAVIOUR;

        /** The word in documents, such as {@code wire-format}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** One change of a kind; {@code breaking} as its author declares it. */
    public record Change(Kind kind, String what, boolean breaking) {
        public Change {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(what, "what");
        }
    }

    /**
     * Something that will go away.
     *
     * @param until the version that may remove it, where it stays longer than the product promises
     */
    public record Deprecated(String id, String what, String replacement, Optional<Version> until) {
        public Deprecated {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(replacement, "replacement");
            Objects.requireNonNull(until, "until");
        }
    }

    /** Something that went away; {@code replacement} names or links what takes its place. */
    public record Removed(String id, String what, String replacement) {
        public Removed {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(what, "what");
            Objects.requireNonNull(replacement, "replacement");
        }
    }

    /** A task of the named component, run once after the new version is proven. */
    public record Task(String name, ComponentName component, String why) {
        public Task {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(component, "component");
            Objects.requireNonNull(why, "why");
        }
    }

    /** A security advisory; nothing of it is told before {@code disclosedAt}. */
    public record Advisory(String id, String severity, Optional<Instant> disclosedAt) {
        public Advisory {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(severity, "severity");
            Objects.requireNonNull(disclosedAt, "disclosedAt");
        }
    }

    /** The parts of release notes, what hurts most first. */
    public enum Section {
        BREAKING,
        REMOVED,
        MIGRATION,
        ACTION_REQUIRED,
        SECURITY,
        DEPRECATED,
        CHANGED,
        ADDED,
        FIXED;

        /** The word in documents, such as {@code action-required}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What a person is told, by section.
     *
     * @param triggers the trigger words and labels that were found in them, by parsing
     */
    public record Notes(Map<Section, List<String>> sections, Set<String> triggers) {
        /** No notes. */
        public static final Notes NONE = new Notes(Map.of(), Set.of());

        public Notes {
            Map<Section, List<String>> copied = new java.util.EnumMap<>(Section.class);
            sections.forEach((section, lines) -> copied.put(section, List.copyOf(lines)));
            sections = Map.copyOf(copied);
            triggers = Set.copyOf(triggers);
        }

        /** A section's lines. */
        public List<String> of(Section section) {
            return sections.getOrDefault(section, List.of());
        }

        /** One line a note, what hurts most first. */
        public List<String> lines() {
            List<String> lines = new ArrayList<>();
            for (Section section : Section.values()) {
                of(section).forEach(line -> lines.add(section.word() + ": " + line));
            }
            return lines;
        }
    }
}
