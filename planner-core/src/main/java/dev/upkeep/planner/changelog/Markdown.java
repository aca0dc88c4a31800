package dev.upkeep.planner.changelog;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.node.LinkReferenceDefinition;
import org.commonmark.node.Node;
import org.commonmark.node.SourceSpan;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/** A text in Markdown as a tree, each block of which knows its lines. */
record Markdown(List<String> lines, Node tree) {
    private static final Parser PARSER =
            Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build();

    static Markdown parse(String text) {
        return new Markdown(text.lines().toList(), PARSER.parse(text));
    }

    /** What stands at the top of the tree, without the definitions of link targets. */
    List<Node> blocks() {
        return children(tree).stream()
                .filter(n -> !(n instanceof LinkReferenceDefinition))
                .toList();
    }

    List<LinkReferenceDefinition> definitions() {
        return children(tree).stream()
                .filter(LinkReferenceDefinition.class::isInstance)
                .map(LinkReferenceDefinition.class::cast)
                .toList();
    }

    String line(int index) {
        return lines.get(index);
    }

    /** A block as its author wrote it, on one line. */
    String source(Node block) {
        StringBuilder text = new StringBuilder();
        for (SourceSpan span : block.getSourceSpans()) {
            String line = line(span.getLineIndex());
            int end = Math.min(line.length(), span.getColumnIndex() + span.getLength());
            text.append(line, Math.min(span.getColumnIndex(), end), end).append(' ');
        }
        return text.toString().strip().replaceAll("\\s+", " ");
    }

    static List<Node> children(Node parent) {
        List<Node> children = new ArrayList<>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) {
            children.add(child);
        }
        return children;
    }
}
