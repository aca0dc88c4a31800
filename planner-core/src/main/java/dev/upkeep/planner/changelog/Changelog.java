package dev.upkeep.planner.changelog;

import dev.upkeep.contract.Version;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.commonmark.node.Heading;
import org.commonmark.node.LinkReferenceDefinition;
import org.commonmark.node.Node;
import org.commonmark.node.SourceSpan;

/**
 * A CHANGELOG.md as in <a href="https://keepachangelog.com">Keep a Changelog</a>: a heading a version, with its date, and below it what
 * changed, by section. Other tools' habits are understood too: a leading v, a date in parentheses, versions as first-level headings.
 */
public final class Changelog {
    private static final Pattern VERSION = Pattern.compile(
            "(?:(?:version|release)\\s+)?\\[?v?(\\d+\\.\\d+\\.\\d+(?:-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?)\\]?(?:[\\s(:–—-].*)?",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern DATE = Pattern.compile("\\b(\\d{4}-\\d{2}-\\d{2})\\b");
    private static final int DEEPEST_VERSION = 2;

    private final List<Edition> editions;

    private Changelog(List<Edition> editions) {
        this.editions = List.copyOf(editions);
    }

    /** What it says of each version, as it stands in the text: the newest first, as a rule. */
    public List<Edition> editions() {
        return editions;
    }

    /** What it says of a version. */
    public List<Edition> editions(Version version) {
        return editions.stream().filter(e -> e.version().equals(version)).toList();
    }

    /** Reads one; any text is one, if perhaps without versions. */
    public static Changelog parse(String text) {
        Markdown document = Markdown.parse(text);
        List<Node> blocks = document.blocks();
        Collection<LinkReferenceDefinition> definitions = document.definitions();
        List<Edition> editions = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Optional<Matcher> version = version(blocks.get(i));
            if (version.isPresent()) {
                List<Node> own = blocks.subList(i + 1, end(blocks, i));
                editions.add(edition(document, (Heading) blocks.get(i), version.get(), own, definitions));
            }
        }
        return new Changelog(editions);
    }

    private static Optional<Matcher> version(Node block) {
        if (block instanceof Heading heading && heading.getLevel() <= DEEPEST_VERSION) {
            Matcher matcher = VERSION.matcher(Prose.of(heading).strip());
            if (matcher.matches() && isVersion(matcher.group(1))) {
                return Optional.of(matcher);
            }
        }
        return Optional.empty();
    }

    private static boolean isVersion(String text) {
        try {
            Version.of(text);
            return true;
        } catch (IllegalArgumentException none) {
            return false;
        }
    }

    /** Where what is said of a version ends: at the next version, or at a heading that is no part of it. */
    private static int end(List<Node> blocks, int heading) {
        int level = ((Heading) blocks.get(heading)).getLevel();
        for (int i = heading + 1; i < blocks.size(); i++) {
            if (blocks.get(i) instanceof Heading next
                    && (next.getLevel() <= level || version(next).isPresent())) {
                return i;
            }
        }
        return blocks.size();
    }

    private static Edition edition(
            Markdown document,
            Heading heading,
            Matcher version,
            List<Node> blocks,
            Collection<LinkReferenceDefinition> definitions) {
        String title = version.group();
        return new Edition(
                Version.of(version.group(1)),
                date(title),
                title.toLowerCase(Locale.ROOT).contains("[yanked]"),
                Passage.of(document, blocks),
                source(document, heading, blocks, definitions));
    }

    private static Optional<LocalDate> date(String title) {
        Matcher matcher = DATE.matcher(title);
        try {
            return matcher.find() ? Optional.of(LocalDate.parse(matcher.group(1))) : Optional.empty();
        } catch (DateTimeException none) {
            return Optional.empty();
        }
    }

    /** The lines that say something of the version, and what their links refer to; nothing that another version could change. */
    private static String source(
            Markdown document, Heading heading, List<Node> blocks, Collection<LinkReferenceDefinition> definitions) {
        List<String> lines = new ArrayList<>();
        int last = -1;
        List<Node> all = new ArrayList<>();
        all.add(heading);
        all.addAll(blocks);
        for (Node block : all) {
            List<Integer> own = block.getSourceSpans().stream()
                    .map(SourceSpan::getLineIndex)
                    .distinct()
                    .toList();
            if (!own.isEmpty()) {
                // Lines between two blocks are blank; of however many, one stays.
                if (last >= 0 && own.getFirst() > last + 1) {
                    lines.add("");
                }
                own.forEach(line -> lines.add(document.line(line)));
                last = own.getLast();
            }
        }
        String body = String.join("\n", lines);
        String below = String.join("\n", lines.subList(1, lines.size())).toLowerCase(Locale.ROOT);
        Map<String, String> referred = new LinkedHashMap<>();
        for (LinkReferenceDefinition definition : definitions) {
            if (below.contains("[" + definition.getLabel().toLowerCase(Locale.ROOT) + "]")) {
                referred.putIfAbsent(
                        definition.getLabel(),
                        "[" + definition.getLabel() + "]: <" + definition.getDestination() + ">");
            }
        }
        return body + "\n" + (referred.isEmpty() ? "" : "\n" + String.join("\n", referred.values()) + "\n");
    }
}
