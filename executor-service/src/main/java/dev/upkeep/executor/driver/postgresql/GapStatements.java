package dev.upkeep.executor.driver.postgresql;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Collectors;

/**
 * Writes a gap as SQL that a person may run on the restored database: the application's changes alone, in their order,
 * with the columns that the restored schema has. Running it a second time changes nothing.
 */
final class GapStatements {
    private final Writer out;
    private final SortedMap<String, Contents.Table> tables;

    GapStatements(Writer out, SortedMap<String, Contents.Table> tables) {
        this.out = out;
        this.tables = tables;
    }

    void begin(GapReport.Heading heading) throws IOException {
        out.write("-- The gap of " + heading.tenant() + ", upgrade " + heading.upgrade() + ", for the schema of backup "
                + heading.backup()
                + ".\n-- Read it before you run it: psql --single-transaction -v ON_ERROR_STOP=1 -f\n"
                + "SET standard_conforming_strings = on;\nSET DateStyle = 'ISO, YMD';\nSET IntervalStyle = postgres;\n"
                + "SET TimeZone = 'UTC';\n");
    }

    void end() throws IOException {
        out.write("-- The end.\n");
    }

    /** A line of the report. */
    void add(JsonNode change) throws IOException {
        if (!change.get("by").asText().equals("application")) {
            return;
        }
        String table = change.get("table").asText();
        String op = change.get("op").asText();
        Contents.Table shape = tables.get(table);
        if (shape == null) {
            skip(op, table, "the restored schema has no such table");
            return;
        }
        switch (op) {
            case "insert" -> insert(table, shape, change.get("row"));
            case "update" -> update(table, shape, change);
            case "delete" -> delete(table, shape, change.get("key"));
            default -> skip(op, table, "decide by hand whether its rows should go");
        }
    }

    private void insert(String table, Contents.Table shape, JsonNode row) throws IOException {
        List<String> columns = known(shape, row);
        if (columns.isEmpty()) {
            skip("insert", table, "no column of it is in the restored schema");
            return;
        }
        StringBuilder sql = new StringBuilder("INSERT INTO ").append(table).append(" (");
        sql.append(columns.stream().map(Server::identifier).collect(Collectors.joining(", ")));
        // Without it a column that is GENERATED ALWAYS AS IDENTITY takes no value.
        sql.append(") OVERRIDING SYSTEM VALUE VALUES (");
        sql.append(columns.stream().map(column -> literal(row.get(column))).collect(Collectors.joining(", ")));
        sql.append(')');
        if (!shape.key().isEmpty() && columns.containsAll(shape.key())) {
            List<String> others = columns.stream()
                    .filter(column -> !shape.key().contains(column))
                    .toList();
            sql.append(" ON CONFLICT (")
                    .append(shape.key().stream().map(Server::identifier).collect(Collectors.joining(", ")))
                    .append(others.isEmpty() ? ") DO NOTHING" : ") DO UPDATE SET ");
            sql.append(others.stream()
                    .map(column -> Server.identifier(column) + " = excluded." + Server.identifier(column))
                    .collect(Collectors.joining(", ")));
        } else {
            out.write("-- A table without a key: running this twice inserts it twice.\n");
        }
        out.write(sql.append(";\n").toString());
    }

    private void update(String table, Contents.Table shape, JsonNode change) throws IOException {
        JsonNode row = change.get("row");
        JsonNode where = change.has("old") ? change.get("old") : change.get("key");
        List<String> key = shape.key().stream().filter(where::has).toList();
        if (key.isEmpty() || key.size() < shape.key().size()) {
            skip("update", table, "the server did not say which row it was");
            return;
        }
        // A key that stays is not set: an identity column could not be.
        List<String> columns = known(shape, row).stream()
                .filter(column -> !key.contains(column) || !row.get(column).equals(where.get(column)))
                .toList();
        if (columns.isEmpty()) {
            skip("update", table, "none of the columns that changed is in the restored schema");
            return;
        }
        out.write("UPDATE " + table + " SET "
                + columns.stream()
                        .map(column -> Server.identifier(column) + " = " + literal(row.get(column)))
                        .collect(Collectors.joining(", "))
                + where(key, where) + ";\n");
    }

    private void delete(String table, Contents.Table shape, JsonNode key) throws IOException {
        List<String> columns = shape.key().stream().filter(key::has).toList();
        if (columns.isEmpty() || columns.size() < shape.key().size()) {
            skip("delete", table, "the server did not say which row it was");
            return;
        }
        out.write("DELETE FROM " + table + where(columns, key) + ";\n");
    }

    private static String where(List<String> columns, JsonNode values) {
        return columns.stream()
                .map(column -> Server.identifier(column) + " = " + literal(values.get(column)))
                .collect(Collectors.joining(" AND ", " WHERE ", ""));
    }

    private static List<String> known(Contents.Table shape, JsonNode row) {
        List<String> known = new ArrayList<>();
        shape.columns().stream().filter(row::has).forEach(known::add);
        return known;
    }

    private static String literal(JsonNode value) {
        return value.isNull() ? "NULL" : "'" + value.asText().replace("'", "''") + "'";
    }

    private void skip(String op, String table, String why) throws IOException {
        out.write("-- Not here: a change (" + op + ") of " + table.replace('\n', ' ') + ": " + why
                + ". The report has it.\n");
    }
}
