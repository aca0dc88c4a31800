package dev.upkeep.local;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person sees: lines that run upwards and, on a real terminal, a footer below them that is drawn anew in place.
 *
 * <p>Where standard output is no terminal there is no footer, no colour, and a line is as long as its text.
 */
final class Terminal {
    private static final char ESCAPE = '\u001b';
    private static final String ABOVE_AND_CLEAR = "%dA" + ESCAPE + "[J";

    private final PrintStream out;
    private final @Nullable Screen screen;
    private final boolean colours;
    private int footerLines;
    private List<String> footer = List.of();

    /** @param screen the terminal's, null if the stream is none */
    Terminal(PrintStream out, @Nullable Screen screen, boolean colours) {
        this.out = out;
        this.screen = screen;
        this.colours = colours;
    }

    /** Standard output: a terminal if {@code ./upkeep} saw that it is one; coloured unless NO_COLOR is set. */
    static Terminal standard() {
        boolean live = Boolean.getBoolean("upkeep.terminal") && !"dumb".equals(System.getenv("TERM"));
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                live ? new Screen() : null,
                live && System.getenv("NO_COLOR") == null);
    }

    /** How many characters fit into a line. */
    int columns() {
        return screen == null ? Integer.MAX_VALUE : screen.size().columns();
    }

    /** A path as a person who stands where the command was called would type it. */
    static String path(Path path) {
        Path from = Path.of(System.getProperty("upkeep.from", "/nowhere"));
        return path.startsWith(from) && !path.equals(from)
                ? from.relativize(path).toString()
                : path.toString();
    }

    synchronized void line(String text) {
        StringBuilder all = new StringBuilder(erased());
        all.append(text).append('\n');
        draw(all);
    }

    /** Shows these lines below all others, in place of those shown there before; too many for the screen are not shown. */
    synchronized void footer(List<String> lines) {
        if (screen == null) {
            return;
        }
        StringBuilder all = new StringBuilder(erased());
        boolean fits = lines.size() < screen.size().rows() - 4;
        footer = fits ? List.copyOf(lines) : List.of();
        draw(all);
    }

    private String erased() {
        return footerLines == 0 ? "" : ESCAPE + "[" + ABOVE_AND_CLEAR.formatted(footerLines);
    }

    private void draw(StringBuilder before) {
        int width = columns();
        footer.forEach(line -> before.append(cut(line, width - 1)).append('\n'));
        footerLines = footer.size();
        out.print(before);
        out.flush();
    }

    void title(String text) {
        line("");
        line(bold(text));
    }

    String bold(String text) {
        return paint("1", text);
    }

    String dim(String text) {
        return paint("2", text);
    }

    String good(String text) {
        return paint("32", text);
    }

    String bad(String text) {
        return paint("31", text);
    }

    String note(String text) {
        return paint("33", text);
    }

    private String paint(String code, String text) {
        return colours ? ESCAPE + "[" + code + "m" + text + ESCAPE + "[0m" : text;
    }

    /** A text that may be painted, at most so many visible characters long; what is lost is marked. */
    static String cut(String text, int width) {
        StringBuilder kept = new StringBuilder();
        int visible = 0;
        boolean painted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ESCAPE) {
                int end = text.indexOf('m', i);
                kept.append(text, i, end + 1);
                painted = true;
                i = end;
            } else if (visible == width - 1 && visibleLength(text.substring(i)) > 1) {
                return kept.append('…').append(painted ? ESCAPE + "[0m" : "").toString();
            } else {
                kept.append(c);
                visible++;
            }
        }
        return kept.toString();
    }

    static int visibleLength(String text) {
        return text.replaceAll(ESCAPE + "\\[[0-9;]*m", "").length();
    }

    /** A plain text as lines of at most so many characters, broken between words where that can be. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int space = rest.lastIndexOf(' ', width);
            int end = space > width / 2 ? space : width;
            lines.add(rest.substring(0, end).stripTrailing());
            rest = rest.substring(end).stripLeading();
        }
        lines.add(rest);
        return lines;
    }

    /** Rows of cells in columns as wide as their widest cell. */
    void table(List<String> heading, List<List<String>> rows) {
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < heading.size(); i++) {
            int column = i;
            widths.add(Math.max(
                    heading.get(i).length(),
                    rows.stream()
                            .mapToInt(row -> visibleLength(row.get(column)))
                            .max()
                            .orElse(0)));
        }
        int width = columns();
        line(cut("  " + bold(cells(heading, widths)), width));
        rows.forEach(row -> line(cut("  " + cells(row, widths), width)));
    }

    private static String cells(List<String> row, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            line.append(row.get(i)).repeat(' ', widths.get(i) - visibleLength(row.get(i)) + 2);
        }
        return line.toString().stripTrailing();
    }
}
