package dev.upkeep.planner.changelog;

import dev.upkeep.planner.core.Release.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.commonmark.node.BlockQuote;
import org.commonmark.node.Heading;
import org.commonmark.node.ListBlock;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;

/**
 * What stands under one heading.
 *
 * @param title the heading's prose; empty for what stands before any heading
 * @param items what a person is told one by one
 * @param prose all that is prose in it, items or not
 */
record Passage(String title, Section section, List<Item> items, String prose) {
    Passage {
        items = List.copyOf(items);
    }

    /** The passages of a version; a heading without a known name belongs to the one above it. */
    static List<Passage> of(Markdown document, List<Node> blocks) {
        List<Passage> passages = new ArrayList<>();
        TreeMap<Integer, Section> above = new TreeMap<>();
        String title = "";
        Section section = Section.CHANGED;
        int from = 0;
        for (int i = 0; i <= blocks.size(); i++) {
            if (i == blocks.size() || blocks.get(i) instanceof Heading) {
                if (i > from || !title.isEmpty()) {
                    passages.add(passage(document, title, section, blocks.subList(from, i)));
                }
                from = i + 1;
            }
            if (i < blocks.size() && blocks.get(i) instanceof Heading heading) {
                above.tailMap(heading.getLevel(), true).clear();
                title = Prose.of(heading).strip();
                Section inherited =
                        above.isEmpty() ? Section.CHANGED : above.lastEntry().getValue();
                section = Titles.section(title).orElse(inherited);
                above.put(heading.getLevel(), section);
            }
        }
        return passages;
    }

    private static Passage passage(Markdown document, String title, Section section, List<Node> blocks) {
        List<Item> items = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        for (Node block : blocks) {
            prose.append(Prose.of(block)).append('\n');
            collect(document, block, items);
        }
        return new Passage(title, section, items, prose.toString());
    }

    private static void collect(Markdown document, Node block, List<Item> items) {
        if (block instanceof Paragraph) {
            item(document, List.of(block)).ifPresent(items::add);
        } else if (block instanceof ListBlock || block instanceof BlockQuote) {
            for (Node child : Markdown.children(block)) {
                if (block instanceof ListBlock) {
                    item(document, paragraphs(child)).ifPresent(items::add);
                } else {
                    collect(document, child, items);
                }
            }
        }
    }

    private static Optional<Item> item(Markdown document, List<Node> paragraphs) {
        return paragraphs.isEmpty()
                ? Optional.empty()
                : Optional.of(Item.of(
                        paragraphs.getFirst(),
                        paragraphs.stream().map(document::source).toList()));
    }

    private static List<Node> paragraphs(Node node) {
        List<Node> found = new ArrayList<>();
        for (Node child : Markdown.children(node)) {
            if (child instanceof Paragraph) {
                found.add(child);
            } else {
                found.addAll(paragraphs(child));
            }
        }
        return found;
    }
}
