package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.contract.schema.SchemaFingerprint;
import dev.upkeep.executor.driver.Database;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a database holds, small enough to keep beside its dump and exact enough to know a restored copy by it.
 *
 * @param tables by name as SQL writes it, such as {@code public.note}
 * @param sequences by name as SQL writes it
 */
record Contents(
        SchemaFingerprint fingerprint,
        SortedMap<String, Table> tables,
        SortedMap<String, Sequence> sequences,
        long largeObjects) {

    /** Tables that hold rows of the product's own; a partitioned table's rows are its partitions'. */
    private static final String TABLES = """
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_index i
                         CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
                         WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place),
                   ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                         ORDER BY a.attnum)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'upkeep')
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            """;

    private static final String SEQUENCES = """
            SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), s.seqincrement
            FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'upkeep')
            """;

    Contents {
        Objects.requireNonNull(fingerprint, "fingerprint");
        tables = new TreeMap<>(tables);
        sequences = new TreeMap<>(sequences);
        if (largeObjects < 0) {
            throw new IllegalArgumentException("there can't be " + largeObjects + " large objects");
        }
    }

    /**
     * One table.
     *
     * @param checksum the sum of the hashes of its rows as text; the order of the rows does not matter
     * @param key the columns of its primary key; empty if it has none
     * @param columns those that can be written: not the generated ones
     */
    record Table(long rows, String checksum, List<String> key, List<String> columns) {
        Table {
            Objects.requireNonNull(checksum, "checksum");
            key = List.copyOf(key);
            columns = List.copyOf(columns);
        }
    }

    /** One sequence: where it stands, and which way it counts. */
    record Sequence(long value, boolean called, long increment) {
        /** Whether every number this one has given has been given by the other too. */
        boolean isBehindOrAt(Sequence other) {
            int order = Long.compare(other.value, value) * (increment < 0 ? -1 : 1);
            return order > 0 || (order == 0 && (!called || other.called));
        }
    }

    /**
     * Reads what the connection's transaction sees; the session must be {@link Server#normalise normal}.
     *
     * <p>Sequences are read first: they take no part in snapshots, so that a later dump finds them here or further on.
     */
    static Contents read(Connection connection) throws SQLException, InterruptedException {
        SortedMap<String, Sequence> sequences = sequences(connection);
        SchemaFingerprint fingerprint = Database.fingerprint(connection);
        SortedMap<String, Table> tables = tables(connection, true);
        long largeObjects =
                Long.parseLong(Server.text(connection, "SELECT count(*)::text FROM pg_largeobject_metadata"));
        return new Contents(fingerprint, tables, sequences, largeObjects);
    }

    /** The tables that are there, with their keys and columns, but with no row counted. */
    static SortedMap<String, Table> shapes(Connection connection) throws SQLException, InterruptedException {
        return tables(connection, false);
    }

    /** Where the sequences stand. */
    static SortedMap<String, Sequence> sequences(Connection connection) throws SQLException {
        SortedMap<String, Long> increments = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SEQUENCES)) {
            while (rows.next()) {
                increments.put(rows.getString(1), rows.getLong(2));
            }
        }
        SortedMap<String, Sequence> sequences = new TreeMap<>();
        for (Map.Entry<String, Long> sequence : increments.entrySet()) {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT last_value, is_called FROM " + sequence.getKey())) {
                row.next();
                sequences.put(sequence.getKey(), new Sequence(row.getLong(1), row.getBoolean(2), sequence.getValue()));
            }
        }
        return sequences;
    }

    private static SortedMap<String, Table> tables(Connection connection, boolean count)
            throws SQLException, InterruptedException {
        SortedMap<String, Table> shapes = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(TABLES)) {
            while (rows.next()) {
                shapes.put(rows.getString(1), new Table(0, "", strings(rows, 2), strings(rows, 3)));
            }
        }
        if (!count) {
            return shapes;
        }
        SortedMap<String, Table> counted = new TreeMap<>();
        for (Map.Entry<String, Table> table : shapes.entrySet()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("cancelled while counting rows");
            }
            try (PreparedStatement statement = connection.prepareStatement(
                            "SELECT count(*), coalesce(sum(hashtextextended((upkeep_row.*)::text COLLATE \"C\", 0)::numeric), 0)::text"
                                    + " FROM ONLY " + table.getKey() + " AS upkeep_row");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                counted.put(
                        table.getKey(),
                        new Table(
                                row.getLong(1),
                                row.getString(2),
                                table.getValue().key(),
                                table.getValue().columns()));
            }
        }
        return counted;
    }

    /** All rows of all tables. */
    long rows() {
        return tables.values().stream().mapToLong(Table::rows).sum();
    }

    /** What a copy has that this has not, or the other way round; empty if it is a true copy. */
    List<String> differences(Contents copy) {
        List<String> differences = new ArrayList<>();
        if (!fingerprint.equals(copy.fingerprint)) {
            differences.add("the schema is " + copy.fingerprint + " and not " + fingerprint);
        }
        Set<String> names = new HashSet<>(tables.keySet());
        names.addAll(copy.tables.keySet());
        for (String name : names.stream().sorted().toList()) {
            Table mine = tables.get(name);
            Table theirs = copy.tables.get(name);
            if (mine == null || theirs == null) {
                differences.add("table " + name + (mine == null ? " is new" : " is missing"));
            } else if (mine.rows != theirs.rows) {
                differences.add("table " + name + " has " + theirs.rows + " rows and not " + mine.rows);
            } else if (!mine.checksum.equals(theirs.checksum)) {
                differences.add("table " + name + " has as many rows, but not the same ones");
            }
        }
        sequences.forEach((name, mine) -> {
            Sequence theirs = copy.sequences.get(name);
            if (theirs == null || !mine.isBehindOrAt(theirs)) {
                differences.add("sequence " + name + (theirs == null ? " is missing" : " would give numbers again"));
            }
        });
        if (largeObjects != copy.largeObjects) {
            differences.add("there are " + copy.largeObjects + " large objects and not " + largeObjects);
        }
        return differences;
    }

    private static List<String> strings(ResultSet row, int column) throws SQLException {
        Array array = row.getArray(column);
        return Arrays.asList((String[]) array.getArray());
    }
}
