package dev.upkeep.executor.driver.postgresql;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Tells a person what is in a gap: how much, when, whose rows, and what to do with it. */
final class GapSummary {
    private static final int KEYS_SHOWN = 50;
    private static final List<String> OPS = List.of("insert", "update", "delete", "truncate");

    private final GapReport.Heading heading;
    private final GapReport.Counts counts;
    private final SortedMap<String, SortedMap<String, Long>> byTable = new TreeMap<>();
    private final SortedMap<String, Set<String>> keys = new TreeMap<>();
    private String first = "";
    private String last = "";

    GapSummary(GapReport.Heading heading, GapReport.Counts counts) {
        this.heading = heading;
        this.counts = counts;
    }

    /** A line of the report. */
    void add(JsonNode change) {
        if (!change.get("by").asText().equals("application")) {
            return;
        }
        String table = change.get("table").asText();
        byTable.computeIfAbsent(table, t -> new TreeMap<>())
                .merge(change.get("op").asText(), 1L, Long::sum);
        Set<String> shown = keys.computeIfAbsent(table, t -> new LinkedHashSet<>());
        if (shown.size() <= KEYS_SHOWN) {
            shown.add(key(change.get("key")));
        }
        String at = change.get("at").asText();
        first = first.isEmpty() ? at : first;
        last = at;
    }

    private static String key(JsonNode key) {
        StringJoiner columns = new StringJoiner(", ");
        key.properties()
                .forEach(column ->
                        columns.add(column.getKey() + "=" + column.getValue().asText()));
        return columns.length() == 0 ? "(no key)" : columns.toString();
    }

    String text(Path report, Path statements) {
        List<String> lines = new ArrayList<>();
        lines.add("# Gap of " + heading.tenant() + ", upgrade " + heading.upgrade());
        lines.add("");
        lines.add("Database `" + heading.database() + "` was put back to backup `" + heading.backup()
                + "`. Between that"
                + " backup and the end of the failed version (log positions " + heading.from() + " to " + heading.to()
                + ") the application made **" + counts.writes() + "** row changes, which the restored database does not"
                + " have. The migration made " + counts.migrationWrites() + " more, which are not wanted back.");
        if (counts.writes() > 0) {
            lines.add("");
            lines.add("First committed at " + first + ", last at " + last + ".");
            lines.add("");
            lines.add("| table | inserted | updated | deleted | truncated |");
            lines.add("|---|---:|---:|---:|---:|");
            for (Map.Entry<String, SortedMap<String, Long>> table : byTable.entrySet()) {
                StringJoiner row = new StringJoiner(" | ", "| ", " |");
                row.add("`" + table.getKey() + "`");
                OPS.forEach(op -> row.add(Long.toString(table.getValue().getOrDefault(op, 0L))));
                lines.add(row.toString());
            }
            keys.forEach((table, shown) -> {
                lines.add("");
                lines.add("## Rows of `" + table + "`");
                lines.add("");
                shown.stream().limit(KEYS_SHOWN).forEach(key -> lines.add("- `" + key.replace('\n', ' ') + "`"));
                if (shown.size() > KEYS_SHOWN) {
                    lines.add("- and more; the report has all");
                }
            });
        }
        lines.add("");
        lines.add("## What to do with it");
        lines.add("");
        lines.add("- Every change, with the row as it was written: `" + report.getFileName()
                + "` (one JSON object a line).");
        lines.add("- The same as SQL for the restored schema: `" + statements.getFileName()
                + "`. Read it, then run it with"
                + " `psql --single-transaction -v ON_ERROR_STOP=1 -f`. Columns that only the failed version had are left"
                + " out there and are in the report.");
        lines.add(
                "- The failed database is kept under another name on the same server, and its dump is in the catalogue.");
        lines.add("");
        return String.join("\n", lines);
    }
}
