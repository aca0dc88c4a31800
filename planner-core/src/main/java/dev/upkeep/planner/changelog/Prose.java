package dev.upkeep.planner.changelog;

import java.util.regex.Pattern;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Block;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;

/** What of a part of Markdown is meant to be read as prose: no code, no addresses, no markup. */
final class Prose {
    private static final Pattern TAG_OR_COMMENT = Pattern.compile("<!--.*?-->|<[^>]*>", Pattern.DOTALL);
    private static final Pattern ADDRESS = Pattern.compile("\\b[a-zA-Z][a-zA-Z0-9+.-]*://\\S+|\\bwww\\.\\S+");

    private Prose() {}

    /** A node's prose; its blocks are apart from each other. */
    static String of(Node node) {
        Reader reader = new Reader();
        node.accept(reader);
        return ADDRESS.matcher(reader.text).replaceAll(" ");
    }

    private static final class Reader extends AbstractVisitor {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void visit(Text node) {
            text.append(node.getLiteral());
        }

        @Override
        public void visit(Code node) {
            text.append(' ');
        }

        @Override
        public void visit(SoftLineBreak node) {
            text.append(' ');
        }

        @Override
        public void visit(HardLineBreak node) {
            text.append(' ');
        }

        @Override
        public void visit(Link node) {
            // An address in angle brackets is its own text.
            boolean isAddress = node.getFirstChild() instanceof Text only
                    && only.getNext() == null
                    && (node.getDestination().equals(only.getLiteral())
                            || node.getDestination().equals("mailto:" + only.getLiteral()));
            if (isAddress) {
                text.append(' ');
            } else {
                visitChildren(node);
            }
        }

        @Override
        public void visit(FencedCodeBlock node) {
            text.append('\n');
        }

        @Override
        public void visit(IndentedCodeBlock node) {
            text.append('\n');
        }

        @Override
        public void visit(HtmlBlock node) {
            text.append(TAG_OR_COMMENT.matcher(node.getLiteral()).replaceAll(" "))
                    .append('\n');
        }

        @Override
        public void visit(Paragraph node) {
            visitChildren(node);
            text.append('\n');
        }

        @Override
        public void visit(CustomBlock node) {
            visitChildren(node);
            text.append('\n');
        }

        @Override
        protected void visitChildren(Node parent) {
            super.visitChildren(parent);
            if (parent instanceof Block) {
                text.append('\n');
            }
        }
    }
}
