package dev.upkeep.planner.changelog;

import dev.upkeep.planner.core.Policies.NotesPolicy;
import dev.upkeep.planner.core.Release;
import dev.upkeep.planner.core.Release.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds the words and labels of notes that ask for somebody's acknowledgement. */
public final class Triggers {
    private Triggers() {}

    /** Notes that were given section by section, each line in Markdown, with the triggers that are found in them. */
    public static Release.Notes notes(Map<Section, List<String>> sections, NotesPolicy policy) {
        List<Passage> passages = new ArrayList<>();
        sections.forEach((section, lines) -> {
            if (!lines.isEmpty()) {
                passages.add(passage(section, lines));
            }
        });
        return new Release.Notes(sections, in(passages, policy));
    }

    private static Passage passage(Section section, List<String> lines) {
        List<Item> items = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        for (String line : lines) {
            Markdown document = Markdown.parse(line);
            for (Passage part : Passage.of(document, document.blocks())) {
                items.addAll(part.items());
                prose.append(part.title()).append('\n').append(part.prose()).append('\n');
            }
        }
        return new Passage(section.word().replace('-', ' '), section, items, prose.toString());
    }

    /** Words count wherever there is prose; labels as the title of a section or at the beginning of a line. */
    static Set<String> in(List<Passage> passages, NotesPolicy policy) {
        Set<String> found = new TreeSet<>();
        for (Passage passage : passages) {
            Words title = Words.of(passage.title());
            Words prose = Words.of(passage.prose());
            for (String trigger : policy.triggers()) {
                Words wanted = Words.of(trigger);
                if (title.contain(wanted) || prose.contain(wanted)) {
                    found.add(trigger);
                }
            }
            for (String label : policy.labels()) {
                Words wanted = Words.of(label);
                if (title.contain(wanted)
                        || passage.items().stream()
                                .anyMatch(item -> Words.of(item.label()).contain(wanted))) {
                    found.add(label);
                }
            }
        }
        return found;
    }
}
