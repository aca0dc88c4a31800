package dev.upkeep.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Columns, each as wide as its widest cell, the last one free to run on. */
public final class Table {
    private final List<String> heading;
    private final List<List<String>> rows = new ArrayList<>();

    /** A table with these column headings. */
    public Table(String... heading) {
        this.heading = List.of(heading);
    }

    /** Adds a row with one cell for each column. */
    public Table row(String... cells) {
        if (cells.length != heading.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + heading.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    /** Prints the headings and the rows; with no rows, {@code none} instead. */
    public void print(PrintWriter out, String none) {
        if (rows.isEmpty()) {
            out.println(none);
            return;
        }
        int[] widths = new int[heading.size()];
        List<List<String>> all = new ArrayList<>();
        all.add(heading);
        all.addAll(rows);
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(
                        widths[i], row.get(i).codePointCount(0, row.get(i).length()));
            }
        }
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                line.append(cell);
                if (i < widths.length - 1) {
                    line.repeat(' ', widths[i] - cell.codePointCount(0, cell.length()) + 2);
                }
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
