package dev.upkeep.sample.writer;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Asks of every acknowledged write where it is.
 *
 * <p>The writes of one note stand in one order, and the database shows the note as one of them left it. That one and
 * all before it are found; every acknowledged one after it was taken back, and must be itemised in a gap report.
 */
public final class Accounting {
    private Accounting() {}

    /** To be asked when the writer has stopped and the tenant is at rest. */
    public static Account check(Path journal, String databaseUrl, String user, String password, List<Path> gapReports)
            throws IOException, SQLException {
        List<GapReport.Item> items = new ArrayList<>();
        for (Path report : gapReports) {
            items.addAll(GapReport.read(report).items());
        }
        return account(Journal.read(journal), rows(databaseUrl, user, password), items);
    }

    static Account account(List<Write> journal, Map<UUID, NoteRow> rows, List<GapReport.Item> items) {
        Map<UUID, List<GapReport.Item>> itemised =
                items.stream().collect(Collectors.groupingBy(GapReport.Item::noteId));
        Map<UUID, List<Write>> notes =
                journal.stream().collect(Collectors.groupingBy(Write::noteId, LinkedHashMap::new, Collectors.toList()));
        Tally tally = new Tally();
        notes.forEach((note, writes) -> account(tally, writes, rows.get(note), itemised.getOrDefault(note, List.of())));
        tally.lookForUnasked(
                journal, rows.values().stream().map(NoteRow::writeId).collect(Collectors.toSet()));
        return tally.account();
    }

    private static void account(Tally tally, List<Write> writes, @Nullable NoteRow row, List<GapReport.Item> itemised) {
        int shown = shown(writes, row);
        boolean altered = row != null && shown >= 0 && !row.keeps(writes.get(shown));
        for (int i = 0; i < writes.size(); i++) {
            Write write = writes.get(i);
            if (write.status() != Status.ACKNOWLEDGED) {
                continue;
            }
            if (i < shown || (i == shown && !altered)) {
                tally.found++;
            } else if (itemised.stream().anyMatch(item -> item.tellsOf(write))) {
                tally.itemised++;
            } else {
                tally.missing.add(new Account.Missing(write, because(write, row, i == shown)));
            }
        }
    }

    /** The place of the last write that left the note as the database shows it; -1 when it is as before the first. */
    private static int shown(List<Write> writes, @Nullable NoteRow row) {
        for (int i = writes.size() - 1; i >= 0; i--) {
            Write write = writes.get(i);
            boolean deletes = write.operation() == Operation.DELETE;
            if (row == null
                    ? deletes && write.status() != Status.REFUSED
                    : write.writeId().equals(row.writeId())) {
                return i;
            }
        }
        return -1;
    }

    private static String because(Write write, @Nullable NoteRow row, boolean altered) {
        if (row == null) {
            return "the database has no note " + write.noteId() + ", and no gap report tells of this write";
        }
        if (altered) {
            return "the database has this write with other words: " + row.columns();
        }
        return "the database shows the note as write " + row.writeId()
                + " left it, and no gap report tells of this write";
    }

    private static final class Tally {
        private long found;
        private long itemised;
        private final List<Account.Missing> missing = new ArrayList<>();
        private final List<Write> unasked = new ArrayList<>();

        void lookForUnasked(List<Write> journal, Set<UUID> kept) {
            journal.stream()
                    .filter(write -> write.status() == Status.REFUSED && kept.contains(write.writeId()))
                    .forEach(unasked::add);
        }

        Account account() {
            return new Account(found + itemised + missing.size(), found, itemised, missing, unasked);
        }
    }

    static Map<UUID, NoteRow> rows(String url, String user, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("ApplicationName", "inkwell-writer");
        Map<UUID, NoteRow> notes = new HashMap<>();
        try (Connection connection = DriverManager.getConnection(url, properties);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM note")) {
            ResultSetMetaData about = rows.getMetaData();
            while (rows.next()) {
                Map<String, @Nullable String> columns = new HashMap<>();
                for (int i = 1; i <= about.getColumnCount(); i++) {
                    columns.put(about.getColumnName(i), rows.getString(i));
                }
                notes.put(UUID.fromString(Objects.requireNonNull(columns.get("id"))), NoteRow.of(columns));
            }
        }
        return notes;
    }
}
