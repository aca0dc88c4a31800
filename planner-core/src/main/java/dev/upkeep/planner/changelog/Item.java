package dev.upkeep.planner.changelog;

import dev.upkeep.planner.core.Release.Section;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.node.Emphasis;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.StrongEmphasis;

/**
 * One thing that a person is told.
 *
 * @param label what it begins with, such as {@code Breaking}; empty if with none
 * @param text as its author wrote it, on one line
 */
record Item(String label, String text) {
    private static final Pattern BRACKETED = Pattern.compile("^\\s*[\\[(]([^\\])]{1,60})[\\])]");
    private static final Pattern BEFORE_COLON =
            Pattern.compile("^\\s*([\\p{L}\\p{N}][\\p{L}\\p{N} -]{0,40}?)\\s*:(?=\\s|$)");
    private static final int LONGEST = 4;

    /**
     * Reads one.
     *
     * @param first its first paragraph
     * @param sources its paragraphs as they were written
     */
    static Item of(Node first, List<String> sources) {
        String text = String.join("; ", sources);
        Optional<String> label = label(first);
        return new Item(
                label.orElse(""), label.flatMap(Titles::labelled).isPresent() ? without(label.get(), text) : text);
    }

    /** The section that its label sends it to. */
    Optional<Section> section() {
        return Titles.labelled(label);
    }

    private static Optional<String> label(Node paragraph) {
        Node start = paragraph.getFirstChild();
        if (start instanceof StrongEmphasis || start instanceof Emphasis || start instanceof Link) {
            return Optional.of(Prose.of(start).strip()).filter(Item::isShort);
        }
        String prose = Prose.of(paragraph);
        for (Pattern shape : List.of(BRACKETED, BEFORE_COLON)) {
            Matcher matcher = shape.matcher(prose);
            if (matcher.find()) {
                return Optional.of(matcher.group(1).strip()).filter(Item::isShort);
            }
        }
        return Optional.empty();
    }

    private static boolean isShort(String label) {
        int words = Words.of(label).words().size();
        return words > 0 && words <= LONGEST;
    }

    private static String without(String label, String text) {
        String name =
                label.endsWith(":") ? label.substring(0, label.length() - 1).strip() : label;
        String rest = Pattern.compile("^[*_\\[(\\s]*" + Pattern.quote(name) + "[*_\\])\\s:]*(?:[–—-]\\s+)?")
                .matcher(text)
                .replaceFirst("");
        return rest.isBlank() ? text : rest;
    }
}
