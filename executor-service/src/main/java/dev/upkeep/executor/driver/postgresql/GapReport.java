package dev.upkeep.executor.driver.postgresql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.upkeep.contract.TenantId;
import dev.upkeep.contract.UpgradeId;
import dev.upkeep.contract.wire.Wire;
import dev.upkeep.executor.driver.postgresql.Change.Begin;
import dev.upkeep.executor.driver.postgresql.Change.Commit;
import dev.upkeep.executor.driver.postgresql.Change.Message;
import dev.upkeep.executor.driver.postgresql.Change.Truncate;
import dev.upkeep.executor.driver.postgresql.Change.Tuple;
import dev.upkeep.executor.driver.postgresql.Change.Write;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * Writes the gap down: every change of a row since the backup's snapshot, in the order of commits.
 *
 * <p>Ordering: changes are spooled as they are decoded, since whose a transaction is and when it was committed is only
 * known at its end; then the report is written from the spool. Memory is bounded by the largest row. Failure: the report
 * gets its name when it is whole and on disk; a later report of the same upgrade replaces it.
 */
final class GapReport {
    /** What the migrate driver writes into each of its transactions. */
    static final String MIGRATION = "upkeep.migration";

    private static final ObjectMapper JSON = Wire.json();

    private final Heading heading;
    private final Set<String> history;
    private final SortedMap<String, Contents.Table> before;
    private final SortedMap<String, Contents.Table> now;
    private final Path changes;
    private final Path transactions;

    private long writes;
    private long migrationWrites;
    private long rowsOfTransaction;
    private long ownRowsOfTransaction;
    private boolean migration;
    private boolean open;

    /**
     * What the report says of itself.
     *
     * @param from where in the server's log the backup's snapshot is
     * @param to up to where the log was read
     */
    record Heading(TenantId tenant, UpgradeId upgrade, String database, String backup, String from, String to) {
        Heading {
            Objects.requireNonNull(tenant, "tenant");
            Objects.requireNonNull(upgrade, "upgrade");
        }
    }

    /** How much there was. */
    record Counts(long writes, long migrationWrites) {}

    /**
     * @param history the name of the table in which the migration tool keeps its books
     * @param before the tables as the backup has them: by their keys rows are told apart
     * @param now the tables as they are, for those that the backup has not
     * @param spool an empty directory
     */
    GapReport(
            Heading heading,
            String history,
            SortedMap<String, Contents.Table> before,
            SortedMap<String, Contents.Table> now,
            Path spool) {
        this.heading = heading;
        this.history = Set.of(history);
        this.before = before;
        this.now = now;
        this.changes = spool.resolve("gap-changes.spool");
        this.transactions = spool.resolve("gap-transactions.spool");
    }

    /** The decoder's output, one line after the other. */
    interface Source {
        /** The next line, or nothing at the end. */
        Optional<Decoded> next() throws IOException, InterruptedException;
    }

    /** One line of the decoder, and where in the log its change is. */
    record Decoded(String lsn, Change change) {}

    /** Reads everything, then writes the report's files. */
    Counts write(Source source, Path report) throws IOException, InterruptedException {
        spool(source);
        Path part = report.resolveSibling(report.getFileName() + ".part");
        Path sql = sibling(report, ".sql");
        Path sqlPart = sql.resolveSibling(sql.getFileName() + ".part");
        GapSummary summary = new GapSummary(heading, new Counts(writes, migrationWrites));
        try {
            try (BufferedWriter lines = Files.newBufferedWriter(part);
                    BufferedWriter statements = Files.newBufferedWriter(sqlPart);
                    BufferedReader rows = Files.newBufferedReader(changes);
                    BufferedReader ends = Files.newBufferedReader(transactions)) {
                lines.write(JSON.writeValueAsString(header()));
                lines.newLine();
                GapStatements reapply = new GapStatements(statements, before);
                reapply.begin(heading);
                String end = ends.readLine();
                while (end != null) {
                    JsonNode transaction = JSON.readTree(end);
                    for (long row = transaction.get("rows").asLong(); row > 0; row--) {
                        ObjectNode change = complete(JSON.readTree(rows.readLine()), transaction);
                        lines.write(JSON.writeValueAsString(change));
                        lines.newLine();
                        summary.add(change);
                        reapply.add(change);
                    }
                    end = ends.readLine();
                }
                reapply.end();
            }
            Path readable = sibling(report, ".md");
            Path readablePart = readable.resolveSibling(readable.getFileName() + ".part");
            Files.writeString(readablePart, summary.text(report, sql));
            Durable.publish(sqlPart, sql);
            Durable.publish(readablePart, readable);
            Durable.publish(part, report);
            return new Counts(writes, migrationWrites);
        } finally {
            Files.deleteIfExists(part);
            Files.deleteIfExists(sqlPart);
            Files.deleteIfExists(changes);
            Files.deleteIfExists(transactions);
        }
    }

    private void spool(Source source) throws IOException, InterruptedException {
        try (BufferedWriter rows = Files.newBufferedWriter(changes);
                BufferedWriter ends = Files.newBufferedWriter(transactions)) {
            Optional<Decoded> next = source.next();
            while (next.isPresent()) {
                spool(next.get(), rows, ends);
                next = source.next();
            }
        }
        if (open) {
            throw new IOException("the last transaction has no end");
        }
    }

    private void spool(Decoded decoded, BufferedWriter rows, BufferedWriter ends) throws IOException {
        switch (decoded.change()) {
            case Begin(String xid) -> {
                open = true;
                migration = false;
                rowsOfTransaction = 0;
                ownRowsOfTransaction = 0;
            }
            case Write write -> row(node(decoded.lsn(), write), write.table(), rows);
            case Truncate(List<String> tables) -> {
                for (String table : tables) {
                    row(truncated(decoded.lsn(), table), table, rows);
                }
            }
            case Message(boolean transactional, String prefix, String content) ->
                migration |= transactional && prefix.equals(MIGRATION);
            case Commit(String xid, java.time.Instant at) -> {
                long others = rowsOfTransaction - ownRowsOfTransaction;
                writes += migration ? 0 : others;
                migrationWrites += migration ? rowsOfTransaction : ownRowsOfTransaction;
                ObjectNode end = JSON.createObjectNode();
                end.put("rows", rowsOfTransaction);
                end.put("xid", xid);
                end.put("at", at.toString());
                end.put("migration", migration);
                ends.write(JSON.writeValueAsString(end));
                ends.newLine();
                open = false;
            }
        }
    }

    private void row(ObjectNode node, String table, BufferedWriter rows) throws IOException {
        if (!open) {
            throw new IOException("a change is outside a transaction");
        }
        rowsOfTransaction++;
        ownRowsOfTransaction += isOwn(table) ? 1 : 0;
        rows.write(JSON.writeValueAsString(node));
        rows.newLine();
    }

    /** Upkeep's and the migration tool's books are none of the application's writes. */
    private boolean isOwn(String table) {
        return table.startsWith("upkeep.")
                || history.contains(TestDecoding.unquoted(table.substring(nameBegins(table))));
    }

    /** Where in a qualified name the table's own begins; a quoted schema may contain a dot. */
    private static int nameBegins(String table) {
        int at = 0;
        if (table.charAt(0) == '"') {
            at = 1;
            while (table.charAt(at) != '"' || table.charAt(at + 1) == '"') {
                at += table.charAt(at) == '"' ? 2 : 1;
            }
        }
        return table.indexOf('.', at) + 1;
    }

    private ObjectNode header() {
        ObjectNode header = JSON.createObjectNode();
        header.put("kind", "header");
        header.put("tenant", heading.tenant().value());
        header.put("upgrade", heading.upgrade().value());
        header.put("database", heading.database());
        header.put("backup", heading.backup());
        header.put("from", heading.from());
        header.put("to", heading.to());
        header.put("writes", writes);
        header.put("migrationWrites", migrationWrites);
        return header;
    }

    private ObjectNode node(String lsn, Write write) {
        ObjectNode node = begun(lsn, write.table(), write.op().word());
        node.set("key", key(write));
        write.row().ifPresentOrElse(row -> columns(node.putObject("row"), row), () -> node.putNull("row"));
        write.row().filter(row -> !row.unchanged().isEmpty()).ifPresent(row -> {
            ArrayNode unchanged = node.putArray("unchanged");
            row.unchanged().stream().sorted().forEach(unchanged::add);
        });
        // What identified the row before, where the application changed just that.
        if (write.op() == Change.Op.UPDATE) {
            write.old().ifPresent(old -> columns(node.putObject("old"), old));
        }
        return node;
    }

    private ObjectNode truncated(String lsn, String table) {
        ObjectNode node = begun(lsn, table, "truncate");
        node.putObject("key");
        node.putNull("row");
        return node;
    }

    private static ObjectNode begun(String lsn, String table, String op) {
        ObjectNode node = JSON.createObjectNode();
        node.put("kind", "write");
        node.put("lsn", lsn);
        node.put("table", table);
        node.put("op", op);
        return node;
    }

    private static void columns(ObjectNode into, Tuple tuple) {
        tuple.columns().forEach(into::put);
    }

    /** The primary key as the backup knows it, else as the table has it now, else whatever the server identifies by. */
    private ObjectNode key(Write write) {
        ObjectNode key = JSON.createObjectNode();
        Optional<Tuple> tuple = write.op() == Change.Op.DELETE ? write.old() : write.row();
        if (tuple.isEmpty()) {
            return key;
        }
        Map<String, @org.jspecify.annotations.Nullable String> columns =
                tuple.get().columns();
        for (SortedMap<String, Contents.Table> shapes : List.of(before, now)) {
            Contents.Table shape = shapes.get(write.table());
            if (shape != null && !shape.key().isEmpty() && shape.key().stream().allMatch(columns::containsKey)) {
                shape.key().forEach(column -> key.put(column, columns.get(column)));
                return key;
            }
        }
        if (write.op() == Change.Op.DELETE) {
            columns.forEach(key::put);
        }
        return key;
    }

    private ObjectNode complete(JsonNode spooled, JsonNode transaction) {
        ObjectNode change = JSON.createObjectNode();
        change.put("kind", "write");
        change.set("lsn", spooled.get("lsn"));
        change.set("xid", transaction.get("xid"));
        change.set("at", transaction.get("at"));
        spooled.properties().forEach(member -> {
            if (!change.has(member.getKey())) {
                change.set(member.getKey(), member.getValue());
            }
        });
        boolean own = isOwn(spooled.get("table").asText());
        change.put("by", own || transaction.get("migration").asBoolean() ? "migration" : "application");
        return change;
    }

    private static Path sibling(Path report, String extension) {
        return report.resolveSibling(report.getFileName().toString().replaceFirst("\\.jsonl$", "") + extension);
    }
}
