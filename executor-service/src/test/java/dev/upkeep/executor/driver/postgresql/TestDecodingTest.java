package dev.upkeep.executor.driver.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upkeep.executor.driver.postgresql.Change.Commit;
import dev.upkeep.executor.driver.postgresql.Change.Message;
import dev.upkeep.executor.driver.postgresql.Change.Op;
import dev.upkeep.executor.driver.postgresql.Change.Truncate;
import dev.upkeep.executor.driver.postgresql.Change.Write;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TestDecodingTest {
    /** What a careless reader takes for the form's own words. */
    private static final List<String> NASTY = List.of(
            "",
            "null",
            "'",
            "''",
            "'''",
            "\"",
            "\\",
            "\\'",
            "\n",
            "\r\n\t",
            " new-tuple: id[integer]:1",
            " old-key:",
            "unchanged-toast-datum",
            "x' y[text]:'z",
            "(no-tuple-data)",
            "COMMIT 1 (at 2020-01-01 00:00:00+00)",
            "]",
            "[",
            ":",
            ",",
            "B'101'",
            "é😀\u2028",
            "$$",
            "{a,\"b\"}",
            "%s\0".replace("\0", ""),
            "  ",
            "-- x",
            "/* */ ;");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readsBackEveryNastyRowThatAServerDecodes(long seed) throws Exception {
        // Given a table whose name, columns and types are as odd as SQL lets them be
        Ground ground = new Ground(directory);
        ground.sql(
                "CREATE SCHEMA \"s.: \"\"x\"; CREATE TYPE \"s.: \"\"x\".\"We[ird] \"\"type\" AS ENUM ('a b', 'c''d', ']:')");
        ground.sql("CREATE TYPE pair AS (a int, b text)");
        String table = "\"s.: \"\"x\".\"Ta.b:l,e \"\"y\"";
        ground.sql("CREATE TABLE " + table + " (id int PRIMARY KEY, \"Col umn:[x]\" text, \"new-tuple\" varchar(200),"
                + " money numeric(10,2), tags character varying[], at timestamp(3) without time zone, zoned timestamptz,"
                + " raw bytea, flag boolean, doc jsonb, bits bit(5), vbits bit varying(8), f float8,"
                + " kind \"s.: \"\"x\".\"We[ird] \"\"type\", kinds \"s.: \"\"x\".\"We[ird] \"\"type\"[], p pair, i interval,"
                + " u uuid, c char(3), \"\"\"\" text)");
        String slot = "upkeep_test_" + ground.name;
        ground.ask("SELECT pg_create_logical_replication_slot('" + slot + "', 'test_decoding')");
        Random random = new Random(seed);

        // When rows are written, changed and deleted at random
        List<Map<String, @Nullable String>> expected = new ArrayList<>();
        List<Op> ops = new ArrayList<>();
        TreeSet<Integer> there = new TreeSet<>();
        try (Connection connection = ground.database().connect()) {
            Server.normalise(connection);
            Server.run(connection, "SET search_path = public, pg_catalog");
            for (int n = 0; n < 150; n++) {
                int way = random.nextInt(10);
                if (there.isEmpty() || way < 5) {
                    write(
                            connection,
                            "INSERT INTO " + table + " VALUES (" + n + ", ?, ?, ?::numeric, ?::varchar[],"
                                    + " ?::timestamp, ?::timestamptz, ?::bytea, ?::boolean, ?::jsonb, ?::bit(5), ?::varbit, ?::float8,"
                                    + " ?::text::\"s.: \"\"x\".\"We[ird] \"\"type\", ?::text::\"s.: \"\"x\".\"We[ird] \"\"type\"[], ?::pair,"
                                    + " ?::interval, ?::uuid, ?::char(3), ?)",
                            random);
                    there.add(n);
                    ops.add(Op.INSERT);
                    expected.add(row(connection, table, n));
                } else {
                    int id = there.ceiling(random.nextInt(n)) instanceof Integer above ? above : there.first();
                    if (way < 8) {
                        String text = text(random);
                        try (PreparedStatement update = connection.prepareStatement(
                                "UPDATE " + table + " SET \"new-tuple\" = ?, \"\"\"\" = ? WHERE id = " + id)) {
                            update.setString(1, text);
                            update.setString(2, text(random));
                            update.executeUpdate();
                        }
                        ops.add(Op.UPDATE);
                        expected.add(row(connection, table, id));
                    } else {
                        Server.run(connection, "DELETE FROM " + table + " WHERE id = " + id);
                        there.remove(id);
                        ops.add(Op.DELETE);
                        Map<String, @Nullable String> key = new LinkedHashMap<>();
                        key.put("id", Integer.toString(id));
                        expected.add(key);
                    }
                }
            }
        }

        // Then what is decoded is what was written
        List<Write> writes = decoded(ground, slot).stream()
                .filter(Write.class::isInstance)
                .map(Write.class::cast)
                .toList();
        ground.ask("SELECT pg_drop_replication_slot('" + slot + "')");
        assertThat(writes).extracting(Write::op).isEqualTo(ops);
        assertThat(writes).extracting(Write::table).containsOnly(table);
        for (int n = 0; n < writes.size(); n++) {
            Write write = writes.get(n);
            assertThat((write.op() == Op.DELETE ? write.old() : write.row())
                            .orElseThrow()
                            .columns())
                    .as("seed %d, write %d", seed, n)
                    .isEqualTo(expected.get(n));
        }
    }

    private static void write(Connection connection, String sql, Random random) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            List<List<String>> choices = List.of(
                    List.of(text(random)),
                    List.of(text(random)),
                    List.of("1.50", "-99999999.99", "0", "NaN"),
                    List.of("{}", "{a,\"b c\",NULL,\"x\\\"y\"}", "{\"it's\",\"null\"}"),
                    List.of("2026-01-02 03:04:05.678", "0044-03-15 12:00:00 BC", "infinity"),
                    List.of("2026-01-02 03:04:05.678901+05:30", "-infinity"),
                    List.of("\\x", "\\xdeadbeef00ff27", "\\x27275c"),
                    List.of("true", "false"),
                    List.of("null", "{\"a\": [1, \"it's\", null]}", "\"text\""),
                    List.of("10101", "00000"),
                    List.of("", "1", "10101010"),
                    List.of("NaN", "Infinity", "-Infinity", "0.1", "1e300", "-0"),
                    List.of("a b", "c'd", "]:"),
                    List.of("{}", "{\"a b\",c'd}"),
                    List.of("(1,x)", "(,\"a, b\")", "(,)"),
                    List.of("1 mon 2 days 03:04:05", "-00:00:01", "0"),
                    List.of("00000000-0000-0000-0000-000000000001"),
                    List.of("", "a", "'b "),
                    List.of(text(random)));
            for (int n = 0; n < choices.size(); n++) {
                List<String> of = choices.get(n);
                insert.setString(n + 1, random.nextInt(6) == 0 ? null : of.get(random.nextInt(of.size())));
            }
            insert.executeUpdate();
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(4); n >= 0; n--) {
            text.append(NASTY.get(random.nextInt(NASTY.size())));
        }
        return text.length() > 200 ? text.substring(0, 100) : text.toString();
    }

    private static Map<String, @Nullable String> row(Connection connection, String table, int id) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id::text, \"Col umn:[x]\", \"new-tuple\", money::text,"
                        + " tags::text, at::text, zoned::text, raw::text, flag::text, doc::text, bits::text, vbits::text,"
                        // A cast of char(n) to text drops its padding, which is part of its text form.
                        + " f::text, kind::text, kinds::text, p::text, i::text, u::text, rpad(c, 3) AS c, \"\"\"\" FROM "
                        + table
                        + " WHERE id = " + id)) {
            row.next();
            Map<String, @Nullable String> columns = new LinkedHashMap<>();
            for (int n = 1; n <= row.getMetaData().getColumnCount(); n++) {
                columns.put(row.getMetaData().getColumnLabel(n), row.getString(n));
            }
            return columns;
        }
    }

    private static List<Change> decoded(Ground ground, String slot) throws SQLException {
        List<Change> changes = new ArrayList<>();
        try (Connection connection = ground.database().connect()) {
            Server.normalise(connection);
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT data FROM pg_logical_slot_peek_changes('" + slot
                            + "', NULL, NULL, 'include-xids', 'on', 'include-timestamp', 'on')")) {
                while (rows.next()) {
                    changes.add(TestDecoding.read(rows.getString(1)));
                }
            }
        }
        return changes;
    }

    @Test
    void readsTheFormsThatHaveNoRow() {
        assertThat(TestDecoding.read("table public.t, s.\"U\": TRUNCATE: restart_seqs cascade"))
                .isEqualTo(new Truncate(List.of("public.t", "s.\"U\"")));
        assertThat(TestDecoding.read("message: transactional: 1 prefix: upkeep.migration, sz: 3 content:a\nb"))
                .isEqualTo(new Message(true, "upkeep.migration", "a\nb"));
        assertThat(TestDecoding.read("COMMIT 7 (at 2026-11-20 19:43:46.1+00)"))
                .isEqualTo(new Commit("7", Instant.parse("2026-11-20T19:43:46.1Z")));
        assertThat(((Write) TestDecoding.read("table public.t: DELETE: (no-tuple-data)")).old())
                .isEmpty();
    }

    @Test
    void tellsTheOldKeyFromTheNewRow() {
        Write write = (Write)
                TestDecoding.read("table public.t: UPDATE: old-key: id[integer]:1 \"new-tuple\"[text]:' new-tuple:'"
                        + " new-tuple: id[integer]:2 \"new-tuple\"[text]:null big[text]:unchanged-toast-datum");

        assertThat(write.old().orElseThrow().columns())
                .containsEntry("id", "1")
                .containsEntry("new-tuple", " new-tuple:");
        assertThat(write.row().orElseThrow().columns()).containsEntry("id", "2").containsEntry("new-tuple", null);
        assertThat(write.row().orElseThrow().unchanged()).containsExactly("big");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "table public.t: UPSERT: id[integer]:1",
                "table public.t: INSERT: id[integer:1",
                "table public.t: INSERT: id[integer]:'1",
                "table public: INSERT: id[integer]:1",
                "BEGIN x",
                "table public.t: INSERT: id[integer]1",
                "table public.t: UPDATE: old-key: id[integer]:1",
                "table public.t, public.u: INSERT: id[integer]:1",
                "COMMIT 1"
            })
    void refusesWhatHasAnotherForm(String data) {
        assertThatThrownBy(() -> TestDecoding.read(data)).isInstanceOf(IllegalArgumentException.class);
    }
}
