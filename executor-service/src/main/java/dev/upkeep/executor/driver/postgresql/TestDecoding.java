package dev.upkeep.executor.driver.postgresql;

import dev.upkeep.executor.driver.postgresql.Change.Begin;
import dev.upkeep.executor.driver.postgresql.Change.Commit;
import dev.upkeep.executor.driver.postgresql.Change.Message;
import dev.upkeep.executor.driver.postgresql.Change.Op;
import dev.upkeep.executor.driver.postgresql.Change.Truncate;
import dev.upkeep.executor.driver.postgresql.Change.Tuple;
import dev.upkeep.executor.driver.postgresql.Change.Write;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what PostgreSQL's {@code test_decoding} writes, with {@code include-xids} and {@code include-timestamp} on.
 *
 * <p>The form is that of {@code contrib/test_decoding/test_decoding.c}: identifiers are quoted when SQL would need it,
 * values of numbers and booleans stand bare, bit strings as {@code B'..'}, all others quoted with doubled quotes. What
 * does not have that form is refused: a gap that is misread is worse than one that is not read.
 */
final class TestDecoding {
    private static final Pattern BEGIN = Pattern.compile("BEGIN (\\d+)");
    private static final Pattern COMMIT = Pattern.compile("COMMIT (\\d+) \\(at ([^)]+)\\)");
    private static final Pattern MESSAGE =
            Pattern.compile("message: transactional: ([01]) prefix: (.*), sz: (\\d+) content:(.*)", Pattern.DOTALL);
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
            .appendPattern("x")
            .toFormatter(java.util.Locale.ROOT);

    private final String text;
    private int at;

    private TestDecoding(String text) {
        this.text = text;
    }

    /**
     * One line, which may contain line breaks.
     *
     * @throws IllegalArgumentException if it has another form; the message says where, but shows no value
     */
    static Change read(String data) {
        if (data.startsWith("table ")) {
            return new TestDecoding(data).table();
        }
        Matcher begin = BEGIN.matcher(data);
        if (begin.matches()) {
            return new Begin(begin.group(1));
        }
        Matcher commit = COMMIT.matcher(data);
        if (commit.matches()) {
            return new Commit(commit.group(1), instant(commit.group(2)));
        }
        Matcher message = MESSAGE.matcher(data);
        if (message.matches()) {
            return new Message(message.group(1).equals("1"), message.group(2), message.group(4));
        }
        throw new IllegalArgumentException("a change begins with none of BEGIN, COMMIT, table, message");
    }

    private static Instant instant(String text) {
        return OffsetDateTime.parse(text, TIME).toInstant();
    }

    private Change table() {
        expect("table ");
        List<String> tables = new ArrayList<>();
        tables.add(qualified());
        while (skip(", ")) {
            tables.add(qualified());
        }
        expect(": ");
        if (skip("TRUNCATE:")) {
            return new Truncate(tables);
        }
        if (tables.size() != 1) {
            throw wrong("a single table");
        }
        String table = tables.getFirst();
        if (skip("INSERT:")) {
            return new Write(table, Op.INSERT, Optional.empty(), tuple());
        }
        if (skip("DELETE:")) {
            return new Write(table, Op.DELETE, tuple(), Optional.empty());
        }
        expect("UPDATE:");
        Optional<Tuple> old = Optional.empty();
        if (skip(" old-key:")) {
            old = tuple();
            expect(" new-tuple:");
        }
        return new Write(table, Op.UPDATE, old, tuple());
    }

    private Optional<Tuple> tuple() {
        if (skip(" (no-tuple-data)")) {
            return Optional.empty();
        }
        Map<String, @Nullable String> columns = new LinkedHashMap<>();
        Set<String> unchanged = new HashSet<>();
        while (at < text.length() && !text.startsWith(" new-tuple:", at)) {
            expect(" ");
            String column = unquoted(identifier());
            type();
            expect(":");
            if (skip("unchanged-toast-datum")) {
                unchanged.add(column);
            } else {
                columns.put(column, value());
            }
        }
        return Optional.of(new Tuple(columns, unchanged));
    }

    private String qualified() {
        String schema = identifier();
        expect(".");
        return schema + "." + identifier();
    }

    /** As it is written: with its quotes, if it has any. */
    private String identifier() {
        int begin = at;
        if (at < text.length() && text.charAt(at) == '"') {
            quoted('"');
        } else {
            while (at < text.length() && isPlain(text.charAt(at))) {
                at++;
            }
        }
        if (at == begin) {
            throw wrong("an identifier");
        }
        return text.substring(begin, at);
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }

    static String unquoted(String identifier) {
        return identifier.startsWith("\"")
                ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
                : identifier;
    }

    /** In brackets, which an array's own brackets and a quoted name may be within. */
    private void type() {
        expect("[");
        int depth = 1;
        while (depth > 0) {
            if (at >= text.length()) {
                throw wrong("the end of a type");
            }
            char c = text.charAt(at);
            if (c == '"') {
                quoted('"');
            } else {
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
                at++;
            }
        }
    }

    private @Nullable String value() {
        if (at < text.length() && text.charAt(at) == '\'') {
            return quoted('\'');
        }
        if (text.startsWith("B'", at)) {
            at++;
            return quoted('\'');
        }
        int begin = at;
        while (at < text.length() && text.charAt(at) != ' ') {
            at++;
        }
        if (at == begin) {
            throw wrong("a value");
        }
        String bare = text.substring(begin, at);
        return bare.equals("null") ? null : bare;
    }

    /** Between quotes, which are doubled within. */
    private String quoted(char quote) {
        int begin = ++at;
        StringBuilder value = new StringBuilder();
        while (true) {
            int end = text.indexOf(quote, at);
            if (end < 0) {
                at = begin;
                throw wrong("the closing quote of what begins");
            }
            value.append(text, at, end);
            at = end + 1;
            if (at >= text.length() || text.charAt(at) != quote) {
                return value.toString();
            }
            value.append(quote);
            at++;
        }
    }

    private boolean skip(String word) {
        if (text.startsWith(word, at)) {
            at += word.length();
            return true;
        }
        return false;
    }

    private void expect(String word) {
        if (!skip(word)) {
            throw wrong("'" + word + "'");
        }
    }

    private IllegalArgumentException wrong(String expected) {
        return new IllegalArgumentException("a change has no " + expected + " at character " + at);
    }
}
