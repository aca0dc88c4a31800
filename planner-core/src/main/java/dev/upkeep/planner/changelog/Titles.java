package dev.upkeep.planner.changelog;

import dev.upkeep.planner.core.Release.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which section a heading or the label of a line stands for. */
final class Titles {
    // In this order: "Breaking changes" are breaking before they are changes.
    private static final Map<Section, List<String>> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put(Section.BREAKING, List.of("breaking", "breaking change"));
        NAMES.put(Section.ACTION_REQUIRED, List.of("action required"));
        NAMES.put(Section.MIGRATION, List.of("migration"));
        NAMES.put(Section.REMOVED, List.of("remove", "removal"));
        NAMES.put(Section.SECURITY, List.of("security"));
        NAMES.put(Section.DEPRECATED, List.of("deprecated", "deprecation"));
        NAMES.put(Section.FIXED, List.of("fix", "fixed", "bug fix", "bugfix"));
        NAMES.put(Section.ADDED, List.of("add", "added", "new", "feature"));
        NAMES.put(Section.CHANGED, List.of("change", "changed"));
    }

    private Titles() {}

    /** The section of a heading whose title holds one of its names. */
    static Optional<Section> section(String title) {
        Words words = Words.of(title);
        return NAMES.entrySet().stream()
                .filter(e -> e.getValue().stream().anyMatch(name -> words.contain(Words.of(name))))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The section of a line whose label is one of its names and nothing else: "Fixed paths: …" is no label. */
    static Optional<Section> labelled(String label) {
        Words words = Words.of(label);
        return NAMES.entrySet().stream()
                .filter(e -> e.getValue().stream()
                        .map(Words::of)
                        .anyMatch(name -> name.words().size() == words.words().size() && words.contain(name)))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
