package dev.upkeep.local;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a person sees: plain lines, coloured where the terminal shows colours. */
final class Terminal {
    private static final String ESCAPE = "\u001b[";

    private final PrintStream out;
    private final boolean colours;

    Terminal(PrintStream out, boolean colours) {
        this.out = out;
        this.colours = colours;
    }

    /** Standard output; coloured if {@code ./upkeep} saw that it is a terminal and NO_COLOR is not set. */
    static Terminal standard() {
        boolean colours = System.getenv("NO_COLOR") == null && Boolean.getBoolean("upkeep.colours");
        return new Terminal(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8), colours);
    }

    synchronized void line(String text) {
        out.println(text);
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
        return colours ? ESCAPE + code + "m" + text + ESCAPE + "0m" : text;
    }

    /** Rows of cells in columns as wide as their widest cell. */
    void table(List<String> heading, List<List<String>> rows) {
        int[] widths = new int[heading.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(
                    heading.get(i).length(),
                    rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
        }
        line("  " + bold(cells(heading, widths)));
        rows.forEach(row -> line("  " + cells(row, widths)));
    }

    private static String cells(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
        }
        return line.toString().stripTrailing();
    }
}
